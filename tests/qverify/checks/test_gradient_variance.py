"""The check `gradient_variance`: closed forms lie inside the interval, and faint gradients fail."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from tests.subjects import finding_of, judged, subject_of, subject_with


def ry_product(n: int) -> QuantumCircuit:
    circuit = QuantumCircuit(n)
    for k in range(n):
        circuit.ry(Parameter(f"t{k}"), k)
    return circuit


def product_claims(n: int, observable: str) -> dict[str, object]:
    return {"weights": [f"t{k}" for k in range(n)], "observables": [observable], "zero_wires": list(range(n))}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_ry_product_has_the_variance_of_the_closed_form(n: int) -> None:
    """<Z...Z> = prod cos t_k, so Var[d_k] = 2**-n for every k."""
    observable = " ".join(f"Z{k}" for k in range(n))
    subject = subject_with(ry_product(n), **product_claims(n, observable))
    evidence = finding_of("gradient_variance", subject).evidence[0]
    assert evidence.lo <= 2.0**-n <= evidence.hi
    assert judged("gradient_variance", subject).verdict == "pass"


def test_weights_in_a_wrong_unit_fail() -> None:
    subject = subject_of("input float[64] t; qubit q; ry(0.001*t) q;", weights=["t"], observables=["Z0"])
    found = judged("gradient_variance", subject)
    assert found.verdict == "fail"
    assert found.finding.evidence[0].where == "d Z0 / d t"


def test_variance_is_relative_to_the_observable() -> None:
    faint = subject_with(ry_product(1), **product_claims(1, "0.001*Z0"))
    assert judged("gradient_variance", faint).verdict == "pass"


def test_interval_across_the_bound_is_undecided() -> None:
    subject = subject_with(ry_product(2), **product_claims(2, "Z0 Z1"))
    assert judged("gradient_variance", subject, at_least=0.25).verdict == "inconclusive"


def test_defect_beside_the_bound_is_judged_by_it() -> None:
    subject = subject_with(ry_product(2), **product_claims(2, "Z0 Z1"))
    evidence = finding_of("gradient_variance", subject).evidence[0]
    assert judged("gradient_variance", subject, at_least=evidence.lo * 0.999).verdict == "pass"
    assert judged("gradient_variance", subject, at_least=evidence.hi * 1.001).verdict == "fail"


def test_weight_inside_a_function_of_unbounded_slope_is_undecided() -> None:
    subject = subject_of("input float[64] t; qubit q; ry(sqrt(t)) q;", weights=["t"], observables=["Z0"])
    found = judged("gradient_variance", subject)
    assert found.verdict == "inconclusive"
    assert "unbounded slope" in found.finding.message
