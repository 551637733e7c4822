"""The reference semantics: a circuit acts on state vectors, one branch for every classical record.

    state  =  { value of the classical memory : [K |psi> for each Kraus operator K of that record] }

A gate maps every branch by its matrix; a measurement splits branches by outcome and writes the bit; a reset
applies the two Kraus operators |0><0| and |0><1|; a store writes the memory; control flow runs the body on the
branches whose memory says so. What variables hold at the end is no part of the record.
Slow and plain on purpose: it is what the faster methods are compared with. Qubit order is Qiskit's (wire 0 is
the least significant bit of a state's index).
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 2.2.5 and 8.2.3.
Cost: O(operations * 2**n * branches), with one more factor for the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
    Parameter,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr
from qiskit.circuit.library import UnitaryGate

from qverify.angles import angle_of, evaluate
from qverify.errors import Undecidable
from qverify.semantics.conditions import holds, target_value
from qverify.semantics.gates import MATRICES, Matrix, open_controls
from qverify.semantics.loops import MAX_UNROLLED, around, unrolled
from qverify.semantics.memory import Scope, given, left, outermost, stored, within
from qverify.structure import standard_class

States = NDArray[np.complex128]  # (B, 2, ..., 2), one axis a wire, wire 0 last
Branches = dict[int, list[States]]
MAX_AMPLITUDES = 2**26  # 1 GiB of complex128 over all branches


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
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    end = _circuit(execution, circuit, start, wires, outermost(circuit))
    out: Branches = {}
    for memory, branches in sorted(end.items()):
        record = memory & ((1 << circuit.num_clbits) - 1)
        full = [np.broadcast_to(b.reshape(len(b), 2**n), (batch, 2**n)) for b in branches]
        out.setdefault(record, []).extend(full)
    return dict(sorted(out.items()))


def _circuit(
    execution: _Run, circuit: QuantumCircuit, state: Branches, wires: dict[Any, int], scope: Scope
) -> Branches:
    shift = evaluate(angle_of(circuit.global_phase), execution.values)
    if np.any(shift != 0.0):
        state = _multiply(state, np.atleast_1d(np.exp(1j * shift)))
    for item in circuit.data:
        execution.done += 1
        if execution.done > MAX_UNROLLED:
            raise Undecidable(f"more than {MAX_UNROLLED} operations once its loops are unrolled")
        where = [wires[q] for q in item.qubits]
        state = _operation(execution, item.operation, state, where, [scope.places[c] for c in item.clbits], scope)
    return state


def _multiply(state: Branches, factor: NDArray[np.complex128]) -> Branches:
    return {
        record: [b * factor.reshape(-1, *(1,) * (b.ndim - 1)) for b in branches]
        for record, branches in state.items()
    }


def _operation(  # the parts of one instruction
    execution: _Run, op: Operation, state: Branches, where: list[int], into: list[int], scope: Scope
) -> Branches:
    if isinstance(op, Barrier | Delay):
        return state
    if isinstance(op, Measure):
        return _measure(state, where[0], into[0])
    if isinstance(op, Reset):
        return _reset(state, where[0])
    if isinstance(op, Store):
        return _merged((stored(op, memory, scope), branches) for memory, branches in state.items())
    if isinstance(op, ControlFlowOp):
        return _control_flow(execution, op, state, where, into, scope)
    matrix = _matrix(execution, op)
    if matrix is not None:
        return {r: [_apply(matrix, b, where) for b in branches] for r, branches in state.items()}
    definition = getattr(op, "definition", None)
    if definition is None:
        raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
    inner = dict(zip(definition.qubits, where, strict=True))
    end = _circuit(execution, definition, state, inner, within(scope, definition, into))
    return _merged((left(memory, scope), branches) for memory, branches in end.items())


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


def _merged(parts: Iterable[tuple[int, list[States]]]) -> Branches:
    out: Branches = {}
    for memory, branches in parts:
        out.setdefault(memory, []).extend(branches)
    return out


def _control_flow(  # the parts of one instruction
    execution: _Run, op: Operation, state: Branches, where: list[int], into: list[int], scope: Scope
) -> Branches:
    def body(turn: Turn, part: Branches) -> Branches:
        inner = within(scope, turn.body, into, turn.variable)
        if turn.variable is not None:
            part = {given(turn.variable, turn.value, memory, inner): b for memory, b in part.items()}
        outer = execution.values
        execution.values = {**outer, **{name: np.array([value]) for name, value in turn.parameter.items()}}
        end = _circuit(execution, turn.body, part, dict(zip(turn.body.qubits, where, strict=True)), inner)
        execution.values = outer
        return _merged((left(memory, scope), branches) for memory, branches in end.items())

    if isinstance(op, WhileLoopOp):
        goes_on, once = while_loop(op, scope.places)
        return _bounded(around(state, goes_on, lambda memory, branches: body(once, {memory: branches}))[0])
    ends: list[tuple[int, list[States]]] = []
    for memory, branches in state.items():
        part: Branches = {memory: branches}
        for turn in bodies(op, memory, scope.places):
            part = body(turn, part)
        ends += part.items()
    return _bounded(_merged(ends))


@dataclass(frozen=True)
class Turn:
    """One execution of a body of control flow.

    parameter: the loop's parameter and its value, when the body uses one.
    variable, value: the loop's variable and its value, when it has one.
    """

    body: QuantumCircuit
    parameter: Mapping[str, float] = field(default_factory=dict)
    variable: expr.Var | None = None
    value: int = 0


def bodies(op: ControlFlowOp, memory: int, bits: Mapping[Any, int]) -> Iterator[Turn]:
    """The bodies that run, in order, when the classical memory holds `memory`; of any operation but a `while`."""
    if isinstance(op, IfElseOp):
        branch = op.blocks[0] if holds(op.condition, memory, bits) else (*op.blocks, None)[1]
        if branch is not None:
            yield Turn(branch)
    elif isinstance(op, SwitchCaseOp):
        value = target_value(op.target, memory, bits)
        for labels, body in op.cases_specifier():
            if any(not isinstance(label, int) or int(label) == value for label in labels):
                yield Turn(body)
                return
    elif isinstance(op, ForLoopOp):
        yield from turns_of(op)
    elif isinstance(op, BoxOp):
        yield Turn(op.blocks[0])
    else:
        raise Undecidable(f"`{op.name}` has no bound that is known here, so what it does is undecided")


def turns_of(op: ForLoopOp) -> Iterator[Turn]:
    """The turns of a `for` loop; undecided if there are very many, or if it may be left early."""
    indices, variable, body = unrolled(op)
    if leaves_early(body):
        raise Undecidable("a `for` loop with `break` or `continue` is not supported")
    # a body never has two parameters of one name, so the name tells which is meant
    used = isinstance(variable, Parameter) and variable in body.parameters
    for index in indices:
        if isinstance(variable, expr.Var):
            yield Turn(body, variable=variable, value=int(index))
        else:
            yield Turn(body, {variable.name: float(index)} if used else {})


def while_loop(op: WhileLoopOp, bits: Mapping[Any, int]) -> tuple[Callable[[int], bool], Turn]:
    """Whether a `while` goes on with a classical memory, and the body of one turn."""
    if leaves_early(op.blocks[0]):
        raise Undecidable("a `while` loop with `break` or `continue` is not supported")
    return (lambda memory: holds(op.condition, memory, bits)), Turn(op.blocks[0])


def leaves_early(body: QuantumCircuit) -> bool:
    """Whether a loop's body holds a `break` or a `continue`."""
    return any(
        item.operation.name in ("break_loop", "continue_loop")
        or any(leaves_early(block) for block in getattr(item.operation, "blocks", ()))
        for item in body.data
    )
