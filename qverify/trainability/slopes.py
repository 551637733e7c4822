"""How an angle changes with each parameter in it, and how a gate's matrix changes with each of its angles: exactly.

    d angle / d parameter      by the chain rule over the canonical form (forward differentiation)
    d U_ij / d a               U_ij is a trigonometric polynomial in a with frequencies 0, 1/2 and 1 only, so
        U' = (1/2) [ c_1 (U(a + pi/2) - U(a - pi/2)) - c_2 (U(a + 3 pi/2) - U(a - 3 pi/2)) ],  c = (2 +- sqrt 2) / 4

Source: Griewank and Walther, Evaluating Derivatives (2008), ch. 3; for the second rule, exact for these
frequencies, Wierichs, Izaac, Wang, Lin, Quantum 6, 677 (2022), eq. (17) with R = 2 in a / 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import ControlledGate, Operation
from qiskit.circuit.library import UnitaryGate

from qverify.angles import Angle, Atom, angle_of, evaluate, parameters_in, substitute
from qverify.semantics.gates import MATRICES, Matrix, open_controls
from qverify.structure import standard_class

Real = NDArray[np.float64]
Values = Mapping[str, ArrayLike]
_NEAR, _FAR = (2 + math.sqrt(2)) / 8, (2 - math.sqrt(2)) / 8  # c_1 / 2 and c_2 / 2

_DERIVATIVES: dict[str, Callable[[Real], Real]] = {
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "tan": lambda x: 1 + np.tan(x) ** 2,
    "asin": lambda x: 1 / np.sqrt(1 - x**2),
    "acos": lambda x: -1 / np.sqrt(1 - x**2),
    "atan": lambda x: 1 / (1 + x**2),
    "exp": np.exp,
    "log": lambda x: 1 / x,
    "sqrt": lambda x: 0.5 / np.sqrt(x),
    "abs": np.sign,
    "sign": np.zeros_like,
}


def slopes(angle: Angle, values: Values) -> dict[str, Real]:
    """d angle / d parameter for each parameter of an angle.

    Args:
        values: parameter name -> array, all of one broadcastable shape S.

    Returns:
        Name -> shape S or (), radians a unit of the parameter; NaN or infinite where there is no derivative.
    """
    total: dict[str, Real] = {}
    with np.errstate(all="ignore"):
        for atom, coefficient in angle.terms:
            for name, slope in _atom_slopes(atom, values).items():
                total[name] = np.asarray(total.get(name, 0.0) + coefficient * slope)
    return total


def _atom_slopes(atom: Atom, values: Values) -> dict[str, Real]:
    if atom.kind == "parameter":
        return {atom.name: np.asarray(1.0)}
    operands = [evaluate(operand, values) for operand in atom.operands]
    inner = [slopes(operand, values) for operand in atom.operands]
    out: dict[str, Real] = {}
    for factor, slope in zip(_partials(atom.kind, operands, inner), inner, strict=True):
        for name, value in slope.items():
            out[name] = np.asarray(out.get(name, 0.0) + factor * value)
    return out


def _partials(kind: str, operands: list[Real], inner: list[dict[str, Real]]) -> list[Real]:
    """The derivative of an operation by each of its operands."""
    if kind in _DERIVATIVES:
        return [_DERIVATIVES[kind](operands[0])]
    a, b = operands
    if kind == "mul":
        return [b, a]
    if kind == "div":
        return [1 / b, -a / b**2]
    by_exponent = np.power(a, b) * np.log(a) if inner[1] else np.zeros(())  # a may be negative where b is constant
    return [b * np.power(a, b - 1), by_exponent]


@dataclass(frozen=True)
class Gate:
    """A unitary gate: `formula` of its angles (radians) gives its matrix.

    control_state: (number of controls, their state), where that is not "all ones".
    given: its matrix was given in numbers, so it is unitary up to rounding only.
    """

    wires: tuple[int, ...]
    formula: Callable[..., Matrix]
    angles: tuple[Angle, ...] = ()
    control_state: tuple[int, int] | None = None
    given: bool = False

    def names(self) -> frozenset[str]:
        """The parameters that turn it."""
        return frozenset().union(*(parameters_in(angle) for angle in self.angles))

    def matrix(self, values: Values) -> Matrix:
        """Shape (B or 1, d, d)."""
        return self._at([np.atleast_1d(evaluate(angle, values)) for angle in self.angles])

    def undoing(self, matrix: Matrix) -> Matrix:
        """The inverse of its matrices."""
        inverse = np.linalg.inv(matrix) if self.given else matrix.conj().swapaxes(1, 2)
        return np.asarray(inverse, dtype=np.complex128)

    def derivatives(self, values: Values, names: Iterable[str]) -> list[tuple[str, Matrix]]:
        """d U / d name for those of the names that turn it, in their order; shapes (B or 1, d, d)."""
        angles = [np.atleast_1d(evaluate(angle, values)) for angle in self.angles]
        total: dict[str, Matrix] = {}
        for k, angle in enumerate(self.angles):
            found = slopes(angle, values) if parameters_in(angle) else {}
            wanted = [name for name in names if name in found]
            if not wanted:
                continue
            by_angle = self._by_angle(angles, k)
            for name in wanted:
                part = by_angle * np.reshape(found[name], (-1, 1, 1))
                total[name] = total[name] + part if name in total else part
        return [(name, total[name]) for name in names if name in total]

    def _by_angle(self, angles: list[Real], k: int) -> Matrix:
        def at(quarters: int) -> Matrix:
            return self._at([a + quarters * math.pi / 2 if j == k else a for j, a in enumerate(angles)])

        return _NEAR * (at(1) - at(-1)) - _FAR * (at(3) - at(-3))

    def _at(self, angles: list[Real]) -> Matrix:
        matrix = self.formula(*np.broadcast_arrays(*angles)) if angles else self.formula()
        return open_controls(matrix, *self.control_state) if self.control_state else matrix


def gate_of(op: Operation, wires: tuple[int, ...], loop: Mapping[str, float]) -> Gate | None:
    """The gate of an operation that has a formula or a matrix; None for what is to be opened up.

    Args:
        loop: the values of the loop parameters around it.
    """
    if isinstance(op, UnitaryGate):
        matrix = np.asarray(op.params[0], dtype=np.complex128)[None]
        return Gate(wires, lambda: matrix, given=True)
    kind = standard_class(op)
    formula = MATRICES.get(kind)
    if formula is None:
        return None
    angles = tuple(angle_of(p) for p in op.params)
    for name, value in loop.items():
        angles = tuple(substitute(angle, name, value) for angle in angles)
    opened = isinstance(op, ControlledGate) and op.ctrl_state != 2**op.num_ctrl_qubits - 1
    return Gate(wires, formula, angles, (op.num_ctrl_qubits, op.ctrl_state) if opened else None)
