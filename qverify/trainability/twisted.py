"""Twisted sequential Monte Carlo: walks that know where they must end, for moments far below 1 / samples.

    E f**2 = mean of  prod over draws of (weight of what was drawn) / (chance with which it was drawn)

Walks are drawn site by site from weight times look-ahead, which is the state-side train F_t truncated to a small
bond: the first string too, or the estimate misses what the first draw hardly ever shows. Weights correct
whatever the truncation does, and a share of every draw is from the plain walk, so the mean is unbiased at any bond.
Particles run on islands; each resamples alone, and the islands' spread is the standard error.
A mean of numbers >= 0 is a lower bound and no upper one (Markov): Pr[mean >= V / risk] <= risk.
Source: Whiteley and Lee, Annals of Statistics 42, 115 (2014); the train as twist is this project's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.errors import Undecidable, Unusable
from qverify.trainability.bits import CODE
from qverify.trainability.chain import Chain, Linear, Reset, Turn
from qverify.trainability.first_strings import first_strings, flat
from qverify.trainability.moment import ZERO, Moment, Second
from qverify.trainability.rounds import Fixed, Round, refuse_draws, rounds_of, sites_of
from qverify.trainability.tensor_train import forth
from qverify.trainability.touched import touched_by
from qverify.trainability.train_ends import ORDER, Train, of_input
from qverify.trainability.walk import total_weight

Real = NDArray[np.float64]
Codes = NDArray[np.uint8]
ISLANDS = 8
SPREAD = 0.05  # share of copies that goes to all walks alike
PLAIN = 0.002  # share of walks that take some draw from the plain walk


@dataclass
class _Crowd:
    """The particles: letters (sites, N), natural logs of weights (N,), and what each did at the turns so far."""

    letters: Codes
    logs: Real
    marks: NDArray[np.bool_]  # (rows, N)
    rows: int = 0
    turns: list[tuple[int, float]] = field(default_factory=list)  # of each row: parameter and factor

    def mark(self, turn: Turn, anti: NDArray[np.bool_], moves: NDArray[np.bool_]) -> None:
        """Note a turn as the walk does: one row for a fair coin, else stayed and moved apart."""
        a, square = turn.stay, turn.slope**2
        rows = [(anti, 1.0)] if a == 0.5 else [(anti & ~moves, (1.0 - a) / a), (anti & moves, a / (1.0 - a))]
        for mask, factor in rows:
            self.marks[self.rows] = mask
            self.rows += 1
            self.turns.append((turn.parameter, factor * square))

    def resample(self, chosen: NDArray[np.intp], logs: Real) -> None:
        """Replace the particles by copies of the chosen ones."""
        self.letters = self.letters[:, chosen]
        self.marks[: self.rows] = self.marks[: self.rows, chosen]
        self.logs = logs


def second_twisted(
    chain: Chain,
    rng: Generator,
    bond: int = 8,
    particles: int = 512,
    of: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Second:
    """Second moments by importance sampling, each with a lower end that holds whatever the look-ahead is worth.

    Args:
        bond: of the look-ahead, >= 1; 8 is plenty for lines of a hundred wires.
        particles: rounded up to a multiple of 8 islands.
        of: the parameters asked for, in the order of the answer; None for all of `chain.names`.
        confidence: that all lower ends hold together.

    Raises:
        Undecidable: something is drawn, or a gradient needs a move that the walk never makes (`stay` 0 or 1).
        Unusable: an argument out of range.

    Cost: rounds * wires * (particles * bond**2 + bond**3), and a byte a particle and parameter.
    """
    if bond < 1 or particles < 1 or not 0.0 < confidence < 1.0:
        raise Unusable(
            "Twisted sampling takes bond and particles >= 1 and a confidence between 0 and 1, "
            f"but was given {bond}, {particles} and {confidence}."
        )
    refuse_draws(chain, "Twisted sampling")
    names = tuple(chain.names if of is None else of)
    felt = touched_by(chain)
    if felt.zero:
        return Second(ZERO, (ZERO,) * len(names), "twisted sampling: no walk can count", 1.0)
    place = {name: k for k, name in enumerate(chain.names)}
    asked = {place[name] for name in names}
    sites = sites_of(chain)
    rounds = rounds_of(chain, felt.steps, sites)
    turns = [turn for r in rounds for turn in r.turns if turn.parameter in asked]
    if any(turn.stay in (0.0, 1.0) for turn in turns):
        raise Undecidable(
            "Twisted sampling cannot weigh the gradient of an angle whose coin falls on one side only."
        )
    crowd, values = _run(chain, rng, rounds, sites, (bond, ISLANDS * -(-particles // ISLANDS), len(turns), asked))
    return _second(chain, crowd, values, (names, turns, confidence), bond)


def _run(
    chain: Chain, rng: Generator, rounds: list[Round], sites: list[int], sizes: tuple[int, int, int, set[int]]
) -> tuple[_Crowd, Real]:
    """The particles at the input, and log of weight times chance to count."""
    bond, count, turns, asked = sizes
    looks = [of_input(chain, sites)]
    for round_ in reversed(rounds):
        looks.append(forth(looks[-1], round_, sites, bond))
    looks.reverse()
    share = PLAIN / (chain.wires + sum(len(r.turns) for r in rounds))
    letters, logs = first_strings(chain.ends, looks[0], rng, (count, sites, share))
    crowd = _Crowd(letters, logs, np.zeros((2 * turns, count), dtype=np.bool_))
    for round_, look in zip(rounds, looks[1:], strict=True):
        for step in round_.fixed:
            _fixed(crowd, step, sites)
        ahead = _turn_all(crowd, round_.turns, look, rng, (sites, share, asked))
        _resample(crowd, ahead, rng)
    squares = np.concatenate([np.ones((chain.wires, 1)), chain.start], axis=1)[:, ORDER]
    values = crowd.logs.copy()
    with np.errstate(divide="ignore"):
        for wire, site in enumerate(sites):
            values += np.log(squares[wire])[crowd.letters[site]]
    return crowd, values


def _fixed(crowd: _Crowd, step: Fixed, sites: list[int]) -> None:
    """A gate maps the letters; a measurement or reset ends the walks that show X or Y."""
    if isinstance(step, Linear):
        at = [sites[w] for w in step.wires]
        code = np.zeros(crowd.logs.size, dtype=np.int64)
        for j, site in enumerate(at):
            letter = crowd.letters[site]
            code ^= np.array([0, step.rows[2 * j], step.rows[2 * j + 1], step.rows[2 * j] ^ step.rows[2 * j + 1]])[
                letter
            ]
        for j, site in enumerate(at):
            crowd.letters[site] = code >> 2 * j & 3
        return
    site = sites[step.wire]
    crowd.logs[crowd.letters[site] & 1 == 1] = -math.inf
    if isinstance(step, Reset):
        crowd.letters[site] = 0


def _turn_all(
    crowd: _Crowd,
    turns: tuple[Turn, ...],
    look: Train,
    rng: Generator,
    sizes: tuple[list[int], float, set[int]],
) -> Real:
    """The turns of a round, drawn from left to right; returns the log of the look-ahead where the walks arrive."""
    sites, share, asked = sizes
    count = crowd.logs.size
    stretches = sorted(
        ((min(at), max(at) + 1, t) for t in turns for at in [[sites[w] for w in t.wires]]), key=lambda s: s[0]
    )
    flips = []  # of each turn: site -> letter, and which particles anticommute
    for _, _, turn in stretches:
        flip = {sites[w]: CODE[q] for w, q in zip(turn.wires, turn.word, strict=True)}
        anti = np.zeros(count, dtype=np.bool_)
        for site, q in flip.items():
            letter = crowd.letters[site]
            anti ^= (letter != 0) & (letter != q)
        flips.append((flip, anti))
    right, rights = np.ones((1, count)), []
    end = len(look.cores)
    for (first, last, turn), (flip, anti) in zip(reversed(stretches), reversed(flips), strict=True):
        right = _leftwards(look, crowd.letters, right, range(last, end), {})
        rights.append(right)
        stays = _leftwards(look, crowd.letters, right, range(first, last), {}, rescale=False)
        moves = _leftwards(look, crowd.letters, right, range(first, last), flip, rescale=False)
        right, _ = flat(np.where(anti, turn.stay * stays + (1.0 - turn.stay) * moves, stays))
        end = first
    left, scale, begin = np.ones((1, count)), np.zeros(count), 0
    for (first, last, turn), (flip, anti), right in zip(stretches, flips, reversed(rights), strict=True):
        left, scale = _rightwards(look, crowd.letters, left, scale, range(begin, first), {})
        stays, on_stay = _rightwards(look, crowd.letters, left, scale, range(first, last), {}, rescale=False)
        moves, on_move = _rightwards(look, crowd.letters, left, scale, range(first, last), flip, rescale=False)
        goes = _coins(crowd, turn, anti, ((stays * right).sum(axis=0), (moves * right).sum(axis=0)), (rng, share))
        for site, q in flip.items():
            crowd.letters[site] ^= np.where(goes, q, 0).astype(np.uint8)
        left, top = flat(np.where(goes, moves, stays))
        scale = np.where(goes, on_move, on_stay) + np.log(top)
        if turn.parameter in asked:
            crowd.mark(turn, anti, goes)
        begin = last
    left, scale = _rightwards(look, crowd.letters, left, scale, range(begin, len(look.cores)), {})
    ahead = np.full(count, -math.inf)
    np.log(left[0], out=ahead, where=left[0] > 0.0)
    return ahead + scale


def _coins(
    crowd: _Crowd, turn: Turn, anti: NDArray[np.bool_], guesses: tuple[Real, Real], how: tuple[Generator, float]
) -> NDArray[np.bool_]:
    """Who moves, by weight times look-ahead; the weights are corrected."""
    rng, share = how
    a = turn.stay
    stays, moves = a * np.maximum(guesses[0], 0.0), (1.0 - a) * np.maximum(guesses[1], 0.0)
    total = stays + moves
    guess = np.where(total > 0.0, moves / np.where(total > 0.0, total, 1.0), 1.0 - a)
    chance = (1.0 - share) * guess + share * (1.0 - a)
    goes: NDArray[np.bool_] = anti & (rng.random(anti.size) < chance)
    kept = anti & ~goes
    crowd.logs[goes] += np.log((1.0 - a) / chance[goes])
    crowd.logs[kept] += np.log(a / (1.0 - chance[kept]))
    return goes


def _leftwards(
    look: Train, letters: Codes, right: Real, span: range, flip: dict[int, int], rescale: bool = True
) -> Real:
    """Right environments over some sites; (b, N) -> (a, N)."""
    everyone = np.arange(right.shape[1])
    for site in reversed(span):
        core = look.cores[site]
        every = (core.reshape(-1, core.shape[2]) @ right).reshape(core.shape[0], 4, -1)
        right = every[:, letters[site] ^ flip.get(site, 0), everyone]
        if rescale:
            right, _ = flat(right)
    return right


def _rightwards(
    look: Train, letters: Codes, left: Real, scale: Real, span: range, flip: dict[int, int], rescale: bool = True
) -> tuple[Real, Real]:
    """Left environments over some sites, and the logs of their factors; (a, N) -> (b, N)."""
    everyone = np.arange(left.shape[1])
    for site in span:
        core = look.cores[site]
        every = (core.reshape(core.shape[0], -1).T @ left).reshape(4, core.shape[2], -1)
        left = every[letters[site] ^ flip.get(site, 0), :, everyone].T
        if rescale:
            left, top = flat(left)
            scale = scale + np.log(top)
    return left, scale


def _resample(crowd: _Crowd, ahead: Real, rng: Generator) -> None:
    """On every island whose effective number of particles is below half: copies by weight times look-ahead.

    A small share of the copies goes to all walks alike, since a look-ahead of 0 may be truncation.
    """
    size = crowd.logs.size // ISLANDS
    chosen = np.arange(crowd.logs.size)
    logs = crowd.logs.copy()
    for island in range(ISLANDS):
        mine = slice(island * size, (island + 1) * size)
        alive = crowd.logs[mine] > -math.inf
        target = np.where(alive, crowd.logs[mine] + ahead[mine], -math.inf)
        if target.max() == -math.inf:
            continue
        shares = np.exp(target - target.max())
        shares /= shares.sum()
        if 1.0 / np.square(shares).sum() >= size / 2:
            continue
        shares = (1.0 - SPREAD) * shares + SPREAD * alive / alive.sum()
        ladder = np.cumsum(shares)
        picked = np.searchsorted(ladder / ladder[-1], (rng.random() + np.arange(size)) / size, side="right")
        picked = np.minimum(picked, int(np.flatnonzero(shares)[-1]))
        chosen[mine] = island * size + picked
        logs[mine] = crowd.logs[mine][picked] - np.log(size * shares[picked])
    if (chosen != np.arange(chosen.size)).any():
        crowd.resample(chosen, logs)


def _second(
    chain: Chain, crowd: _Crowd, values: Real, asked: tuple[tuple[str, ...], list[Turn], float], bond: int
) -> Second:
    """Weights as moments, with Markov's lower end and what holds without looking above."""
    names, turns, confidence = asked
    count = values.size
    top = float(values.max())
    weights = np.exp(values - top) if top > -math.inf else np.zeros(count)
    mean = weights.mean()
    islands = weights.reshape(ISLANDS, -1).mean(axis=1)
    error = float(islands.std(ddof=1) / math.sqrt(ISLANDS) / mean) if mean > 0.0 else math.inf
    risk = math.log2((1.0 - confidence) / (1 + len(names)))
    total = total_weight(chain.ends)
    sums = dict.fromkeys((turn.parameter for turn in turns), 0.0)
    for (parameter, factor), row in zip(crowd.turns, crowd.marks[: crowd.rows] @ weights / count, strict=True):
        sums[parameter] += factor * float(row)
    most = dict.fromkeys(sums, 0.0)
    for turn in turns:
        most[turn.parameter] += turn.slope**2 * max(turn.stay, 1.0 - turn.stay, 0.0 if turn.stay != 0.5 else 1.0)

    def moment(value: float, limit: float) -> Moment:
        log2 = math.log2(value) + top / math.log(2.0) if value > 0.0 else -math.inf
        return Moment(log2, log2 + risk, total + (math.log2(limit) if limit > 0.0 else -math.inf), "lower")

    place = {name: k for k, name in enumerate(chain.names)}
    found = tuple(moment(sums[k], most[k]) if (k := place[name]) in sums else ZERO for name in names)
    method = f"twisted sampling, bond {bond}, {count} walks, standard error {error:.1%} of the cost"
    return Second(moment(float(mean), 1.0), found, method, confidence)
