"""The truth at parameter values so large that float64 loses the angle: angles to 60 digits, reduced by 4 pi.

Every angle of a standard gate has the period 4 pi or a divisor of it, so the reduced gate is the same gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from qiskit.circuit import AnnotatedOperation, ControlledGate, Operation, ParameterExpression, QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator

from .operators import Matrix

DIGITS = 60
STANDARD = "qiskit.circuit.library.standard_gates"


def precise_matrix(circuit: QuantumCircuit, values: Mapping[str, float]) -> Matrix:
    """The unitary at parameter values, each taken exactly; a layout is undone."""
    at = _numbers(circuit, {name: sympy.Rational(*float(v).as_integer_ratio()) for name, v in values.items()})
    at._layout = circuit.layout
    return np.asarray(Operator.from_circuit(at).data)


def _numbers(circuit: QuantumCircuit, at: Mapping[str, Any]) -> QuantumCircuit:
    out = circuit.copy_empty_like()
    out.global_phase = _reduced(circuit.global_phase, at)
    for item in circuit.data:
        if item.operation.name in ("barrier", "delay"):
            continue
        out.append(_number(item.operation, at), item.qubits, item.clbits, copy=False)
    return out


def _number(op: Operation, at: Mapping[str, Any]) -> Operation:
    if isinstance(op, AnnotatedOperation):
        return AnnotatedOperation(_number(op.base_op, at), op.modifiers)
    if isinstance(op, UnitaryGate):
        return op
    kind = getattr(op, "base_class", type(op))
    if str(kind.__module__).startswith(STANDARD):
        if not op.params:
            return op
        made = op.to_mutable()
        made.params = [_reduced(p, at) for p in op.params]
        made._definition = None  # it was made for the angles before
        return made
    if isinstance(op, ControlledGate):
        return _number(op.base_gate, at).control(op.num_ctrl_qubits, ctrl_state=op.ctrl_state, annotated=False)
    return _numbers(op.definition, at).to_gate()


def _reduced(angle: object, at: Mapping[str, Any]) -> float:
    if not isinstance(angle, ParameterExpression) or not angle.parameters:
        return float(angle)  # type: ignore[arg-type]
    expression = sympy.sympify(angle.sympify())
    exact = expression.evalf(DIGITS, subs={s: at[s.name] for s in expression.free_symbols})
    return float(exact % sympy.N(4 * sympy.pi, DIGITS))
