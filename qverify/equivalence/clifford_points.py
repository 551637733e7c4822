"""Refuting equality at Clifford points: at any number of qubits, in exact integers.

Where every parameter is chosen so that all angles are multiples of pi/2, both circuits are Cliffords A and B, and
A^dagger Q A is one Pauli word for each Pauli Q of one wire. If it differs from B^dagger Q B for some Q, then a
product of eigenstates gives <Q> = +1 after A and 0 or -1 after B: a witness that anybody can replay.
A parameter inside `atan` takes the values 0 and +-1e16, where atan is 0 and +-pi/2 to the last digit.
No witness proves nothing: a difference can vanish at all Clifford points.
Source: Gottesman, quant-ph/9807006 (the theorem that makes this efficient). Cost: O(gates) a point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from qverify.angles import Angle, evaluate, parameters_in
from qverify.equivalence.frame import Frame, Pauli, sign
from qverify.reduction import quarter_turns
from qverify.semantics.rotations import Clifford, Rotation, Step

_STATES = {"X": "+-", "Y": "rl", "Z": "01"}
POINTS = 24
SIMPLER = 48  # trials of putting parameters to zero
HUGE = 1e16
LARGE = 1e4  # radians
ROUNDING = 1e-9  # radians between an angle and the multiple of pi/2 it is taken for


@dataclass(frozen=True)
class CliffordWitness:
    """Two circuits differ: at `values`, from the product input `letters`, <observable> is 1 against `other`.

    letters: one of `0 1 + - r l` a wire, wire 0 first. observable: as `X3`, `Y0` or `Z7`.
    error: bound on what taking angles for multiples of pi/2 can change in either expectation.
    """

    values: dict[str, float]
    letters: str
    observable: str
    other: float
    error: float


def clifford_witness(
    a: Sequence[Step], b: Sequence[Step], n: int, names: Sequence[str], rng: Generator
) -> CliffordWitness | None:
    """Look for a Clifford point where two circuits differ.

    Args:
        a, b: the circuits as Clifford gates and rotations.
        names: all parameters.

    Returns:
        None where none of the points tried tells them apart, or none is a Clifford point.
    """
    inside = _inside_functions([s.angle for s in (*a, *b) if isinstance(s, Rotation)])
    for _ in range(POINTS):
        values = {
            p: float(rng.choice([0.0, HUGE, -HUGE]) if p in inside else rng.integers(4) * math.pi / 2)
            for p in names
        }
        if _witness(a, b, n, values) is not None:
            return _simplest(a, b, n, values)
    return None


def _simplest(a: Sequence[Step], b: Sequence[Step], n: int, values: dict[str, float]) -> CliffordWitness:
    """The witness at a point with as many parameters at zero as a bounded number of trials can put there."""
    best, trials, size = dict(values), 0, max(1, len(values) // 2)
    while trials < SIMPLER:
        away = [p for p in best if best[p] != 0.0]
        for at in range(0, len(away), size):
            trials += 1
            candidate = best | dict.fromkeys(away[at : at + size], 0.0)
            if trials <= SIMPLER and _witness(a, b, n, candidate) is not None:
                best = candidate
        if size == 1:
            break
        size //= 2
    found = _witness(a, b, n, best)
    if found is None:
        raise AssertionError("the point lost its difference")
    return found


def _witness(a: Sequence[Step], b: Sequence[Step], n: int, values: dict[str, float]) -> CliffordWitness | None:
    frames = [_frame(program, n, values) for program in (a, b)]
    if frames[0] is None or frames[1] is None:
        return None
    (left, lost_left), (right, lost_right) = frames[0], frames[1]
    found = _difference(left, right)
    return None if found is None else CliffordWitness(values, *found, 2 * (lost_left + lost_right))


def _inside_functions(angles: Sequence[Angle]) -> set[str]:
    return {
        name
        for angle in angles
        for atom, _ in angle.terms
        for operand in atom.operands
        for name in parameters_in(operand)
    }


def _frame(program: Sequence[Step], n: int, values: dict[str, float]) -> tuple[Frame, float] | None:
    """The Clifford that a circuit is at a point, and the bound on its distance from it; None where it is none."""
    frame, lost = Frame(n), 0.0
    with np.errstate(all="ignore"):
        for step in program:
            if isinstance(step, Clifford):
                if step.name in ("x", "y", "z"):
                    frame.flip(step.wires[0], step.name.upper())
                else:
                    getattr(frame, step.name)(*step.wires)
                continue
            t = _value(step.angle, values)
            if t is None:
                return None
            if not math.isfinite(t):
                return None
            quarters, away = quarter_turns(t)
            away = abs(away)
            if not away < ROUNDING:
                return None
            lost += away / 2
            if quarters % 4:
                frame.rotate(step.letters, step.wires, quarters)
    return frame, lost


def _value(angle: Angle, values: dict[str, float]) -> float | None:
    """The angle at a point; None where rounding may be larger than 1e-9."""
    total = largest = angle.constant
    for atom, coefficient in angle.terms:
        if atom.kind != "parameter":
            return float(evaluate(angle, values)) if _is_sharp(angle, values, huge_allowed=False) else None
        term = coefficient * values[atom.name]
        total += term
        largest = max(abs(largest), abs(term))
    return total if abs(largest) <= LARGE else None


def _is_sharp(angle: Angle, values: dict[str, float], *, huge_allowed: bool) -> bool:
    """Whether rounding leaves the angle's value right to 1e-9.

    Terms stay below LARGE, where a unit in the last place is below 1e-11; only what stands inside `atan` may be
    huge, where the function is flat, and even there huge terms must not cancel.
    """
    sizes = [abs(angle.constant), *(abs(float(evaluate(Angle(0.0, (term,)), values))) for term in angle.terms)]
    largest = max(sizes)
    if largest > LARGE and (not huge_allowed or abs(float(evaluate(angle, values))) < largest / 2):
        return False
    return all(
        _is_sharp(part, values, huge_allowed=atom.kind == "atan" or (huge_allowed and atom.kind in ("mul", "pow")))
        for atom, _ in angle.terms
        for part in atom.operands
    )


def _difference(a: Frame, b: Frame) -> tuple[str, str, float] | None:
    """(input letters, observable, <observable> after b) where <observable> after a is 1."""
    rows = [("X", k, a.x[k], b.x[k]) for k in range(len(a.x))] + [("Z", k, a.z[k], b.z[k]) for k in range(len(a.z))]
    differing = [row for row in rows if row[2] != row[3]]
    if not differing:
        return None
    letter, k, left, right = min(differing, key=lambda row: (row[2][0] | row[2][1]).bit_count())
    letters, other = _eigenstate(left, right, len(a.x))
    return letters, f"{letter}{k}", other


def _eigenstate(left: Pauli, right: Pauli, n: int) -> tuple[str, float]:
    """A product state with <left> = 1, and <right> there, which is 0 where it can be and else -1."""
    mine, theirs = ([_letter(p, k) for k in range(n)] for p in (left, right))
    axes = [m if m != "I" else "Z" if t in "IXY" else "X" for m, t in zip(mine, theirs, strict=True)]
    signs = [1] * n
    support = [k for k in range(n) if mine[k] != "I"]
    inner = [k for k in range(n) if theirs[k] != "I"]
    if any(theirs[k] != mine[k] for k in inner):  # some wire is unbiased for the other word
        signs[support[0]] = sign(left)
        other = 0.0
    else:  # the other word is a part of this one, or the same with the opposite sign
        signs[inner[0]] = -sign(right)
        rest = [k for k in support if theirs[k] == "I"]
        if rest:
            signs[rest[0]] = sign(left) * signs[inner[0]]
        other = -1.0
    return "".join(_STATES[axis][sign_ < 0] for axis, sign_ in zip(axes, signs, strict=True)), other


def _letter(p: Pauli, k: int) -> str:
    return "IXZY"[(p[0] >> k & 1) + 2 * (p[1] >> k & 1)]
