"""Where a circuit's angles are defined: `arcsin(x)` needs |x| <= 1, `1/x` needs x != 0.

Only angles with a function that is not defined everywhere are looked at; most circuits have none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import ForLoopOp, Parameter, QuantumCircuit, WhileLoopOp

from qverify.angles import Angle, Atom, angle_of, evaluate, substitute
from qverify.errors import Undecidable
from qverify.structure import leaves, standard_class
from qverify.subject import Subject

_EVERYWHERE = {"parameter", "mul", "sin", "cos", "atan", "abs", "sign"}
_ROUNDS = 100
MAX_ANGLES = 2_000_000


def all_angles(circuit: QuantumCircuit, *, counted: bool = True) -> Iterator[tuple[str, int, Angle]]:
    """(gate's class, which of its angles, the angle) of every standard gate, each time it may be executed.

    Composite gates are opened and `for` loops unrolled; a body that may run counts as if it did.

    Args:
        counted: whether it matters how often an angle is met; if not, those inside a `while` are met once.

    Raises:
        Undecidable: too many gates once loops are unrolled, or a `while` turns a parameter who knows how often.
    """
    for count, found in enumerate(_angles(circuit, counted)):
        if count >= MAX_ANGLES:
            raise Undecidable(f"more than {MAX_ANGLES} angles once its loops are unrolled")
        yield found


def _angles(circuit: QuantumCircuit, counted: bool) -> Iterator[tuple[str, int, Angle]]:
    for leaf in leaves(circuit):
        op, kind = leaf.operation, standard_class(leaf.operation)
        if isinstance(op, ForLoopOp):
            indices, variable, body = op.params
            inside = list(_angles(body, counted))
            if len(inside) * len(indices) > MAX_ANGLES:
                raise Undecidable(f"more than {MAX_ANGLES} angles once its loops are unrolled")
            used = isinstance(variable, Parameter)  # a classical variable enters no angle
            for index in indices if inside else ():
                for name, k, angle in inside:
                    yield name, k, substitute(angle, variable.name, float(index)) if used else angle
            continue
        for body in getattr(op, "blocks", ()):
            for name, k, angle in _angles(body, counted):
                if counted and isinstance(op, WhileLoopOp) and angle.terms:
                    raise Undecidable("how often a parameter turns a gate inside a `while` is not worked out")
                yield name, k, angle
        if kind:
            yield from ((kind, k, angle_of(p)) for k, p in enumerate(op.params))


def partial_angles(circuit: QuantumCircuit) -> tuple[Angle, ...]:
    """The angles that are undefined for some values of their parameters."""
    return tuple(dict.fromkeys(a for _, _, a in all_angles(circuit, counted=False) if _is_partial(a)))


def _is_partial(angle: Angle) -> bool:
    return any(_is_partial_atom(atom) for atom, _ in angle.terms)


def _is_partial_atom(atom: Atom) -> bool:
    return atom.kind not in _EVERYWHERE or any(_is_partial(operand) for operand in atom.operands)


def defined(angles: Iterable[Angle], values: Mapping[str, ArrayLike]) -> NDArray[np.bool_]:
    """Where all the angles are finite; values of shape (B,) give shape (B,)."""
    finite = np.asarray(True)
    for angle in angles:
        finite = finite & np.isfinite(evaluate(angle, values))
    return np.asarray(finite)


def draw_values(subject: Subject, rng: Generator, count: int) -> dict[str, NDArray[np.float64]]:
    """Values for every parameter: features uniform over their range, all others uniform over a turn.

    Returns:
        name -> shape (count,), such that every angle is defined.

    Raises:
        Undecidable: hardly any drawn value gives defined angles.
    """
    angles, features = partial_angles(subject.circuit), set(subject.claims.features)
    low, high = subject.claims.feature_range
    kept: list[dict[str, NDArray[np.float64]]] = []
    found = 0
    for _ in range(_ROUNDS):
        drawn = {
            p: rng.uniform(low, high, count) if p in features else rng.uniform(0, 2 * math.pi, count)
            for p in subject.parameters
        }
        good = np.broadcast_to(defined(angles, drawn), (count,))
        kept.append({p: v[good] for p, v in drawn.items()})
        found += int(good.sum())
        if found >= count:
            return {p: np.concatenate([part[p] for part in kept])[:count] for p in subject.parameters}
    raise Undecidable("its angles are undefined for most values tried; claim its `features` and a `feature_range`")
