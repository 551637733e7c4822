"""Operations that Qiskit keeps as a promise, written out: modifiers, permutations, matrices without a definition.

    inv @ U, pow(k) @ U, ctrl @ U     an `AnnotatedOperation` is the gate that its modifiers make
    permutation                       swaps: output k holds input pattern[k]
    a gate with a matrix only         a `UnitaryGate`

Everything that reads circuits knows gates by class, definition or matrix; these have none of the three. A circuit
without them is returned as it is. Source: Qiskit 2.6, `AnnotatedOperation`, `PermutationGate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qverify.errors import Undecidable
from qverify.structure import is_leaf, standard_class

if TYPE_CHECKING:
    from qiskit.circuit import Operation, QuantumCircuit

MAX_MATRIX_WIRES = 6
MAX_POWER = 64


def plain(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit with promises written out, in composite gates and bodies too; itself where there is none.

    Raises:
        Undecidable: Qiskit cannot write one out.
    """
    return _Writer().circuit(circuit)


class _Writer:
    """One walk; definitions that are met again are written out once."""

    def __init__(self) -> None:
        self.done: dict[int, tuple[QuantumCircuit, QuantumCircuit]] = {}

    def circuit(self, circuit: QuantumCircuit) -> QuantumCircuit:
        if id(circuit) in self.done:
            return self.done[id(circuit)][1]
        if all(item.is_standard_gate() for item in circuit.data):
            return circuit  # what Qiskit keeps as a standard gate is no promise
        written = [self.operation(item.operation) for item in circuit.data]
        out = circuit
        if any(new is not item.operation for new, item in zip(written, circuit.data, strict=True)):
            out = circuit.copy_empty_like()
            for new, item in zip(written, circuit.data, strict=True):
                out.append(item.replace(operation=new), copy=False)
        self.done[id(circuit)] = circuit, out
        return out

    def operation(self, op: Operation) -> Operation:
        from qiskit.circuit import AnnotatedOperation, ControlFlowOp, ControlledGate

        if standard_class(op):
            return op
        if isinstance(op, AnnotatedOperation):
            return self.operation(_modified(op))
        if isinstance(op, ControlFlowOp):
            blocks = [self.circuit(block) for block in op.blocks]
            return op if all(a is b for a, b in zip(blocks, op.blocks, strict=True)) else op.replace_blocks(blocks)
        if is_leaf(op):
            return _leaf(op)
        closed = getattr(op, "_definition", None) if isinstance(op, ControlledGate) else op.definition
        written = None if closed is None else self.circuit(closed)
        if written is closed or written is None:
            return op
        out = op.to_mutable()
        out.definition = written
        return out


def _modified(op: Any) -> Operation:
    from qiskit.circuit import ControlModifier, InverseModifier, PowerModifier
    from qiskit.exceptions import QiskitError

    gate = op.base_op
    try:
        for modifier in op.modifiers:
            if isinstance(modifier, InverseModifier):
                gate = gate.inverse()
            elif isinstance(modifier, PowerModifier):
                gate = _power(gate, modifier.power)
            elif isinstance(modifier, ControlModifier):
                gate = gate.control(modifier.num_ctrl_qubits, ctrl_state=modifier.ctrl_state, annotated=False)
    except (QiskitError, AttributeError, TypeError) as fault:
        reason = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise Undecidable(f"the modified gate `{op.name}` cannot be written out: {reason}") from None
    return gate


def _power(gate: Any, power: float) -> Operation:
    """A whole power is the gate, or its inverse, again and again; any other one is Qiskit's."""
    from qiskit.circuit import QuantumCircuit

    if power != int(power) or abs(power) > MAX_POWER:
        return gate.power(power)
    again = QuantumCircuit(gate.num_qubits, name=gate.name)
    for _ in range(abs(int(power))):
        again.append(gate if power > 0 else gate.inverse(), range(gate.num_qubits))
    return again.to_gate()


def _leaf(op: Operation) -> Operation:
    import numpy as np
    from qiskit.circuit import Gate, QuantumCircuit
    from qiskit.circuit.library import PermutationGate, UnitaryGate

    if isinstance(op, PermutationGate):
        swaps = QuantumCircuit(op.num_qubits, name=op.name)
        holds = list(range(op.num_qubits))  # holds[k]: the input that wire k has now
        for k, wanted in enumerate(np.asarray(op.pattern)):
            other = holds.index(int(wanted))
            if other != k:
                swaps.swap(k, other)
                holds[k], holds[other] = holds[other], holds[k]
        return swaps.to_gate()
    if not isinstance(op, Gate) or isinstance(op, UnitaryGate) or op.num_qubits > MAX_MATRIX_WIRES:
        return op
    try:
        matrix = op.to_matrix()
    except Exception:  # noqa: BLE001  # no matrix, or parameters in it: it stays what it is
        return op
    return UnitaryGate(matrix)
