"""The second-moment tensor train: E f**2 and every gradient without sampling, for shallow circuits on a line.

    E f**2 = <F_t | B_t> at every moment t,   E (d_k f)**2 = slope**2 <F_k | Q_k [P Q = -Q P] | B_k>

B_t is the observable's strings walked back to t, F_t the chance of every string at t to count at the input; both
are trains of letters. B_k is taken behind the turns of k's round, F_k before them, where the turn and its gradient
differ by the factor Q alone (`train_moves.felt_of`). What rounding and truncation do to a value is seen in
<F_t | B_t>, which must be the same at all t: its spread and the discarded norm are the slack of the answer.
Source: trains as in Oseledets, SIAM J. Sci. Comput. 33, 2295 (2011), on the chain of `chain`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, Turn
from qverify.trainability.moment import ZERO, Moment, Second
from qverify.trainability.rounds import Round, refuse_draws, rounds_of, sites_of
from qverify.trainability.touched import touched_by
from qverify.trainability.train_ends import Train, compressed, moved, of_ends, of_input, scaled
from qverify.trainability.train_moves import Move, felt_of, move_of

Real = NDArray[np.float64]
Scaled = tuple[Real, float]  # a matrix of norm about 1 and log2 of its factor
WORST = 1e-10  # of the norm: what truncation may discard
GROWTH = 4  # a bond may grow to so many times the limit before it is compressed
MEMORY = 2**31  # bytes of trains that are kept


def second_train(chain: Chain, bond: int = 64, of: Sequence[str] | None = None) -> Second:
    """Second moments of the cost and of gradients, up to rounding.

    Args:
        bond: the largest bond; a line of n wires and L layers of RY, RZ and CZ needs 36 for L = 4.
        of: the parameters asked for, in the order of the answer; None for all of `chain.names`. With none at all
            the cost alone is computed, from the observable's side.

    Raises:
        Undecidable: more bond is needed than allowed or more memory than 2 GiB, or something is drawn.

    Accuracy: the intervals are "exact": discarded norm, spread and rounding; an estimate that is no proof, since a
    2-norm bounds no sum over exponentially many strings.  Cost: O(rounds * wires * bond**3).
    """
    refuse_draws(chain, "The tensor train")
    names = tuple(chain.names if of is None else of)
    felt = touched_by(chain)
    if felt.zero:
        return Second(ZERO, (ZERO,) * len(names), "tensor train: no walk can count", 1.0)
    sites = sites_of(chain)
    rounds = rounds_of(chain, felt.steps, sites)
    asked = {chain.names.index(name) for name in names}
    behind = [of_ends(chain, sites, bond)]
    for round_ in rounds:
        behind.append(_checked(back(behind[-1], round_, sites, bond), bond))
        _refuse_size(behind) if asked else behind.pop(0)
    ahead = of_input(chain, sites)
    rounding = 1e-13 + 1e-15 * chain.wires * (len(rounds) + 2)
    width = max(train.bond for train in behind)
    if not asked:
        log2 = overlap(ahead, behind[-1])
        return Second(_known(log2, behind[-1].lost + rounding, log2), (), f"tensor train, bond {width}", 1.0)
    values: dict[int, list[float]] = {}
    costs = [overlap(ahead, behind[-1])]
    for round_, train in zip(reversed(rounds), reversed(behind[1:]), strict=True):
        turns = [turn for turn in round_.turns if turn.parameter in asked]
        found, cost = gradients(ahead, train, turns, sites)
        costs.append(cost)
        for turn, log2 in zip(turns, found, strict=True):
            values.setdefault(turn.parameter, []).append(
                log2 + 2.0 * math.log2(abs(turn.slope)) if turn.slope else -math.inf
            )
        ahead = _checked(forth(ahead, round_, sites, bond), bond)
        width = max(width, ahead.bond)
    costs.append(overlap(ahead, behind[0]))
    spread = max(abs(math.expm1((c - costs[0]) * math.log(2.0))) for c in costs)
    slack = behind[-1].lost + ahead.lost + spread + rounding
    moments = []
    for name in names:
        parts = values.get(chain.names.index(name), [])
        total = add_logs(parts)
        moments.append(_known(total, slack, add_logs([total, costs[0]])) if parts else ZERO)
    return Second(_known(costs[0], slack, costs[0]), tuple(moments), f"tensor train, bond {width}", 1.0)


def _known(log2: float, slack: float, scale: float) -> Moment:
    """A value with an error of at most slack * 2**scale."""
    if scale == -math.inf:
        return ZERO
    ratio = 2.0 ** min(1000.0, log2 - scale)
    lo = math.log2(ratio - slack) + scale if ratio > slack else -math.inf
    return Moment(log2, lo, math.log2(ratio + slack) + scale, "exact")


def add_logs(logs: Sequence[float]) -> float:
    """log2 of a sum of powers of two."""
    top = max(logs, default=-math.inf)
    return top + math.log2(math.fsum(2.0 ** (k - top) for k in logs)) if top > -math.inf else top


def _checked(train: Train, bond: int) -> Train:
    if train.lost > WORST:
        raise Undecidable(
            f"The tensor train needs a bond above {bond}: {train.lost:.0e} of its norm had to be discarded."
        )
    return train


def _refuse_size(trains: list[Train]) -> None:
    if sum(core.nbytes for train in trains for core in train.cores) > MEMORY:
        raise Undecidable(
            "The tensor trains of this circuit take more than 2 GiB; ask for fewer layers or the cost."
        )


def back(train: Train, round_: Round, sites: list[int], bond: int) -> Train:
    """A round, from the observable towards the input."""
    return _applied(train, [move_of(step, sites) for step in (*round_.fixed, *round_.turns)], bond)


def forth(train: Train, round_: Round, sites: list[int], bond: int) -> Train:
    """A round, from the input towards the observable."""
    steps = (*round_.fixed, *round_.turns)
    return _applied(train, [move_of(step, sites).transposed() for step in reversed(steps)], bond)


def _applied(train: Train, moves: list[Move], bond: int) -> Train:
    """All moves; compressed at the end, and before a bond grows past GROWTH * bond."""
    for move in moves:
        rank = max(core.shape[3] for core in move.cores)
        if (
            rank > 1
            and rank * max(train.cores[i].shape[2] for i in range(move.sites[0], move.sites[-1])) > GROWTH * bond
        ):
            train = compressed(train, bond)
        train = moved(train, move)
    return compressed(train, bond)


def _normed(matrix: Real, log2: float) -> Scaled:
    small, gained = scaled(matrix)
    return small, log2 + gained


def _grow(left: Real, f: Real, b: Real) -> Real:
    """A left environment over one more site; (f, b) -> (f', b')."""
    half = np.tensordot(left, b, axes=(1, 0))  # (f, p, b')
    grown: Real = np.tensordot(f, half, axes=((0, 1), (0, 1)))
    return grown


def overlap(ahead: Train, behind: Train) -> float:
    """log2 of <F|B>, -inf where it is not positive."""
    env: Scaled = (np.ones((1, 1)), ahead.log2 + behind.log2)
    for f, b in zip(ahead.cores, behind.cores, strict=True):
        env = _normed(_grow(env[0], f, b), env[1])
    return _log2(env)


def _log2(env: Scaled) -> float:
    """log2 of the number that an environment of all sites is."""
    value = float(env[0][0, 0])
    return math.log2(value) + env[1] if value > 0.0 else -math.inf


def gradients(ahead: Train, behind: Train, turns: list[Turn], sites: list[int]) -> tuple[list[float], float]:
    """log2 of <F| Q [P Q = -Q P] |B> for each turn of a round, and log2 of <F|B>.

    Args:
        ahead, behind: F before the round's turns, B behind them.
    """
    pairs = list(zip(ahead.cores, behind.cores, strict=True))
    lefts: list[Scaled] = [(np.ones((1, 1)), ahead.log2 + behind.log2)]
    for f, b in pairs:
        lefts.append(_normed(_grow(lefts[-1][0], f, b), lefts[-1][1]))
    rights: list[Scaled] = [(np.ones((1, 1)), 0.0)]
    for f, b in reversed(pairs):
        half = np.tensordot(b, rights[-1][0], axes=(2, 1))  # (b, p, f')
        rights.append(_normed(np.tensordot(f, half, axes=((1, 2), (1, 2))), rights[-1][1]))
    rights.reverse()
    found = []
    for turn in turns:
        move = felt_of(turn, sites)
        (left, low), (right, high) = lefts[move.sites[0]], rights[move.sites[-1] + 1]
        value = float(_through(left, pairs, move).ravel() @ right.ravel())
        found.append(math.log2(value) + low + high if value > 0.0 else -math.inf)
    return found, _log2(lefts[-1])


def _through(left: Real, pairs: list[tuple[Real, Real]], move: Move) -> Real:
    """A left environment carried through an operator between the two trains; (f, b) -> (f', b')."""
    states = left[None]  # (bond of the operator, f, b)
    at = 0
    for site in range(move.sites[0], move.sites[-1] + 1):
        f, b = pairs[site]
        if site == move.sites[at]:
            op = move.cores[at]
            half = np.tensordot(states, b, axes=(2, 0))  # (l, f, i, b')
            half = np.tensordot(op, half, axes=((0, 2), (0, 2)))  # (o, r, f, b')
            states = np.tensordot(half, f, axes=((0, 2), (1, 0))).transpose(0, 2, 1)
            at += 1
        else:
            states = np.stack([_grow(state, f, b) for state in states])
    result: Real = states[0]
    return result
