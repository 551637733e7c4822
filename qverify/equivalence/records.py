"""The probability that some bits of a record have given values, and records drawn at random: exact, at any width.

    P(values) = sum over paths that end in them of || K_path psi ||**2

Only what these bits feel is run (`narrow`), on states kept as small factors (`factors`). A bit that is not written
again leaves one outcome to follow; and it is projected as early as possible, behind the last step on its wire that
does not commute with the measurement, so that what is measured does not entangle. What is left to branch on are
resets of entangled wires and bits that are written again. Rounding and what is left out are counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from numpy.random import Generator

from qverify.equivalence.factors import IMPOSSIBLE, ONTO, Product, Vector
from qverify.equivalence.narrow import Branch, Gate, Measured, Step, Zeroed, diagonal_on, felt, touched, written
from qverify.equivalence.permutation import bits
from qverify.errors import Undecidable

MOST_PATHS = 1024
MOST_WORK = 400_000  # steps, summed over paths
ROUNDING = 2.0**-47  # of one step, on a probability


@dataclass(frozen=True)
class Probability:
    """A probability, as log2, and a bound on what is wrong with its value."""

    log2: float
    error: float

    @property
    def value(self) -> float:
        """It underflows to 0 below 2**-1074."""
        return float(2.0**self.log2)


@dataclass(frozen=True)
class Drawn:
    """A path that happened: the final value of every bit that was written, and the operators in order.

    order: the bits in the order in which their last values came.
    """

    values: Mapping[int, int]
    order: tuple[int, ...]
    operators: tuple[tuple[Vector, tuple[int, ...]], ...]
    end: Product


@dataclass(frozen=True)
class _Known:
    """A wire known to be found in the value that a bit has in the end."""

    wire: int
    bit: int


@dataclass
class _Path:
    memory: int
    state: Product


@dataclass
class _Run:
    """What is asked, and what was done. rng: where one path is drawn instead of following all."""

    wanted: dict[int, int]
    rng: Generator | None = None
    likeliest: bool = False
    work: int = 0
    dropped: float = 0.0
    order: list[int] = field(default_factory=list)
    operators: list[tuple[Vector, tuple[int, ...]]] = field(default_factory=list)


def probability(steps: Sequence[Step], start: Product, wanted: Mapping[int, int]) -> Probability:
    """That the bits in `wanted` end with these values.

    Raises:
        Undecidable: too many paths, too much entanglement, or too many steps.
    """
    asked = sum(1 << bit for bit in wanted)
    kept = felt(steps, asked)
    run = _Run(dict(wanted))
    ends = _sequence(run, _with_early(kept, asked), [_Path(0, start.copy())], 0)
    right = sum(value << bit for bit, value in wanted.items())
    logs = [p.state.log2_weight for p in ends if p.memory & asked == right]
    lost = sum(2 * p.state.lost for p in ends)
    error = run.dropped + lost + ROUNDING * (run.work + 1)
    top = max(logs, default=-math.inf)
    if top == -math.inf:
        return Probability(-math.inf, error)
    return Probability(top + math.log2(sum(2.0 ** (each - top) for each in logs)), error)


def draw(steps: Sequence[Step], start: Product, rng: Generator, *, likeliest: bool) -> Drawn:
    """One path from a product state: by chance, or the likeliest outcome of every measurement.

    Raises:
        Undecidable: too much entanglement, or too many steps.
    """
    run = _Run({}, rng, likeliest)
    everything = 0
    for step in steps:
        everything |= written(step)
    (end,) = _sequence(run, _with_early(steps, everything), [_Path(0, start.copy())], 0)
    final = {bit: end.memory >> bit & 1 for bit in dict.fromkeys(run.order)}
    order = tuple(dict.fromkeys(reversed(run.order)))[::-1]
    return Drawn(final, order, tuple(run.operators), end.state)


def _with_early(steps: Sequence[Step], asked: int) -> list[Step | _Known]:
    """With a projection as early as it may stand, for every asked bit whose last writer is a plain measurement."""
    blocked, places = dict[int, int](), dict[int, int]()  # wire -> behind its last step that does not commute
    for at, step in enumerate(steps):
        if isinstance(step, Measured):
            places[at] = blocked.get(step.wire, 0)
        for wire in bits(touched(step) & ~diagonal_on(step)):
            blocked[wire] = at + 1
    later, before = 0, dict[int, list[_Known]]()
    for at in range(len(steps) - 1, -1, -1):
        step = steps[at]
        if isinstance(step, Measured) and (asked & ~later) >> step.bit & 1:
            before.setdefault(places[at], []).append(_Known(step.wire, step.bit))
        later |= written(step)
    out: list[Step | _Known] = []
    for at, step in enumerate(steps):
        out += before.get(at, [])
        out.append(step)
    return out


def _sequence(run: _Run, steps: Sequence[Step | _Known], paths: list[_Path], later: int) -> list[_Path]:
    """Send paths through steps. later: bits that may be written after them."""
    suffix = [later]
    for step in reversed(steps):
        suffix.append(suffix[-1] | (0 if isinstance(step, _Known) else written(step)))
    suffix.reverse()
    for at, step in enumerate(steps):
        run.work += len(paths)
        if run.work > MOST_WORK:
            raise Undecidable(f"more than {MOST_WORK} steps over all paths")
        paths = [end for path in paths for end in _step(run, step, path, suffix[at + 1])]
        if len(paths) > MOST_PATHS:
            raise Undecidable(f"more than {MOST_PATHS} paths lead to one record")
    return paths


def _step(run: _Run, step: Step | _Known, path: _Path, later: int) -> Iterator[_Path]:
    state = path.state
    if isinstance(step, Gate):
        state.apply(step.matrix, step.wires)
        _note(run, step.matrix, step.wires)
        yield path
    elif isinstance(step, Branch):
        which = step.chosen(path.memory)
        yield from [path] if which < 0 else _sequence(run, step.bodies[which], [path], later)
    elif isinstance(step, _Known):
        yield from _outcomes(run, path, step.wire, run.wanted.get(step.bit), into=None, decides=step.bit)
    elif isinstance(step, Zeroed):
        yield from _outcomes(run, path, step.wire, None, into=0)
    else:
        forced = None if later >> step.bit & 1 else run.wanted.get(step.bit)
        if run.rng is not None:
            run.order.append(step.bit)
        yield from _outcomes(run, path, step.wire, forced, into=None, writes=step.bit)


def _outcomes(
    run: _Run,
    path: _Path,
    wire: int,
    forced: int | None,
    *,
    into: int | None,
    writes: int | None = None,
    decides: int | None = None,
) -> Iterator[_Path]:
    """The paths behind a measurement of one wire, whose outcome is written, or decided, or forgotten."""
    chances = path.state.chances(wire)
    if forced is not None:
        chances = {forced: chances[forced]}
    elif run.rng is not None:
        drawn = int(chances[1] > 0.5 + 1e-9) if run.likeliest else int(run.rng.random() < chances[1])
        chances = {drawn: chances[drawn]}
    if decides is not None and run.rng is not None:
        run.wanted[decides] = next(iter(chances))
    alive = {value: chance for value, chance in chances.items() if chance > IMPOSSIBLE}
    run.dropped += sum(chance for value, chance in chances.items() if value not in alive)
    for k, (value, _) in enumerate(alive.items()):
        state = path.state if k == len(alive) - 1 else path.state.copy()
        state.project(wire, value, into)
        _note(run, ONTO[value, value if into is None else into], (wire,))
        memory = path.memory
        if writes is not None:
            memory = memory & ~(1 << writes) | value << writes
        yield _Path(memory, state)


def _note(run: _Run, matrix: Vector, wires: tuple[int, ...]) -> None:
    if run.rng is not None:
        run.operators.append((matrix, wires))
