"""Where classical values lie: one integer, the bits of a circuit first, then the bits of each variable.

    memory = record + 2**(number of bits) * (first variable + 2**(its width) * (second variable + ...))

A body's own variables lie above all that was declared outside, and are gone when it ends; so at the end of a
circuit the memory's lowest bits are the record. A variable has no value before one is stored in it: a circuit that
may read one earlier is undecided.
Source: Qiskit 2.6, `QuantumCircuit.add_var` and `Store`; OpenQASM 3.1 specification, "Scoping of variables".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qiskit.circuit import (
    BoxOp,
    ControlFlowOp,
    ForLoopOp,
    IfElseOp,
    QuantumCircuit,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr

from qverify.errors import Undecidable, counted
from qverify.semantics.conditions import target_places, target_value, width_of
from qverify.structure import is_leaf


@dataclass(frozen=True)
class Scope:
    """What can be named in a circuit or a body.

    places: bit -> its place in the memory, variable -> the place of its lowest bit.
    top: the places below are in use.
    """

    places: Mapping[Any, int]
    top: int


def outermost(circuit: QuantumCircuit) -> Scope:
    """The scope of a whole circuit: bit k at place k, then its variables.

    Raises:
        Undecidable: a variable is an input, has no type that is followed, or may be read before it has a value.
    """
    bits = {bit: k for k, bit in enumerate(circuit.clbits)}
    inputs = [*circuit.iter_input_vars(), *circuit.iter_captured_vars()]
    if inputs:
        raise Undecidable(f"the value of the classical variable `{inputs[0].name}` is given from outside")
    return _declared(circuit, bits, circuit.num_clbits)


def within(outer: Scope, body: QuantumCircuit, into: Sequence[int], turn: expr.Var | None = None) -> Scope:
    """The scope of a body or of a composite operation's definition; `Raises` as `outermost`.

    Args:
        into: the place of each of the body's bits.
        turn: the variable that a loop gives a value for each turn.
    """
    places: dict[Any, int] = dict(zip(body.clbits, into, strict=True))
    if not body.num_identifiers:
        return Scope(places, outer.top)
    for var in body.iter_captured_vars():
        if var not in outer.places:
            raise Undecidable(f"the classical variable `{var.name}` is not declared where it is used")
        places[var] = outer.places[var]
    top = outer.top
    for var in body.iter_input_vars():
        if var != turn:
            raise Undecidable(f"the value of the classical variable `{var.name}` is given from outside")
        places[var], top = top, top + width_of(var.type, f"the classical variable `{var.name}`")
    return _declared(body, places, top)


def _declared(circuit: QuantumCircuit, places: dict[Any, int], top: int) -> Scope:
    for stretch in circuit.iter_stretches():
        raise Undecidable(f"`{stretch.name}` is a stretch, a time that only a compiler knows")
    for var in circuit.iter_declared_vars():
        places[var], top = top, top + width_of(var.type, f"the classical variable `{var.name}`")
    if circuit.num_declared_vars:
        _valued(circuit, {*circuit.iter_captured_vars(), *circuit.iter_input_vars()})
    return Scope(places, top)


def stored(op: Store, memory: int, scope: Scope) -> int:
    """The classical memory after a value is stored."""
    value = target_value(op.rvalue, memory, scope.places)
    for j, place in enumerate(target_places(op.lvalue, memory, scope.places)):
        memory = memory & ~(1 << place) | (value >> j & 1) << place
    return memory


def given(variable: expr.Var, value: int, memory: int, scope: Scope) -> int:
    """The classical memory with the value that a loop gives its variable for one turn."""
    width = width_of(variable.type, f"the classical variable `{variable.name}`")
    if not 0 <= value < 1 << width:
        size = counted(width, "bit")
        raise Undecidable(f"a loop gives `{variable.name}` the value {value}, which does not fit in its {size}")
    place = int(scope.places[variable])
    return memory & ~(((1 << width) - 1) << place) | value << place


def left(memory: int, outer: Scope) -> int:
    """The classical memory after a body ended: what it declared is gone."""
    return memory & ((1 << outer.top) - 1)


def _valued(circuit: QuantumCircuit, known: set[expr.Var]) -> set[expr.Var]:
    """The variables that surely have a value after a circuit, given those that had one before it.

    Raises:
        Undecidable: a variable may be read before that.
    """
    known = known - set(circuit.iter_declared_vars())
    for item in circuit.data:
        op = item.operation
        if isinstance(op, Store):
            whole = isinstance(op.lvalue, expr.Var)
            _require([op.rvalue] if whole else [op.rvalue, op.lvalue], known)
            if whole and op.lvalue.standalone:
                known = known | {op.lvalue}
        elif isinstance(op, ControlFlowOp):
            _require(steered_by(op), known)
            known = _after(op, known)
        elif not is_leaf(op) and op.definition.num_captured_vars:
            raise Undecidable(f"the definition of `{op.name}` uses classical variables of the circuit around it")
    return known - set(circuit.iter_declared_vars())


def _after(op: ControlFlowOp, known: set[expr.Var]) -> set[expr.Var]:
    ends = [_valued(body, known | set(body.iter_input_vars())) for body in op.blocks]
    if isinstance(op, IfElseOp):
        surely = len(ends) == 2
    elif isinstance(op, SwitchCaseOp):
        surely = any(not isinstance(label, int) for labels, _ in op.cases_specifier() for label in labels)
    else:
        surely = isinstance(op, BoxOp) or (isinstance(op, ForLoopOp) and len(op.params[0]) > 0)
    return known.union(set.intersection(*ends)) if surely and ends else known


def steered_by(op: ControlFlowOp) -> list[expr.Expr]:
    """The expression that a control-flow operation reads, if any."""
    if isinstance(op, IfElseOp | WhileLoopOp):
        return [op.condition if isinstance(op.condition, expr.Expr) else expr.lift(op.condition[0])]
    if isinstance(op, SwitchCaseOp):
        return [op.target if isinstance(op.target, expr.Expr) else expr.lift(op.target)]
    return []


def _require(read: Iterable[expr.Expr], known: set[expr.Var]) -> None:
    for node in read:
        for var in expr.iter_vars(node):
            if var.standalone and var not in known:
                raise Undecidable(f"the classical variable `{var.name}` may be read before it has a value")
