"""The Pauli walk: every gradient's second moment from one set of random walks, 64 walks a machine word.

    E f**2       = T Pr[alive],   a = `stay`
    E (d_k f)**2 = slope**2 T ((1 - a) / a Pr[stayed at k, alive] + a / (1 - a) Pr[moved at k, alive])
                 = slope**2 T Pr[anticommuted at k, alive]   for a = 1/2

T is the observable's total weight; a walk starts at a string drawn by weight, moves at every turn by a coin, and is
alive with probability prod r_P**2 at the input. Every probability is a count with its Clopper-Pearson interval; the
intervals hold together (Bonferroni over the cost and the live parameters). Where walks are never seen alive the
upper ends are about log(2 m / risk) / samples: rarer events want `tensor_train` or `twisted`.
Source: Heyraud et al., PRX Quantum 4, 040335 (2023), arXiv:2302.04649.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.errors import Unusable
from qverify.trainability.bits import (
    FULL,
    Index,
    Words,
    anticommuting,
    apply_linear,
    bernoulli,
    bernoulli_each,
    fast,
    index_of,
    multiply,
    random_words,
)
from qverify.trainability.chain import Chain, Draws, End, Linear, Reset, Step, Turn
from qverify.trainability.clopper import clopper_pearson
from qverify.trainability.moment import ZERO, Moment, Second
from qverify.trainability.touched import Touched, touched_by

Real = NDArray[np.float64]
KEPT = 2**29  # bytes of masks that are kept until the walks end
BLOCK = 2**15  # walks at a time: 512 words a wire stay in the cache for a hundred wires


@dataclass(frozen=True, slots=True)
class _Group:
    """Like steps on different wires, done at once.

    step: one of them; all have its word or rows, and its `stay`.
    wires: for each position of the word, that wire of every step.
    first, count: the rows of the masks that are theirs (stayed, then moved, unless stay = 1/2); first = -1 if none.
    drawn: rows of `Draws.stays`.
    """

    step: Step
    wires: tuple[Index, ...]
    first: int = -1
    count: int = 0
    drawn: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Program:
    """The walk, ready to run: groups in its order, and the parameter and factor of every mask's count."""

    groups: tuple[_Group, ...]
    parameter: NDArray[np.int64]
    factor: Real
    cap: Real


def walk(chain: Chain, rng: Generator, samples: int, confidence: float) -> Second:
    """Second moments of the cost and of all gradients, by random walks.

    Args:
        samples: walks, >= 1; rounded up to a multiple of 64.
        confidence: that all intervals hold together, in (0, 1).

    Returns:
        Gradients in the order of `chain.names`; turns of one parameter add up. Dead ones are exactly `ZERO`.

    Raises:
        Unusable: `samples` or `confidence` out of range.

    Cost: about 1 ns a turn for every 64 walks, and 512 MiB of memory beside 4 bits a walk and wire.
    """
    if samples < 1 or not 0.0 < confidence < 1.0:
        raise Unusable(
            f"A walk takes samples >= 1 and a confidence between 0 and 1, but was given {samples} and {confidence}."
        )
    felt = touched_by(chain)
    if felt.zero:
        return Second(ZERO, (ZERO,) * len(chain.names), "Pauli walk: no walk can count", 1.0)
    program = _compile(chain, felt)
    words = -(-samples // 64)
    hits, alive = _run(chain, felt, program, fast(rng), words)
    risk = (1.0 - confidence) / (1 + len(program.factor))
    method = f"Pauli walk, {64 * words} walks"
    return _second(chain, program, hits, alive, 64 * words, risk, (method, confidence))


def _compile(chain: Chain, felt: Touched) -> _Program:
    """Touched steps as early as their wires allow, like ones together."""
    busy = [0] * chain.wires
    levels: list[dict[tuple[object, ...], list[Step]]] = []
    for i in range(len(chain.steps) - 1, -1, -1):
        if not felt.steps[i]:
            continue
        step = chain.steps[i]
        wires = step.wires if isinstance(step, Turn | Linear) else (step.wire,)
        level = max(busy[w] for w in wires)
        for w in wires:
            busy[w] = level + 1
        if level == len(levels):
            levels.append({})
        levels[level].setdefault(_kind(step), []).append(step)
    groups: list[_Group] = []
    parameter: list[int] = []
    factor: list[float] = []
    cap: list[float] = []
    for level_steps in levels:
        for steps in level_steps.values():
            groups.append(_group(steps, len(parameter)))
            for weight, limit in _factors(steps[0]) if groups[-1].count else ():
                parameter += [s.parameter for s in steps if isinstance(s, Turn)]
                factor += [weight * s.slope**2 for s in steps if isinstance(s, Turn)]
                cap += [limit * s.slope**2 for s in steps if isinstance(s, Turn)]
    return _Program(tuple(groups), np.array(parameter, dtype=np.int64), np.array(factor), np.array(cap))


def _kind(step: Step) -> tuple[object, ...]:
    """What like steps share."""
    if isinstance(step, Turn):
        return ("turn", step.word, None if step.drawn >= 0 else step.stay, step.drawn >= 0, step.parameter >= 0)
    return ("linear", step.rows) if isinstance(step, Linear) else (type(step).__name__,)


def _factors(step: Step) -> list[tuple[float, float]]:
    """For each mask of a turn the factor of its count, and the most that it can add to the gradient."""
    a = step.stay if isinstance(step, Turn) else 0.5
    if a == 0.5:
        return [(1.0, 1.0)]
    return [((1.0 - a) / a if a > 0.0 else math.inf, 1.0 - a), (a / (1.0 - a) if a < 1.0 else math.inf, a)]


def _group(steps: list[Step], first: int) -> _Group:
    step = steps[0]
    if isinstance(step, Turn | Linear):
        steps.sort(key=lambda s: s.wires[0] if isinstance(s, Turn | Linear) else 0)
        at = tuple(
            index_of([s.wires[j] for s in steps if isinstance(s, Turn | Linear)]) for j in range(len(step.wires))
        )
    else:
        at = (index_of(sorted(s.wire for s in steps if not isinstance(s, Turn | Linear))),)
    if not isinstance(step, Turn) or (step.parameter < 0 and step.drawn < 0):
        return _Group(step, at)
    if step.drawn >= 0:
        return _Group(step, at, drawn=tuple(s.drawn for s in steps if isinstance(s, Turn)))
    return _Group(step, at, first, len(steps))


def _run(
    chain: Chain, felt: Touched, program: _Program, rng: Generator, words: int
) -> tuple[NDArray[np.int64], int]:
    """How often each mask was set in a walk that counts, and how many counted."""
    rows = len(program.factor)
    most = max(1, min(words, BLOCK // 64, KEPT // (8 * max(1, rows))))
    hits = np.zeros(rows, dtype=np.int64)
    masks = np.empty((rows, most), dtype=np.uint64)
    total = 0
    for begin in range(0, words, most):
        size = min(most, words - begin)
        draws = chain.draw(rng, 64 * size) if chain.draw is not None else None
        alive = _walks(chain, felt, program, rng, masks[:, :size], draws)
        total += int(np.bitwise_count(alive).sum(dtype=np.int64))
        _count(masks[:, :size], alive, hits)
    return hits, total


def _walks(
    chain: Chain, felt: Touched, program: _Program, rng: Generator, masks: Words, draws: Draws | None
) -> Words:
    """Which walks count; `masks` says what each did at every turn."""
    size = masks.shape[1]
    planes = np.zeros((2, chain.wires, size), dtype=np.uint64)
    alive = np.full(size, FULL, dtype=np.uint64)
    _begin(chain.ends, rng, planes)
    for group in program.groups:
        step, at = group.step, group.wires
        if isinstance(step, Linear):
            apply_linear(planes, step.rows, at)
        elif not isinstance(step, Turn):
            alive &= ~np.bitwise_or.reduce(planes[0, at[0]], axis=0)
            if isinstance(step, Reset):
                planes[:, at[0]] = 0
        else:
            anti = anticommuting(planes, step.word, at)
            moved = anti & _coins(rng, group, step, anti, draws)
            if group.count and step.stay == 0.5:
                masks[group.first : group.first + group.count] = anti
            elif group.count:
                masks[group.first : group.first + group.count] = anti & ~moved
                masks[group.first + group.count : group.first + 2 * group.count] = moved
            multiply(planes, step.word, at, moved)
    return alive & _accepted(chain, felt, rng, planes, draws)


def _coins(rng: Generator, group: _Group, step: Turn, anti: Words, draws: Draws | None) -> Words:
    """Where a walk that anticommutes moves."""
    if step.drawn >= 0 and draws is not None:
        return ~bernoulli_each(rng, draws.stays[list(group.drawn)])
    return random_words(rng, anti.shape) if step.stay == 0.5 else ~bernoulli(rng, step.stay, anti.shape)


def _begin(ends: tuple[End, ...], rng: Generator, planes: Words) -> None:
    """Strings drawn by weight: which walks take which end does not matter, only how many do."""
    size = planes.shape[2]
    chances = np.exp2(np.array([log2_weight(end) for end in ends]) - total_weight(ends))
    counts = rng.multinomial(64 * size, chances / chances.sum())
    stops = np.concatenate([[0], np.cumsum(counts)])
    for end, begin, stop in zip(ends, stops[:-1].tolist(), stops[1:].tolist(), strict=True):
        if begin == stop:
            continue
        low, high = begin // 64, -(-stop // 64)
        mask = np.full(high - low, FULL, dtype=np.uint64)
        mask[0] &= FULL << np.uint64(begin % 64)
        if stop % 64:
            mask[-1] &= FULL >> np.uint64(64 - stop % 64)
        for wire, (i, x, y, z) in sorted(end.letters.items()):
            has_x = bernoulli(rng, (x + y) / (i + x + y + z), mask.shape) if x + y > 0.0 else mask & 0
            with_x = bernoulli(rng, y / (x + y), mask.shape) if y > 0.0 else mask & 0
            without = bernoulli(rng, z / (i + z), mask.shape) if z > 0.0 else mask & 0
            planes[0, wire, low:high] |= mask & has_x
            planes[1, wire, low:high] |= mask & ((has_x & with_x) | (~has_x & without))


def log2_weight(end: End) -> float:
    """log2 of the total weight of an end's strings."""
    parts = [end.weight, *(sum(v) for v in end.letters.values())]
    return sum(math.log2(p) for p in parts) if min(parts) > 0.0 else -math.inf


def total_weight(ends: tuple[End, ...]) -> float:
    """log2 of the total weight of an observable."""
    logs = [log2_weight(end) for end in ends]
    top = max(logs, default=-math.inf)
    return top + math.log2(math.fsum(2.0 ** (k - top) for k in logs)) if top > -math.inf else top


def _accepted(chain: Chain, felt: Touched, rng: Generator, planes: Words, draws: Draws | None) -> Words:
    """Walks kept with probability prod r_P**2 at the input."""
    alive = np.full(planes.shape[2], FULL, dtype=np.uint64)
    alike: dict[tuple[float, ...], list[int]] = {}
    drawn = draws.starts if draws is not None else {}
    for wire, letters in enumerate(felt.letters):
        if letters == 1:
            continue
        if wire in drawn:
            kept = [bernoulli_each(rng, square) for square in drawn[wire]]
            alive &= _allowed(planes[:, wire], kept)
        else:
            alike.setdefault(tuple(chain.start[wire].tolist()), []).append(wire)
    for squares, wires in alike.items():
        at = index_of(wires)
        shape = (len(wires), planes.shape[2])
        kept = [bernoulli(rng, p, shape) for p in squares]
        alive &= np.bitwise_and.reduce(_allowed(planes[:, at], kept), axis=0)
    return alive


def _allowed(planes: Words, kept: list[Words]) -> Words:
    """Where the letter is I, or X, Y or Z and kept."""
    x, z = planes
    allowed: Words = ~(x | z) | (x & ~z & kept[0]) | (x & z & kept[1]) | (~x & z & kept[2])
    return allowed


def _count(masks: Words, alive: Words, hits: NDArray[np.int64]) -> None:
    """Add up the masks over the walks that count, looking only at the words where one does."""
    some = np.flatnonzero(alive)
    if not some.size:
        return
    step = max(1, 2**20 // some.size)  # rows at a time: 8 MiB
    for begin in range(0, len(masks), step):
        block = masks[begin : begin + step]
        block = block & alive if some.size == alive.size else block[:, some] & alive[some]
        hits[begin : begin + step] += np.bitwise_count(block).sum(axis=1, dtype=np.int64)


def _second(
    chain: Chain,
    program: _Program,
    hits: NDArray[np.int64],
    alive: int,
    samples: int,
    risk: float,
    words: tuple[str, float],
) -> Second:
    """Counts as moments."""
    total = total_weight(chain.ends)
    lo, hi = clopper_pearson(np.append(hits, alive), samples, risk)
    ends = np.zeros((3, len(chain.names)))
    factor = np.where(np.isinf(program.factor), 0.0, program.factor)  # a coin that never falls so is never seen
    top = np.minimum(np.where(np.isinf(program.factor), program.cap, factor * hi[:-1]), program.cap)
    for row, part in zip(ends, (factor * hits / samples, factor * lo[:-1], top), strict=True):
        np.add.at(row, program.parameter, part)
    with np.errstate(divide="ignore"):
        logs = (np.log2(ends) + total).T.tolist()
        value, low, high = (float(np.log2(p)) + total for p in (alive / samples, lo[-1], hi[-1]))
    cost = Moment(value, low, high)
    live = np.zeros(len(chain.names), dtype=bool)
    live[program.parameter] = True
    gradients = tuple(Moment(*row) if on else ZERO for row, on in zip(logs, live.tolist(), strict=True))
    return Second(cost, gradients, *words)
