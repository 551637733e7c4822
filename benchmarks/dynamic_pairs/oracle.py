"""What a circuit that measures and branches does, by brute force: a density matrix for every classical record.

    measure   rho -> P_b rho P_b, bit -> b         reset   rho -> |0><0| rho |0><0| + |0><1| rho |1><0|
    gate      rho -> U rho U^dagger                branch  the body, on the records whose bits say so

The state starts as |psi><psi| on the wires and, to hold a whole map, as many reference qubits (Choi). Matrices of
gates are Qiskit's; projections, resets, records, conditions and loops are written here. Nothing of qverify is used.
Wires are little-endian as in Qiskit. Source: Nielsen and Chuang (2010), sec. 2.2.5 and 8.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    Gate,
    IfElseOp,
    Measure,
    Parameter,
    ParameterExpression,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
)
from qiskit.quantum_info import Operator

from .memory import Bits, Record, holds, number_of

Array = NDArray[np.complex128]
State = dict[Record, Array]  # record -> rho of shape (2,)*m + (2,)*m, wire k at axes k and m + k
Values = Mapping[Parameter, float]
DEAD = 1e-30  # squared norm of a record that rounding alone keeps alive


def evolved(circuit: QuantumCircuit, values: Mapping[str, float], psi: Array, m: int) -> State:
    """The records of a circuit after it acted on the first wires of m.

    Args:
        values: parameter name -> value.
        psi: shape (2**m,), the state of all m qubits, little-endian, with the circuit's wires first.
    """
    vector = psi.reshape((2,) * m).transpose(range(m - 1, -1, -1))  # axis k is wire k
    start = {(0,) * circuit.num_clbits: np.multiply.outer(vector, vector.conj())}
    ends = circuit.layout.final_index_layout() if circuit.layout else list(range(circuit.num_qubits))
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    bits = {c: k for k, c in enumerate(circuit.clbits)}
    at = {p: values[p.name] for p in circuit.parameters}
    out = _walk(circuit, start, wires, bits, at)
    order = [*ends, *range(circuit.num_qubits, m)]
    return {r: rho.transpose([*order, *(m + k for k in order)]) for r, rho in out.items()}


def traced(rho: Array, lost: tuple[int, ...]) -> Array:
    """rho, shape (2,)*2m, without some wires; as a matrix whose index has the first wire most significant."""
    m = rho.ndim // 2
    kept = [k for k in range(m) if k not in set(lost)]
    ordered = rho.transpose([*kept, *lost, *(m + k for k in kept), *(m + k for k in lost)])
    d, e = 2 ** len(kept), 2 ** len(lost)
    return np.asarray(np.einsum("iaja->ij", ordered.reshape(d, e, d, e)))


def _walk(circuit: QuantumCircuit, state: State, wires: Mapping[Any, int], bits: Bits, at: Values) -> State:
    for item in circuit.data:
        op, on, into = item.operation, [wires[q] for q in item.qubits], [bits[c] for c in item.clbits]
        if isinstance(op, Barrier | Delay):
            continue
        if isinstance(op, Measure):
            state = _measured(state, on[0], into[0])
        elif isinstance(op, Reset):
            state = {record: _reset(rho, on[0]) for record, rho in state.items()}
        elif isinstance(op, ControlFlowOp):
            state = _branched(op, state, on, into, bits, at)
        elif isinstance(op, Gate):
            matrix = gate_matrix(op, at)
            state = {record: _applied(matrix, rho, on) for record, rho in state.items()}
        else:  # a composite that may measure
            inner = op.definition
            named = dict(zip(inner.qubits, on, strict=True)), dict(zip(inner.clbits, into, strict=True))
            state = _walk(inner, state, *named, at)
    return state


def gate_matrix(op: Gate, at: Values) -> Array:
    """Qiskit's matrix of a gate, parameters replaced by numbers."""
    if any(isinstance(p, ParameterExpression) for p in op.params):
        op = op.copy().to_mutable()
        op.params = [_number(p, at) for p in op.params]
    return np.asarray(Operator(op).data)


def _number(angle: Any, at: Values) -> float:
    if not isinstance(angle, ParameterExpression):
        return float(angle)
    return float(angle.bind({p: at[p] for p in angle.parameters}).numeric())


def _applied(matrix: Array, rho: Array, on: list[int]) -> Array:
    """U rho U^dagger; the gate's first wire is the least significant of its matrix."""
    m, k = rho.ndim // 2, len(on)
    if k == 0:
        return rho
    tensor = matrix.reshape((2,) * (2 * k))
    rows = on[::-1]  # most significant first, as the axes of the tensor are
    for axes, part in ((rows, tensor), ([m + w for w in rows], tensor.conj())):
        rho = np.moveaxis(np.tensordot(part, rho, (range(k, 2 * k), axes)), range(k), axes)
    return rho


def _block(rho: Array, wire: int, row: int, column: int) -> Array:
    """<row| rho |column> on one wire."""
    index: list[Any] = [slice(None)] * rho.ndim
    index[wire], index[rho.ndim // 2 + wire] = row, column
    return np.asarray(rho[tuple(index)])


def _placed(part: Array, wire: int, value: int) -> Array:
    """|value><value| on one wire, times the rest."""
    m = part.ndim // 2 + 1
    out = np.zeros((2,) * (2 * m), dtype=np.complex128)
    index: list[Any] = [slice(None)] * out.ndim
    index[wire], index[m + wire] = value, value
    out[tuple(index)] = part
    return out


def _measured(state: State, wire: int, bit: int) -> State:
    out: State = {}
    for record, rho in state.items():
        for outcome in (0, 1):
            part = _block(rho, wire, outcome, outcome)
            if np.vdot(part, part).real > DEAD:
                _add(out, (*record[:bit], outcome, *record[bit + 1 :]), _placed(part, wire, outcome))
    return out


def _reset(rho: Array, wire: int) -> Array:
    return _placed(_block(rho, wire, 0, 0) + _block(rho, wire, 1, 1), wire, 0)


def _add(state: State, record: Record, rho: Array) -> None:
    state[record] = state[record] + rho if record in state else rho


def _branched(op: ControlFlowOp, state: State, on: list[int], into: list[int], bits: Bits, at: Values) -> State:
    """Records are sorted by the body that they run; each body acts on its own, and equal records are added."""
    if isinstance(op, ForLoopOp):
        indices, variable, body = op.params
        for index in indices:
            turn = at if variable is None else {**at, variable: float(index)}
            state = _run(body, state, on, into, turn)
        return state
    if isinstance(op, BoxOp):
        return _run(op.blocks[0], state, on, into, at)
    chosen: dict[int, State] = {}
    choose = chooser(op)
    for record, rho in state.items():
        chosen.setdefault(choose(record, bits), {})[record] = rho
    out: State = {}
    for k, part in chosen.items():
        after = part if k < 0 else _run(op.blocks[k], part, on, into, at)
        for record, rho in after.items():
            _add(out, record, rho)
    return out


def _run(body: QuantumCircuit, state: State, on: list[int], into: list[int], at: Values) -> State:
    named = dict(zip(body.qubits, on, strict=True)), dict(zip(body.clbits, into, strict=True))
    return _walk(body, state, *named, at)


def chooser(op: ControlFlowOp) -> Callable[[Record, Bits], int]:
    """(record, bits) -> the body that runs, -1 for none."""
    if isinstance(op, IfElseOp):
        last = 1 if len(op.blocks) > 1 else -1
        return lambda record, bits: 0 if holds(op.condition, record, bits) else last
    if isinstance(op, SwitchCaseOp):
        cases = [(labels, k) for k, (labels, _) in enumerate(op.cases_specifier())]
        return lambda record, bits: next(_matching(cases, number_of(op.target, record, bits)), -1)
    raise NotImplementedError(f"the operation {op.name}")


def _matching(cases: list[tuple[Any, int]], value: int) -> Iterator[int]:
    """The cases that apply, the first one first; what is no number is the default."""
    for labels, k in cases:
        if any(not isinstance(label, int) or int(label) == value for label in labels):
            yield k
