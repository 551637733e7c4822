"""A verified static circuit as a flat list of gates that have a matrix, split where the data ends.

Where every gate that reads a feature is a single-qubit gate and nothing but single-qubit gates stand before
it on its wire, the circuit is  |x> -> U(w) (x)_q |psi_q(x)>:  a product state of the data, then one unitary of
the weights. That unitary is built once for all samples. Any other circuit, and any of more than eight wires,
keeps one list of gates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qlstm.gates import KNOWN
from qverify.angles import Angle, Atom, angle_of, parameters_in
from qverify.errors import Unusable

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Operation

# U has 4**n entries and costs as much to build as 2**n samples; a batch over a window is some tens to hundreds
MOST_QUBITS_FOR_UNITARY = 8


@dataclass(frozen=True)
class Gate:
    """A key of the gate tables on `wires`, Qiskit's order; angles in radians."""

    name: str
    wires: tuple[int, ...]
    angles: tuple[Angle, ...] = ()

    def reads(self) -> frozenset[str]:
        """The parameters this gate depends on."""
        return frozenset[str]().union(*(parameters_in(angle) for angle in self.angles))


@dataclass(frozen=True)
class Program:
    """`encoding`, a product of single-qubit gates that only features enter, then `body`.

    Names in the angles are numbered as claimed, `x0, x1, ...` for features and `w0, w1, ...` for weights, so
    that two circuits of one layout have equal programs. All wires start in |0>.
    """

    n_qubits: int
    encoding: tuple[Gate, ...]
    body: tuple[Gate, ...]

    @property
    def is_unitary_once(self) -> bool:
        """Does `body` depend on weights only, on few enough wires for its unitary to pay?"""
        return self.n_qubits <= MOST_QUBITS_FOR_UNITARY and not any(
            name.startswith("x") for gate in self.body for name in gate.reads()
        )


def program_of(circuit: QuantumCircuit, features: tuple[str, ...], weights: tuple[str, ...]) -> Program:
    """Flatten a circuit and split it.

    Raises:
        Unusable: the circuit measures, resets, branches, uses an unknown operation or an unclaimed parameter.
    """
    numbered = {name: f"x{k}" for k, name in enumerate(features)}
    numbered |= {name: f"w{k}" for k, name in enumerate(weights)}
    gates: list[Gate] = []
    for gate in _flatten(circuit, tuple(range(circuit.num_qubits))):
        unclaimed = sorted(gate.reads() - numbered.keys())
        if unclaimed:
            raise Unusable(f"`{unclaimed[0]}` is claimed neither as a feature nor as a weight; claim it as one")
        gates.append(replace(gate, angles=tuple(renamed(angle, numbered) for angle in gate.angles)))
    return _split(circuit.num_qubits, gates)


def _flatten(circuit: QuantumCircuit, wires: tuple[int, ...]) -> list[Gate]:
    """The gates of `circuit`, whose wires are called `wires`, with composite gates opened."""
    from qiskit.circuit import Barrier, Delay

    gates: list[Gate] = []
    for instruction in circuit.data:
        operation = instruction.operation
        on = tuple(wires[circuit.find_bit(bit).index] for bit in instruction.qubits)
        if isinstance(operation, Barrier | Delay):  # leave every state as it is
            continue
        if is_in_table(operation):
            gates.append(Gate(operation.name, on, tuple(angle_of(value) for value in operation.params)))
            continue
        if instruction.clbits or hasattr(operation, "blocks") or getattr(operation, "definition", None) is None:
            raise Unusable(
                f"the operation `{operation.name}` has no unitary here, and circuits that measure, reset or branch "
                "cannot be compiled yet; train with a static circuit"
            )
        gates += _flatten(operation.definition, on)
    return gates


def is_in_table(operation: Operation) -> bool:
    """Is this Qiskit's own gate of a name we know? A user's gate that only borrows the name is not."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    if operation.name not in KNOWN:
        return False
    standard = get_standard_gate_name_mapping()[operation.name]
    return getattr(operation, "base_class", None) is standard.base_class


def renamed(angle: Angle, names: dict[str, str]) -> Angle:
    """The angle with its parameters called otherwise; `names` has all of them."""

    def atom(a: Atom) -> Atom:
        if a.kind == "parameter":
            return replace(a, name=names[a.name])
        return replace(a, operands=tuple(renamed(operand, names) for operand in a.operands))

    return Angle(angle.constant, tuple((atom(a), c) for a, c in angle.terms))


def _split(n_qubits: int, gates: list[Gate]) -> Program:
    """Move each wire's gates up to its last feature into the encoding, where that is a product."""
    encoding: list[int] = []
    if n_qubits > MOST_QUBITS_FOR_UNITARY:
        return Program(n_qubits, (), tuple(gates))
    for wire in range(n_qubits):
        here = [k for k, gate in enumerate(gates) if wire in gate.wires]
        last = max((k for k in here if _reads(gates[k], "x")), default=-1)
        front = [k for k in here if k <= last]
        if any(len(gates[k].wires) > 1 or _reads(gates[k], "w") for k in front):
            return Program(n_qubits, (), tuple(gates))
        encoding += front
    inside = set(encoding)
    body = (gate for k, gate in enumerate(gates) if k not in inside)
    return Program(n_qubits, tuple(gates[k] for k in encoding), tuple(body))


def _reads(gate: Gate, kind: str) -> bool:
    return any(name.startswith(kind) for name in gate.reads())
