"""What can happen before each step: seen at drawn points, or excluded for all of them, or not known.

    True    a drawn point shows it with a probability above rounding
    False   excluded for all weights, features and inputs: by what is surely known of wires and bits (a proof, any
            width), or because every path to it has amplitude zero (exact, few wires)
    None    neither

The two sides are found by different methods; if both were told of one step, the check would crash and not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.errors import Undecidable
from qverify.finding import Strength
from qverify.hygiene.flow import Flow
from qverify.hygiene.numbers import FLOOR, Points, drawn_points, outcome_weights, walk_from, walk_numbers, weight
from qverify.hygiene.paths import State, Vectors, half
from qverify.hygiene.program import Program, Step, executions
from qverify.hygiene.residues import Residues
from qverify.subject import Subject

Known = bool | None
MARGIN = 1e-9  # probabilities are right to about 1e-12
MAX_READ, MAX_INSIDE = 12, 6  # bits of a condition, and of its arms, whose values are all tried
PROOF = "what is surely known of wires and bits"
EXACT = "amplitudes modulo a prime, wrong with probability below 1e-20"
DRAWN = "probabilities at drawn points"


@dataclass(frozen=True)
class Explored:
    """What can happen before each step.

    arms: of a branch, whether each arm can run.
    outcomes: of the wires of any other step, whether each can be found in |0> and in |1>.
    by: how what cannot happen was excluded; "numerical" where nothing is.
    fault: why no point could be tried, if none could.
    """

    arms: dict[Step, tuple[Known, ...]]
    outcomes: dict[Step, tuple[tuple[Known, Known], ...]]
    by: dict[Step, Strength]
    fault: str


def explored(subject: Subject, program: Program, flow: Flow, rng: Generator, of: Iterable[Step]) -> Explored:
    """Look at some steps: at drawn points, by what is surely known, and exactly where both are silent."""
    chosen = frozenset(of)
    excluded = {step: _excluded(step, flow) for step in chosen}
    seen, fault = _Seen(chosen), ""
    try:
        points = drawn_points(subject, program, rng)
        walk_numbers(program, points, lambda step, state: seen.note(step, state, _shares))
    except Undecidable as why:
        fault = why.sentence
    shown = {step: seen.cases.get(step, np.zeros_like(excluded[step])) for step in chosen}
    open_ones = [step for step in chosen if not np.all(shown[step] | excluded[step])]
    alive = _exact(subject, program, open_ones)
    known: dict[Step, tuple[Known, ...]] = {}
    by: dict[Step, Strength] = {}
    for step in chosen:
        ruled_out = excluded[step] | ~alive.get(step, np.ones_like(excluded[step]))
        if np.any(shown[step] & ruled_out):
            raise AssertionError(f"{step.where}: what is shown at a drawn point is excluded by proof")
        known[step] = tuple(
            True if s else False if r else None for s, r in zip(shown[step], ruled_out, strict=True)
        )
        exact = bool(np.any(ruled_out & ~excluded[step]))
        by[step] = "exact" if exact else "proof" if np.any(ruled_out) else "numerical"
    return Explored(
        arms={step: cases for step, cases in known.items() if step.branch},
        outcomes={
            step: tuple(zip(cases[::2], cases[1::2], strict=True))
            for step, cases in known.items()
            if not step.branch
        },
        by=by,
        fault=fault,
    )


Cases = NDArray[np.bool_]  # of a branch: one an arm; otherwise for each wire |0>, |1>


@dataclass
class _Seen:
    chosen: frozenset[Step]
    cases: dict[Step, Cases] = field(default_factory=dict)

    def note(self, step: Step, state: State, look: Callable[[Step, State], Cases]) -> None:
        if step in self.chosen:
            self.cases[step] = look(step, state)


def _shares(step: Step, state: State) -> Cases:
    """Which cases some drawn point shows."""
    if step.branch is not None:
        total = np.zeros(len(step.branch.arms))
        for record, vectors in state.items():
            arm = step.branch.chosen(record)
            total[arm] = max(total[arm], float(weight(vectors).max()))
        return np.asarray(total > FLOOR)
    total = np.zeros(2 * len(step.wires))
    for vectors in state.values():
        parts = [outcome_weights(vectors, wire).max(axis=1) for wire in step.wires]
        total = np.maximum(total, np.concatenate(parts) if parts else total)
    return np.asarray(total > FLOOR)


def _alive(step: Step, state: State) -> Cases:
    """Which cases have a path whose amplitudes are not zero."""
    if step.branch is not None:
        reached = {step.branch.chosen(record) for record in state}
        return np.array([k in reached for k in range(len(step.branch.arms))])
    pairs = [any(len(half(v, wire, b)) for v in state.values()) for wire in step.wires for b in (0, 1)]
    return np.array(pairs, dtype=bool)


def _exact(subject: Subject, program: Program, of: Sequence[Step]) -> dict[Step, Cases]:
    """The cases of some steps whose amplitudes are not all zero; nothing where they cannot be computed."""
    seen = _Seen(frozenset(of))
    if not of:
        return {}
    try:
        exact = Residues(program, f"hygiene|{subject.digest}")
        exact.walk(lambda step, state: seen.note(step, state, _alive))
    except Undecidable:
        return {}
    return seen.cases


def _excluded(step: Step, flow: Flow) -> Cases:
    """Which cases cannot happen by what is surely known."""
    size = len(step.branch.arms) if step.branch else 2 * len(step.wires)
    if step in flow.unreachable:
        return np.ones(size, dtype=bool)
    if step.branch is not None:
        records = flow.records[step]
        reached = set(range(size)) if records is None else {step.branch.chosen(r) for r in records}
        return np.array([k not in reached for k in range(size)])
    pairs = [value == 1 - b for value in flow.values[step] for b in (0, 1)]
    return np.array(pairs, dtype=bool)


# ------------------------------------------------------------------------------ a branch as a map


def same_arms(subject: Subject, program: Program, step: Step, rng: Generator) -> tuple[Known, Strength]:
    """Whether one arm, or nothing, could stand in place of a branch: the same map for every classical record."""
    branch = step.branch
    if branch is None:
        raise AssertionError("only branches have arms")
    if not any(branch.arms):
        return True, "proof"
    inside = [s for arm in branch.arms for s in executions(arm)]
    felt = {s.bit for s in inside if s.kind == "measure"}.union(*(s.branch.bits for s in inside if s.branch))
    bits = sorted({*branch.bits, *felt})
    if len(bits) > MAX_READ or len(felt) > MAX_INSIDE:
        return None, "numerical"
    records = [sum(v << b for v, b in zip(vs, bits, strict=True)) for vs in product((0, 1), repeat=len(bits))]
    mask = sum(1 << bit for bit in felt)
    cases = tuple(dict.fromkeys((branch.chosen(record), record & mask) for record in records))
    small = _local(program, step)
    candidates = range(len(branch.arms))
    try:
        points = drawn_points(subject, small, rng)
        if all(_differ(small, points, k, cases) for k in candidates):
            return False, "numerical"
        exact = Residues(small, f"arms|{subject.digest}|{step.site}")
        if any(_equal(exact, k, cases) for k in candidates):
            return True, "exact"
    except Undecidable:
        pass
    return None, "numerical"


def _local(program: Program, step: Step) -> Program:
    """The branch alone, on its own wires, for any input."""
    goes = {wire: k for k, wire in enumerate(step.wires)}
    return replace(program, steps=(_moved(step, goes),), n=len(step.wires), zero=frozenset())


def _moved(step: Step, goes: dict[int, int]) -> Step:
    arms = tuple(tuple(_moved(s, goes) for s in arm) for arm in step.branch.arms) if step.branch else ()
    branch = None if step.branch is None else replace(step.branch, arms=arms)
    return replace(step, wires=tuple(goes[k] for k in step.wires), branch=branch)


Choices = Sequence[tuple[int, int]]  # (the arm that runs, what the bits inside hold)


def _pairs(program: Program, arm: int, cases: Choices) -> list[tuple[int, tuple[Step, ...], tuple[Step, ...]]]:
    """(record, the arm that runs, the arm that would stand in place of all), where these are not one."""
    branch = program.steps[0].branch
    assert branch is not None  # noqa: S101  # made by `_local`
    return [(record, branch.arms[runs], branch.arms[arm]) for runs, record in cases if runs != arm]


def _differ(program: Program, points: Points, arm: int, cases: Choices) -> bool:
    """Whether a drawn input shows another output: <a|rho|a> of some record, for drawn vectors a."""
    probe = np.random.default_rng(0).normal(size=(4, 2, 2**program.n))
    a = probe[:, 0] + 1j * probe[:, 1]
    a /= np.linalg.norm(a, axis=1, keepdims=True)

    def told(steps: tuple[Step, ...], record: int) -> dict[int, Vectors]:
        end = walk_from(replace(program, steps=steps), points, record)
        return {r: np.sum(np.abs(v @ a.conj().T) ** 2, axis=0) for r, v in end.items()}

    for record, ours, theirs in _pairs(program, arm, cases):
        left, right = told(ours, record), told(theirs, record)
        zero = np.zeros((1, 1))
        gaps = [float(np.abs(left.get(r, zero) - right.get(r, zero)).max()) for r in {*left, *right}]
        if max(gaps, default=0.0) > MARGIN:
            return True
    return False


def _equal(field: Residues, arm: int, cases: Choices) -> bool:
    size = 2**field.n
    w, z = field.numbers("w", size), field.numbers("z", size)

    def told(steps: tuple[Step, ...], record: int) -> dict[int, int]:
        end = field.walked(steps, {record: field.start()}, lambda *_: None)
        sums = {r: int((v[:, 0] @ w % field.p * (v[:, 1] @ z % field.p)).sum() % field.p) for r, v in end.items()}
        return {r: value for r, value in sums.items() if value}

    return all(told(ours, r) == told(theirs, r) for r, ours, theirs in _pairs(field.program, arm, cases))
