"""The reference semantics: a circuit acts on state vectors, one branch for every classical record.

    state  =  { value of the classical bits : [K |psi> for each Kraus operator K of that record] }

A gate maps every branch by its matrix; a measurement splits branches by outcome and writes the bit; a reset
applies the two Kraus operators |0><0| and |0><1|; control flow runs the body on the branches whose bits say so.
Slow and plain on purpose: it is what the faster methods are compared with. Qubit order is Qiskit's (wire 0 is
the least significant bit of a state's index).
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 2.2.5 and 8.2.3.
Cost: O(operations * 2**n * branches), with one more factor for the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    ControlledGate,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
)
from qiskit.circuit.library import UnitaryGate

from qverify.angles import angle_of, evaluate
from qverify.errors import Undecidable
from qverify.semantics.conditions import holds, target_value
from qverify.semantics.gates import MATRICES, Matrix, open_controls
from qverify.structure import standard_class

States = NDArray[np.complex128]  # (B, 2, ..., 2), one axis a wire, wire 0 last
Branches = dict[int, list[States]]
MAX_AMPLITUDES = 2**26  # 1 GiB of complex128 over all branches
MAX_UNROLLED = 100_000  # operations executed, loops unrolled


@dataclass
class _Run:
    """One execution: where the wires are, what the parameters are, and how much was done."""

    values: Mapping[str, ArrayLike]
    done: int = 0


def run(circuit: QuantumCircuit, values: Mapping[str, ArrayLike], psi: ArrayLike) -> dict[int, list[States]]:
    """Send a batch of state vectors through a circuit.

    Args:
        values: parameter name -> radians (or the feature's unit), shape (B,) or (1,).
        psi: input vectors, shape (B, 2**n) or (1, 2**n), any norm.

    Returns:
        Classical record (bit k of the integer is classical bit k, all bits start at 0) -> the unnormalised
        output vectors of its Kraus operators, each of shape (B, 2**n). A record absent has probability zero.

    Raises:
        Undecidable: an operation has no definition, a loop has no bound, or there are too many branches.
    """
    n = circuit.num_qubits
    states = np.asarray(psi, dtype=np.complex128)
    start: Branches = {0: [states.reshape(len(states), *(2,) * n)]}
    lengths = {len(states), *(np.size(v) for v in values.values())}
    batch = max(lengths)
    if not lengths <= {1, batch}:
        raise ValueError(f"batch sizes {sorted(lengths)} do not broadcast")
    execution = _Run({name: np.atleast_1d(np.asarray(v, dtype=np.float64)) for name, v in values.items()})
    wires, bits = {q: k for k, q in enumerate(circuit.qubits)}, {c: k for k, c in enumerate(circuit.clbits)}
    end = _circuit(execution, circuit, start, wires, bits)
    return {
        record: [np.broadcast_to(b.reshape(len(b), 2**n), (batch, 2**n)) for b in branches]
        for record, branches in sorted(end.items())
    }


def _circuit(
    execution: _Run, circuit: QuantumCircuit, state: Branches, wires: dict[Any, int], bits: dict[Any, int]
) -> Branches:
    shift = evaluate(angle_of(circuit.global_phase), execution.values)
    if np.any(shift != 0.0):
        state = _multiply(state, np.atleast_1d(np.exp(1j * shift)))
    for item in circuit.data:
        execution.done += 1
        if execution.done > MAX_UNROLLED:
            raise Undecidable(f"more than {MAX_UNROLLED} operations once its loops are unrolled")
        where = [wires[q] for q in item.qubits]
        state = _operation(execution, item.operation, state, where, [bits[c] for c in item.clbits], bits)
    return state


def _multiply(state: Branches, factor: NDArray[np.complex128]) -> Branches:
    return {
        record: [b * factor.reshape(-1, *(1,) * (b.ndim - 1)) for b in branches]
        for record, branches in state.items()
    }


def _operation(  # the parts of one instruction
    execution: _Run, op: Operation, state: Branches, where: list[int], into: list[int], bits: dict[Any, int]
) -> Branches:
    if isinstance(op, Barrier | Delay):
        return state
    if isinstance(op, Measure):
        return _measure(state, where[0], into[0])
    if isinstance(op, Reset):
        return _reset(state, where[0])
    if isinstance(op, ControlFlowOp):
        return _control_flow(execution, op, state, where, into, bits)
    matrix = _matrix(execution, op)
    if matrix is not None:
        return {r: [_apply(matrix, b, where) for b in branches] for r, branches in state.items()}
    definition = getattr(op, "definition", None)
    if definition is None:
        raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
    inner = dict(zip(definition.qubits, where, strict=True))
    return _circuit(execution, definition, state, inner, dict(zip(definition.clbits, into, strict=True)))


def _matrix(execution: _Run, op: Operation) -> Matrix | None:
    """The matrix of a gate with one, shape (B or 1, d, d); None for what is to be opened up."""
    if isinstance(op, UnitaryGate):
        return np.asarray(op.params[0], dtype=np.complex128)[None]
    kind = standard_class(op)
    if not kind:
        return None
    angles = [np.atleast_1d(evaluate(angle_of(p), execution.values)) for p in op.params]
    if kind == "GlobalPhaseGate":
        return np.asarray(np.exp(1j * angles[0])[:, None, None], dtype=np.complex128)
    formula = MATRICES.get(kind)
    if formula is None:
        return None
    matrix: Matrix = formula(*np.broadcast_arrays(*angles)) if angles else formula()
    if isinstance(op, ControlledGate) and op.ctrl_state != 2**op.num_ctrl_qubits - 1:
        matrix = open_controls(matrix, op.num_ctrl_qubits, op.ctrl_state)
    return matrix


def _apply(matrix: Matrix, state: States, where: list[int]) -> States:
    """matrix (B or 1, d, d) on wires `where` of state (B or 1, 2, ..., 2)."""
    n, k = state.ndim - 1, len(where)
    axes = [n - wire for wire in reversed(where)]  # the gate's last wire is its most significant bit
    moved = np.moveaxis(state, axes, range(1, k + 1))
    out = matrix @ moved.reshape(len(state), 2**k, -1)
    return np.moveaxis(out.reshape(len(out), *moved.shape[1:]), range(1, k + 1), axes)


def _half(state: States, wire: int, value: int) -> States:
    """|value><value| on one wire."""
    out = np.zeros_like(state)
    index = (slice(None),) * (state.ndim - 1 - wire) + (value,)
    out[index] = state[index]
    return out


def _measure(state: Branches, wire: int, bit: int) -> Branches:
    out: Branches = {}
    for record, branches in state.items():
        for outcome in (0, 1):
            into = out.setdefault(record & ~(1 << bit) | outcome << bit, [])
            into += [half for b in branches if np.any(half := _half(b, wire, outcome))]
    return _bounded({record: branches for record, branches in out.items() if branches})


def _reset(state: Branches, wire: int) -> Branches:
    lower = np.array([[[0, 1], [0, 0]]], dtype=np.complex128)  # |0><1|
    out = {}
    for record, branches in state.items():
        ones = [_apply(lower, b, [wire]) for b in branches]
        kept = [half for b in branches if np.any(half := _half(b, wire, 0))]
        out[record] = kept + [b for b in ones if np.any(b)]
    return _bounded(out)


def _bounded(state: Branches) -> Branches:
    if sum(b.size for branches in state.values() for b in branches) > MAX_AMPLITUDES:
        raise Undecidable("it has more branches than fit in memory; fewer qubits, measurements or resets would do")
    return state


def _control_flow(  # the parts of one instruction
    execution: _Run,
    op: ControlFlowOp,
    state: Branches,
    where: list[int],
    into: list[int],
    bits: dict[Any, int],
) -> Branches:
    out: Branches = {}
    for record, branches in state.items():
        part: Branches = {record: branches}
        for body, turn in bodies(op, record, bits):
            inner = {c: into[k] for k, c in enumerate(body.clbits)}
            outer, execution.values = execution.values, {**execution.values, **turn}
            part = _circuit(execution, body, part, dict(zip(body.qubits, where, strict=True)), inner)
            execution.values = outer
        for reached, vectors in part.items():
            out.setdefault(reached, []).extend(vectors)
    return _bounded(out)


def bodies(
    op: ControlFlowOp, record: int, bits: Mapping[Any, int]
) -> Iterator[tuple[QuantumCircuit, dict[str, ArrayLike]]]:
    """The bodies that run, in order, when the classical memory holds `record`, each with its loop variable."""
    if isinstance(op, IfElseOp):
        branch = op.blocks[0] if holds(op.condition, record, bits) else (*op.blocks, None)[1]
        if branch is not None:
            yield branch, {}
    elif isinstance(op, SwitchCaseOp):
        value = target_value(op.target, record, bits)
        for labels, body in op.cases_specifier():
            if any(not isinstance(label, int) or int(label) == value for label in labels):
                yield body, {}
                return
    elif isinstance(op, ForLoopOp):
        indices, variable, body = op.params
        if leaves_early(body):
            raise Undecidable("a `for` loop with `break` or `continue` is not supported")
        for index in indices:
            # a body never has two parameters of one name, so the name tells which is meant
            yield body, {variable.name: np.array([float(index)])} if variable in body.parameters else {}
    elif isinstance(op, BoxOp):
        yield op.blocks[0], {}
    else:
        raise Undecidable(f"`{op.name}` has no bound that is known here, so what it does is undecided")


def leaves_early(body: QuantumCircuit) -> bool:
    """Whether a loop's body holds a `break` or a `continue`."""
    return any(
        item.operation.name in ("break_loop", "continue_loop")
        or any(leaves_early(block) for block in getattr(item.operation, "blocks", ()))
        for item in body.data
    )
