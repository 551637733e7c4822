"""Every operation is known, and the claims speak of the circuit that is there.

Why: a check can only measure what it can read; a weight that is claimed under a misspelled name is never
trained, and a parameter that no claim mentions is fed by accident.
Formula: number of faults = 0, a fault being an operation without a definition, a parameter that is in neither
or no claim while others are claimed, a claimed name, wire or bit that does not exist.
Source: this project's definition of claims.
Limits: says nothing about what the circuit does.
Fails: a circuit with the parameter `phi`, claims with `weights = ["theta"]`.
Fix: name `phi` as a feature or a weight, or remove it from the circuit.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator
from qiskit.circuit import Barrier, ControlFlowOp, Delay, Measure, Operation, Reset, Store
from qiskit.circuit.library import UnitaryGate

from qverify.check import check
from qverify.errors import Unusable
from qverify.finding import Evidence
from qverify.structure import is_leaf, standard_class
from qverify.subject import Subject


@check()
def well_formed(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Count the faults and name the first."""
    faults = [*_unknown_operations(subject), *_unknown_names(subject), *_unreadable_observables(subject)]
    yield Evidence(
        quantity="faults",
        lo=len(faults),
        hi=len(faults),
        unit="1",
        where="; ".join(faults[:3]) or "the whole circuit",
        method="reading the circuit and its claims",
        strength="proof",
    )


def _unknown_operations(subject: Subject) -> Iterator[str]:
    for item, line in zip(subject.circuit.data, subject.lines, strict=True):
        name = _opaque_in(item.operation)
        if name:
            place = "" if line is None else f" (line {line})"
            yield f"the operation `{name}` has no definition{place}"


def _opaque_in(operation: Operation) -> str:
    """The name of an operation inside `operation` that nothing says the meaning of, or nothing."""
    inner = getattr(operation, "blocks", ()) if isinstance(operation, ControlFlowOp) else ()
    if not is_leaf(operation):
        inner = (operation.definition,)
    found = (_opaque_in(item.operation) for body in inner for item in body.data)
    if inner or standard_class(operation) or isinstance(operation, UnitaryGate):
        return next(filter(None, found), "")
    known = isinstance(operation, Measure | Reset | Barrier | Delay | Store | ControlFlowOp)
    return "" if known else str(operation.name)


def _unknown_names(subject: Subject) -> Iterator[str]:
    claims, present = subject.claims, set(subject.parameters)
    for kind in ("features", "weights"):
        for name in getattr(claims, kind):
            if name not in present:
                yield f"`{kind}` claims `{name}`, which is no parameter of the circuit"
    claimed = {*claims.features, *claims.weights}
    if claimed:
        for name in sorted(present - claimed):
            yield f"the parameter `{name}` is claimed neither as a feature nor as a weight"
    for feature in claims.feature_maps:
        if feature not in claims.features:
            yield f"`feature_maps` speaks of `{feature}`, which is not claimed as a feature"
    for kind in ("zero_wires", "discarded_wires", "unreset_wires"):
        for wire in getattr(claims, kind):
            if not 0 <= wire < subject.circuit.num_qubits:
                yield f"`{kind}` names wire {wire}, but the circuit has {subject.circuit.num_qubits}"
    for bit in (bit for order in claims.bit_orders for bit in order):
        if not 0 <= bit < subject.circuit.num_clbits:
            yield f"`bit_orders` names classical bit {bit}, but the circuit has {subject.circuit.num_clbits}"


def _unreadable_observables(subject: Subject) -> Iterator[str]:
    try:
        subject.observables()
    except Unusable as fault:
        yield fault.sentence
