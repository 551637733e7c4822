"""Every qubit takes part in an operation that some output feels.

Why: simulation doubles in cost with each qubit, and a qubit outside every output's cone is usually a wrong wire.
Formula: number of qubits that are untouched, or touched only outside the backward cones of the outputs, = 0.
Outputs: the claimed observables; without that claim every wire that is not discarded, and every classical bit.
Source: backward light cones on the circuit's DAG; Zhao et al., LintQ, arXiv:2310.00718 (oversized circuits).
Limits: sound, not complete: a qubit whose gates act trivially (a control in |0>) counts as busy.
Fails: four qubits declared, three used.
Fix: remove the qubit, or connect it to what is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import check
from qverify.finding import Evidence
from qverify.subject import Subject
from qverify.wires import uses
from qverify.wires.asked import outputs


@check()
def no_idle_qubits(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Count the qubits that no output feels."""
    wires, bits = outputs(subject)
    idle = [use for use in uses(subject.circuit, wires, bits) if use.status != "busy"]
    yield Evidence(
        quantity="idle qubits",
        lo=len(idle),
        hi=len(idle),
        unit="qubits",
        where=", ".join(f"qubit {use.index} is {use.status}" for use in idle) or "all qubits",
        method="backward cones of the outputs on the DAG",
        strength="proof",
    )
