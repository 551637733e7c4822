"""What a circuit that measures and branches does to a state: a density matrix for every classical record.

    rho -> P_b rho P_b for outcome b of a measurement, bit -> b;  reset and gates as in qiskit.quantum_info

Written for the mutants' truth alone; nothing of qverify. Conditions: a bit, a register, or an expression of bits
and constants.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, CircuitInstruction, Clbit, IfElseOp, Measure, Qubit
from qiskit.circuit.classical import expr
from qiskit.quantum_info import DensityMatrix, Operator

Memory = tuple[int, ...]  # one value a classical bit
Records = dict[Memory, DensityMatrix]
PROJECTORS = [Operator(np.diag([1.0, 0.0])), Operator(np.diag([0.0, 1.0]))]


def records(circuit: QuantumCircuit, psi: NDArray[np.complex128]) -> Records:
    """Memory -> unnormalised density matrix at the end, from a state vector of shape (2**n,)."""
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    bits = {c: k for k, c in enumerate(circuit.clbits)}
    start = {(0,) * circuit.num_clbits: DensityMatrix(np.outer(psi, psi.conj()))}
    return _walk(circuit, start, wires, bits)


def _walk(
    circuit: QuantumCircuit, state: Records, wires: Mapping[Qubit, int], bits: Mapping[Clbit, int]
) -> Records:
    for item in circuit.data:
        out: Records = {}
        for memory, rho in state.items():
            for reached, after in _step(item, memory, rho, wires, bits).items():
                out[reached] = DensityMatrix(out[reached].data + after.data) if reached in out else after
        state = out
    return state


def _step(
    item: CircuitInstruction,
    memory: Memory,
    rho: DensityMatrix,
    wires: Mapping[Qubit, int],
    bits: Mapping[Clbit, int],
) -> Records:
    op, on = item.operation, [wires[q] for q in item.qubits]
    if isinstance(op, Barrier):
        return {memory: rho}
    if isinstance(op, Measure):
        k = bits[item.clbits[0]]
        after = [(*memory[:k], b, *memory[k + 1 :]) for b in (0, 1)]
        return {after[b]: rho.evolve(PROJECTORS[b], on) for b in (0, 1)}
    if isinstance(op, IfElseOp):
        body = (*op.blocks, None)[0 if _true(op.condition, memory, bits) else 1]
        if body is None:
            return {memory: rho}
        inside = dict(zip(body.clbits, (bits[c] for c in item.clbits), strict=True))
        return _walk(body, {memory: rho}, dict(zip(body.qubits, on, strict=True)), inside)
    return {memory: rho.evolve(op, on)}


def _true(condition: expr.Expr | tuple[object, int], memory: Memory, bits: Mapping[Clbit, int]) -> bool:
    if not isinstance(condition, tuple):
        return bool(_value(condition, memory, bits))
    what, wanted = condition
    read = [what] if isinstance(what, Clbit) else list(what)
    return sum(memory[bits[bit]] << k for k, bit in enumerate(read)) == int(wanted)


def _value(node: expr.Expr, memory: Memory, bits: Mapping[Clbit, int]) -> int:
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Var) and isinstance(node.var, Clbit):
        return memory[bits[node.var]]
    if isinstance(node, expr.Unary) and node.op is expr.Unary.Op.LOGIC_NOT:
        return 1 - _value(node.operand, memory, bits)
    if isinstance(node, expr.Binary):
        left, right = _value(node.left, memory, bits), _value(node.right, memory, bits)
        table = {
            "BIT_AND": left & right,
            "BIT_OR": left | right,
            "BIT_XOR": left ^ right,
            "EQUAL": left == right,
            "NOT_EQUAL": left != right,
            "LOGIC_AND": left & right,
            "LOGIC_OR": left | right,
        }
        if node.op.name in table:
            return int(table[node.op.name])
    raise NotImplementedError(f"the condition {node}")
