"""A circuit as Clifford gates and Pauli rotations, in order.

    exp(-i t P / 2)  for a Pauli word P;   U(a, b, c) = RZ(b) RY(a) RZ(c);   |1><1| = (1 - Z) / 2 gives
    controlled-exp(-i t P / 2) = exp(-i (t/2) P / 2) exp(+i (t/2) Z_c P / 2)

Global phases are dropped, also those that depend on parameters: what is compared is compared up to phase.
Gates without a rule here are opened by their definition. Source: OpenQASM 3 specification; the identities are
checked against matrices in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Barrier, ControlledGate, Delay, Operation, Parameter, ParameterExpression, QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.synthesis import OneQubitEulerDecomposer

from qverify.angles import Angle, angle_of, constant, parameter, scale
from qverify.errors import Undecidable
from qverify.semantics.polynomials import expanded
from qverify.structure import gates, leaves, standard_class

Wires = tuple[int, ...]


class Clifford(NamedTuple):
    """A Clifford gate by name: h s x y z cx swap."""

    name: str
    wires: Wires


class Rotation(NamedTuple):
    """exp(-i angle P / 2) for the Pauli word with these letters on these wires."""

    letters: str
    wires: Wires
    angle: Angle


class Fixed(NamedTuple):
    """A matrix on several wires, the first wire its least significant bit."""

    matrix: NDArray[np.complex128]
    wires: Wires


Step = Clifford | Rotation
HALF, QUARTER = constant(math.pi / 2), constant(math.pi / 4)


def _steps(names: str) -> Callable[[Wires], list[Step]]:
    """Gates written as `h0 cx01`: names with the positions of their wires."""
    parsed = [(word.rstrip("0123456789"), [int(d) for d in word if d.isdigit()]) for word in names.split()]
    return lambda wires: [Clifford(name, tuple(wires[k] for k in at)) for name, at in parsed]


_CLIFFORD: dict[str, Callable[[Wires], list[Step]]] = {
    "IGate": _steps(""), "XGate": _steps("x0"), "YGate": _steps("y0"), "ZGate": _steps("z0"), "HGate": _steps("h0"),
    "SGate": _steps("s0"), "SdgGate": _steps("s0 z0"),
    "SXGate": _steps("h0 s0 h0"), "SXdgGate": _steps("h0 s0 z0 h0"),
    "CXGate": _steps("cx01"), "CZGate": _steps("h1 cx01 h1"), "CYGate": _steps("s1 z1 cx01 s1"),
    "SwapGate": _steps("swap01"), "iSwapGate": _steps("swap01 h1 cx01 h1 s0 s1"), "DCXGate": _steps("cx01 cx10"),
}  # fmt: skip
_WORDS = {
    "RXGate": "X", "RYGate": "Y", "RZGate": "Z", "PhaseGate": "Z", "U1Gate": "Z",
    "RXXGate": "XX", "RYYGate": "YY", "RZZGate": "ZZ", "RZXGate": "ZX",
}  # fmt: skip
_CONTROLLED_WORDS = {"CRXGate": "X", "CRYGate": "Y", "CRZGate": "Z"}
_DIAGONAL = {"CPhaseGate": 2, "CU1Gate": 2, "CSGate": 2, "CSdgGate": 2, "CCZGate": 3, "MCPhaseGate": 0}
_FLIPS = {"CCXGate": 3, "C3XGate": 4}
_FIXED_PHASE = {"CSGate": HALF, "CSdgGate": scale(HALF, -1.0), "CCZGate": constant(math.pi)}
_CLOSED = frozenset({
    "XGate", "HGate", "SXGate", "SGate", "SdgGate", "SXdgGate", "RXGate", "RYGate", "RZGate", "UGate",
})  # no controls  # fmt: skip
UNITARITY = 1e-12
_MAX_DIAGONAL = 6  # wires of a multi-controlled phase: 2**k - 1 rotations


def steps_and_matrices(circuit: QuantumCircuit) -> Iterator[Step | Fixed]:
    """As `steps`, with matrices on several wires left as they are.

    Raises:
        Undecidable: an operation is no gate, or a matrix is not unitary.
    """
    for op, wires in gates(circuit):
        if isinstance(op, UnitaryGate) and len(wires) > 1:
            yield Fixed(unitary(op), wires)
        else:
            yield from steps_of(op, wires)


def unitary(op: UnitaryGate) -> NDArray[np.complex128]:
    """The matrix of a `UnitaryGate`, whose constructor forgives 1e-8.

    Raises:
        Undecidable: it is not unitary within rounding.
    """
    matrix = np.asarray(op.params[0], dtype=np.complex128)
    if np.linalg.norm(matrix.conj().T @ matrix - np.eye(len(matrix))) > UNITARITY:
        raise Undecidable("a matrix is unitary only roughly, so it has no rotation form")
    return matrix


def steps(circuit: QuantumCircuit) -> Iterator[Step]:
    """The circuit's gates as Clifford gates and rotations, up to global phase.

    Raises:
        Undecidable: an operation is no gate, or a matrix on more than one wire.
    """
    fixed: dict[tuple[str, int, Wires], tuple[Step, ...]] = {}  # gates that come again and again
    read = _Angles().read
    for op, wires in gates(circuit):
        kind = standard_class(op)
        if kind in _WORDS:
            yield Rotation(_WORDS[kind], wires, read(op.params[0]))
        elif kind in _CLIFFORD:
            key = kind, -1 if kind in _CLOSED else getattr(op, "ctrl_state", -1), wires
            if key not in fixed:
                fixed[key] = tuple(steps_of(op, wires))
            yield from fixed[key]
        else:
            yield from steps_of(op, wires)


_parameter = lru_cache(maxsize=100_000)(parameter)


class _Angles:
    """The angles of one circuit, each plain number and each plain parameter read once."""

    def __init__(self) -> None:
        self.numbers: dict[float, Angle] = {}

    def read(self, value: float | ParameterExpression) -> Angle:
        """`angle_of(value)`; expressions are never looked up, since Qiskit's equality of them forgives digits."""
        if isinstance(value, Parameter):
            return _parameter(value.name)
        if type(value) is not float:
            return expanded(angle_of(value))
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = angle_of(value)
        return found


def steps_of(op: Operation, wires: Wires) -> Iterator[Step]:
    """One gate as Clifford gates and rotations, up to phase.

    Raises:
        Undecidable: it is no gate, or a matrix on more than one wire.
    """
    kind = standard_class(op)
    if not kind and isinstance(op, Barrier | Delay):
        return
    if kind in _CLOSED:
        yield from _closed(op, wires)
        return
    controls = op.num_ctrl_qubits if isinstance(op, ControlledGate) else 0
    opened = [wires[k] for k in range(controls) if not op.ctrl_state >> k & 1]
    yield from (Clifford("x", (k,)) for k in opened)
    yield from _closed(op, wires)
    yield from (Clifford("x", (k,)) for k in opened)


def _closed(op: Operation, wires: Wires) -> Iterator[Step]:
    """A gate with all its controls closed."""
    kind = standard_class(op)
    if kind in _CLIFFORD:
        yield from _CLIFFORD[kind](wires)
        return
    angles = [expanded(angle_of(p)) for p in op.params] if kind else []
    if kind in _WORDS:
        yield Rotation(_WORDS[kind], wires, angles[0])
    elif kind in ("TGate", "TdgGate"):
        yield Rotation("Z", wires, scale(QUARTER, 1.0 if kind == "TGate" else -1.0))
    elif kind in ("UGate", "U3Gate"):
        yield from _euler(angles[0], angles[1], angles[2], wires)
    elif kind == "U2Gate":
        yield from _euler(HALF, angles[0], angles[1], wires)
    elif kind == "RGate":
        yield Rotation("Z", wires, scale(angles[1], -1.0))
        yield Rotation("X", wires, angles[0])
        yield Rotation("Z", wires, angles[1])
    elif kind in _CONTROLLED_WORDS:
        word = _CONTROLLED_WORDS[kind]
        yield Rotation(word, wires[1:], scale(angles[0], 0.5))
        yield Rotation("Z" + word, wires, scale(angles[0], -0.5))
    elif kind in _DIAGONAL and len(wires) <= _MAX_DIAGONAL:
        yield from _phase(_FIXED_PHASE[kind] if kind in _FIXED_PHASE else angles[0], wires)
    elif kind in _FLIPS:
        yield Clifford("h", wires[-1:])
        yield from _phase(constant(math.pi), wires)
        yield Clifford("h", wires[-1:])
    elif kind == "GlobalPhaseGate":
        return
    else:
        yield from _opened(op, wires)


def _euler(theta: Angle, phi: Angle, lam: Angle, wires: Wires) -> Iterator[Step]:
    """U(theta, phi, lambda) = RZ(phi) RY(theta) RZ(lambda) up to phase."""
    yield Rotation("Z", wires, lam)
    yield Rotation("Y", wires, theta)
    yield Rotation("Z", wires, phi)


def _phase(t: Angle, wires: Wires) -> Iterator[Step]:
    """exp(i t |1...1><1...1|): a rotation for every non-empty set of wires, angle t / 2**(k-1), sign by parity."""
    k = len(wires)
    for size in range(1, k + 1):
        share = scale(t, (1.0 if size % 2 else -1.0) / 2 ** (k - 1))
        for some in combinations(wires, size):
            yield Rotation("Z" * size, some, share)


def _opened(op: Operation, wires: Wires) -> Iterator[Step]:
    if isinstance(op, UnitaryGate):
        if len(wires) != 1:
            raise Undecidable("a matrix on several wires has no rotation form here")
        theta, phi, lam = OneQubitEulerDecomposer("U3").angles(unitary(op))
        yield from _euler(constant(float(theta)), constant(float(phi)), constant(float(lam)), wires)
        return
    definition = (_with_closed_controls(op) if isinstance(op, ControlledGate) else op).definition
    if definition is None:
        raise Undecidable(f"the operation `{op.name}` is no gate")
    for leaf in leaves(definition):
        yield from steps_of(leaf.operation, tuple(wires[k] for k in leaf.qubits))


def _with_closed_controls(op: ControlledGate) -> ControlledGate:
    closed = op.to_mutable()
    closed.ctrl_state = 2**op.num_ctrl_qubits - 1
    return closed
