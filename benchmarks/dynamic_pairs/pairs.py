"""The pair of a number: two circuits that measure and branch, the notion and input they are compared under.

    even numbers   A = sketch with a fragment, B = the same with the equal fragment, or rewritten as a whole
    odd numbers    B = A with a fault

and more rewrites around either. The same number is the same pair in every run and on every machine.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, replace
from random import Random

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import CircuitError

from .build import circuit_of
from .distances import Asked, truth
from .draw import WIDTH_WEIGHTS, WIDTHS, Scope, sketch
from .faults import FAULTS
from .identities import IDENTITIES
from .rewrites import REWRITES, WHOLES
from .sketch import FLOW, Ops, Place, Sketch, all_ops, names_in, places, put, touched

NAMES = ("x", "y")
COMPILED = "compiled"
KEEPING = [*IDENTITIES, *REWRITES, *WHOLES, COMPILED]
MISTAKES = list(FAULTS)
NOTIONS = ("instrument", "channel", "outcomes")
BASES = (["rz", "sx", "x", "cx"], ["u", "cz"], ["rx", "ry", "rz", "cx", "h"])
TRIES = 400
MOSTLY, HIDDEN = 0.75, 1e-10
MOST_SPLITS = 14  # measurements and resets, loops unrolled


@dataclass(frozen=True)
class Pair:
    """Two circuits and how they came about. kind: the change that the pair is for; more: the others, in order."""

    number: int
    kind: str
    more: tuple[str, ...]
    a: QuantumCircuit
    b: QuantumCircuit
    names: tuple[str, ...]
    asked: Asked
    tolerance: float


def kind_of(number: int) -> str:
    """The kind of change of a pair."""
    kinds = MISTAKES if number % 2 else KEEPING
    return kinds[number // 2 % len(kinds)]


def pair(number: int, salt: str = "0", widest: int = 6) -> Pair:
    """The pair of a number. salt: names another sequence of pairs. widest: most wires."""
    source, kind = Random(f"{salt}|{number}"), kind_of(number)  # noqa: S311  # reproducible, no secret
    for _ in range(TRIES):
        with contextlib.suppress(CircuitError):
            made = _attempt(source, number, kind, widest)
            if made is not None:
                return made
    raise ValueError(f"no circuit drawn for pair {number} has anything to change by `{kind}`")


def _attempt(source: Random, number: int, kind: str, widest: int) -> Pair | None:
    n = source.choices(WIDTHS[:widest], WIDTH_WEIGHTS[:widest])[0]
    names = NAMES[: source.choice([1, 1, 2])] if source.random() < 0.5 else ()
    length = source.randint(9, 16) if source.random() < 0.2 else source.randint(2, 8)
    one = sketch(source, n, length, names)
    notion, given = source.choice(NOTIONS), source.choice(["any", "any", "zero"])
    sides = _changed(source, one, kind, names, notion, Asked(notion, given))
    if sides is None:
        return None
    a, b, asked = sides
    more: list[str] = []
    b = _rewritten(source, b, source.choice([0, 0, 1, 2]), more)
    if not _sensible(a, names) or not _sensible(b, names):
        return None
    left, right = circuit_of(a, names, source.randrange(99)), circuit_of(b, names, source.randrange(99))
    if kind == COMPILED or source.random() < 0.08:
        right = compiled(source, right)
        more += [COMPILED] if kind != COMPILED else []
    if names and source.random() < 0.3:
        at = {name: source.uniform(-4, 4) for name in names}
        left, right = (side.assign_parameters({p: at[p.name] for p in side.parameters}) for side in (left, right))
        more.append("bound")
        names = ()
    if {p.name for side in (left, right) for p in side.parameters} != set(names):
        return None
    if kind in MISTAKES and source.random() < MOSTLY and _hidden(source, left, right, asked):
        return None
    return Pair(
        number, kind, tuple(more), left, right, tuple(names), asked, source.choice([1e-8] * 8 + [1e-10, 1e-6])
    )


def _hidden(source: Random, a: QuantumCircuit, b: QuantumCircuit, asked: Asked) -> bool:
    """Whether a mistake does not show at drawn values; most such pairs are drawn anew."""
    values = {name: source.uniform(-4, 4) for name in NAMES}
    return truth(a, b, values, asked).lo < HIDDEN


def _changed(
    source: Random, one: Sketch, kind: str, names: tuple[str, ...], notion: str, asked: Asked
) -> tuple[Sketch, Sketch, Asked] | None:
    if kind in IDENTITIES:
        sides = _planted(source, one, kind, names)
        return None if sides is None else (*sides, asked)
    if kind in WHOLES:
        return WHOLES[kind](source, one, one, notion)
    if kind == COMPILED:
        return one, one, asked
    two = (REWRITES | FAULTS)[kind](source, one)
    return None if two is None else (one, two, asked)


def _planted(source: Random, one: Sketch, kind: str, names: tuple[str, ...]) -> tuple[Sketch, Sketch] | None:
    """One fragment in A, the equal one in B, at the same place; not inside a composite, which holds gates alone."""
    found = [place for place in places(one.items) if "block" not in place.kinds]
    place = found[0] if source.random() < 0.6 else source.choice(found)
    at = source.randint(0, len(place.ops))
    written = tuple(sorted(touched(one.items, one).writes))
    depth = sum(each in ("if", "switch", "for", "box") for each in place.kinds)
    fragments = IDENTITIES[kind](source, Scope(one, names, written, place.loops, min(depth + 2, 4)))
    if fragments is None:
        return None
    left, right = (replace(one, items=_inserted(one.items, place, at, each)) for each in fragments)
    return (left, right) if source.random() < 0.5 else (right, left)


def _inserted(items: Ops, place: Place, at: int, new: Ops) -> Ops:
    return put(items, place.path, (*place.ops[:at], *new, *place.ops[at:]))


def _rewritten(source: Random, start: Sketch, count: int, more: list[str]) -> Sketch:
    for _ in range(count):
        kind = source.choice(list(REWRITES))
        done = REWRITES[kind](source, start)
        if done is not None:
            start = done
            more.append(kind)
    return start


def _sensible(one: Sketch, names: tuple[str, ...]) -> bool:
    """Whether it has all parameters, measures, resets or branches, not too often.

    Composites hold no control flow: Qiskit makes none of it.
    """
    if names_in(one.items) != set(names):
        return False
    if any(inner.kind in FLOW for op in all_ops(one.items) if op.kind == "block" for inner in op.bodies[0]):
        return False
    return 0 < splits(one.items) <= MOST_SPLITS and any(
        op.kind in (*FLOW, "measure", "reset") for op in all_ops(one.items)
    )


def splits(ops: Ops) -> int:
    """Measurements and resets, loops unrolled."""
    turns = (len(op.labels[0]) if op.kind == "for" else 1 for op in ops)
    return sum(
        t * ((op.kind in ("measure", "reset")) + sum(map(splits, op.bodies)))
        for t, op in zip(turns, ops, strict=True)
    )


def compiled(source: Random, circuit: QuantumCircuit) -> QuantumCircuit:
    """What Qiskit's compiler makes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transpile(
            circuit, basis_gates=[*source.choice(BASES), "reset", "measure", "delay"],
            optimization_level=source.choice([0, 1, 2, 3]), seed_transpiler=1, qubits_initially_zero=False,
        )  # fmt: skip
