"""Advice against closed forms: what is said to help does, and by as much."""

from __future__ import annotations

import io
import json
import math
import re

import numpy as np
import pytest
from qiskit import qpy
from qiskit.circuit import ParameterVector, QuantumCircuit

from qverify.errors import Unusable
from qverify.finding import Evidence
from qverify.plateau import Request, plateau
from qverify.report.evidence import evidence_value
from qverify.report.plateau import plateau_json, print_plateau
from qverify.subject import Claims, make_subject, parse_observable
from qverify.trainability import Question, respond
from qverify.trainability.advice import advise, local_cost
from qverify.trainability.answer import row_of
from qverify.trainability.families import hardware_efficient, qlstm, qmps, ry_product
from qverify.trainability.informative import capacity_of
from qverify.trainability.layers import first_layers, first_steps, layers_of, steps_in
from qverify.trainability.moment import Moment, exact
from qverify.trainability.remedies import judged


def advice_of(circuit, text, threshold, claimed=(), **more):
    weights = tuple(p.name for p in circuit.parameters)
    sizes = circuit.num_qubits, circuit.num_clbits
    question = Question(parse_observable(text, *sizes), weights, **more)
    answer = respond(circuit, question, np.random.default_rng(0))
    others = [parse_observable(word, *sizes) for word in claimed]
    return advise(circuit, question, answer, threshold, "a test", np.random.default_rng(1), others)


def value(remedy):
    return 2.0**remedy.top.log2


def test_a_product_of_ry_is_helped_by_its_local_cost_as_the_closed_form_says():
    n = 7
    advice = advice_of(ry_product(n)[0], "zeros", 1e-3)
    assert advice.verdict == "fails"
    assert 2.0**advice.top.log2 == pytest.approx((3 / 8) ** (n - 1) / 8)
    assert advice.below == tuple(f"theta_{k}" for k in range(n))
    mean, single = (r for r in advice.remedies if r.kind == "local cost")
    assert (mean.verdict, single.verdict) == ("passes", "passes")
    assert value(mean) == pytest.approx(1 / (8 * n**2))
    assert value(single) == pytest.approx(1 / 8)
    assert not [r for r in advice.remedies if r.kind == "together"]  # something passed alone


def test_a_remedy_says_what_reproduces_it():
    circuit = ry_product(3)[0]
    for remedy in advice_of(circuit, "Z0 Z1 Z2", 0.2).remedies:
        if remedy.kind in ("local cost", "near zero", "narrower law"):
            law = {"laws": {w.name: parse(remedy.law) for w in circuit.parameters}} if remedy.law else {}
            again = advice_of(circuit, remedy.observable, 1e-9, **law)
            assert again.top.log2 == pytest.approx(remedy.top.log2, abs=1e-9)


def parse(law):
    from qverify.trainability.laws import parse_law

    return parse_law(law.removeprefix("*="))


def test_fewer_layers_keeps_the_most_that_pass():
    circuit = hardware_efficient(4, layers=7)[0]
    exactly = {k: top_of(hardware_efficient(4, layers=k)[0]) for k in range(1, 8)}
    threshold = math.sqrt(exactly[7] * max(exactly.values()))
    most = max(k for k in exactly if exactly[k] > threshold)
    (less,) = (r for r in advice_of(circuit, "Z0 Z1 Z2 Z3", threshold).remedies if r.kind == "fewer layers")
    assert less.change.startswith(f"{most} of 7 layers")
    assert (less.verdict, value(less)) == ("passes", pytest.approx(exactly[most]))


def test_many_layers_are_searched_by_bisection():
    (less,) = (
        r
        for r in advice_of(hardware_efficient(3, layers=12)[0], "Z0 Z1 Z2", 0.9).remedies
        if r.kind == "fewer layers"
    )
    assert (less.change[:14], less.verdict) == ("1 of 12 layers", "fails")


def top_of(circuit):
    weights = tuple(p.name for p in circuit.parameters)
    question = Question(parse_observable("Z0 Z1 Z2 Z3", 4, 0), weights)
    return max(m.value for m in respond(circuit, question, np.random.default_rng(0)).variances)


def test_the_widest_law_that_passes_is_where_the_closed_form_crosses():
    """Var of d Z0..Z(n-1) by one of n RY: E sin**2 * (E cos**2)**(n - 1), E cos**2 = 1/2 + sin(2 w)/(4 w)."""
    n, threshold = 6, 0.06
    (narrow,) = (
        r
        for r in advice_of(ry_product(n)[0], " ".join(f"Z{k}" for k in range(n)), threshold).remedies
        if r.kind == "narrower law"
    )
    w = float(re.match(r"\*=uniform\(-(.*), ", narrow.law)[1])
    variance = lambda w: (1 - stay(w)) * stay(w) ** (n - 1)  # noqa: E731
    assert narrow.verdict == "passes"
    assert value(narrow) == pytest.approx(variance(w)) and variance(w) >= threshold
    assert variance(1.25 * w) < threshold  # two bisections of a factor of 2


def stay(w):
    return 0.5 + math.sin(2 * w) / (4 * w)


def test_together_is_tried_where_nothing_helps_alone():
    advice = advice_of(hardware_efficient(3, layers=4)[0], "Z0 Z1 Z2", 0.9)
    assert {r.kind for r in advice.remedies} >= {
        "local cost",
        "near zero",
        "fewer layers",
        "architecture",
        "together",
    }
    assert not any(r.verdict == "passes" for r in advice.remedies)


def test_other_claimed_observables_are_tried_and_what_passes_needs_nothing():
    circuit = ry_product(2)[0]
    advice = advice_of(circuit, "Z0 Z1", 0.3, claimed=("Z0 Z1", "Z1"))
    other = advice.remedies[0]
    assert (other.kind, other.observable, other.verdict) == ("observable", "Z1", "passes")
    assert value(other) == pytest.approx(0.5)
    assert advice_of(circuit, "Z0", 0.3).remedies == ()


def test_zero_is_refused_and_intervals_are_judged():
    with pytest.raises(Unusable, match="is zero"):
        advice_of(ry_product(1)[0], "0*Z0", 0.1)
    for lo, hi, verdict in ((-2, -1, "passes"), (-5, -4, "fails"), (-4, -2, "undecided")):
        assert judged(row_of("w", Moment((lo + hi) / 2, lo, hi), False), 2.0**-3) == verdict
    assert judged(row_of("w", exact(0.0), True), 0.1) == "fails"


@pytest.mark.parametrize(
    ("text", "words"),
    [("Z0 X2", ["Z0", "X2"]), ("zeros", ["P0[0]", "P0[1]", "P0[2]"]), ("Z0 + Z1", []), ("2*Z0 Z1", ["Z0", "Z1"])],
)
def test_local_costs(text, words):
    found = local_cost(parse_observable(text, 3, 0), QuantumCircuit(3))
    assert [o.text for o in found[1:]] == words
    assert not found or found[0].bound == pytest.approx(1.0)


# ------------------------------------------------------------------------------ layers


def test_layers_are_what_repeats():
    layers = layers_of(hardware_efficient(5, layers=6)[0])
    assert layers is not None and layers.count == 6
    for k in range(1, 6):
        kept = first_layers(hardware_efficient(5, layers=6)[0], layers, k)
        assert [i.operation.name for i in kept.data] == [
            i.operation.name for i in hardware_efficient(5, layers=k)[0].data
        ]
    assert layers_of(qlstm(4)[0]).count == 2  # after the encoders
    assert layers_of(qmps(5)[0]) is None  # a staircase has none
    assert layers_of(QuantumCircuit(2)) is None


def test_layers_are_what_barriers_say_where_nothing_repeats():
    w, qc = ParameterVector("w", 6), QuantumCircuit(2)
    for k, axes in enumerate(("rx rz", "ry rx", "rz ry")):
        for q, axis in enumerate(axes.split()):
            getattr(qc, axis)(w[2 * k + q], q)
        qc.barrier()
    layers = layers_of(qc)
    assert (layers.count, layers.sign) == (3, "barriers")
    assert len(first_layers(qc, layers, 2).parameters) == 4


def test_a_cut_in_time_keeps_what_comes_before():
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.cx(0, 1)
    qc.h(2)
    qc.cx(1, 2)
    assert steps_in(qc) == 3
    assert [i.operation.name for i in first_steps(qc, 1).data] == ["h", "h"]
    assert [i.operation.name for i in first_steps(qc, 2).data] == ["h", "cx", "h"]


# ------------------------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    file = tmp_path_factory.mktemp("advice") / "ry.qpy"
    with file.open("wb") as out:
        qpy.dump(ry_product(4)[0], out)
    request = Request(str(file), "zeros", advise=True, shots=100, capacity=True)
    return plateau(request, 120.0, 4096)


def test_the_command_has_advice_and_capacity_in_json_and_text(asked):
    from rich.console import Console

    value = json.loads(plateau_json(asked))
    assert value["advice"]["threshold"] == 0.01 and value["advice"]["verdict"] == "fails"
    assert any(r["verdict"] == "passes" for r in value["advice"]["remedies"])
    assert value["capacity"]["redundant"]["value"] == 0.0
    assert value["capacity"]["entangling"]["hi"] < 0.1  # a product
    assert "through_time" not in value
    console = Console(width=160, file=io.StringIO(), record=True)
    print_plateau(asked, console)
    said = console.export_text()
    assert "FAILS  zeros" in said and "1 / 100 shots" in said and "expressibility" in said


def test_capacity_refuses_in_a_clause():
    qc = QuantumCircuit(1, 1)
    qc.measure(0, 0)
    found = capacity_of(make_subject("c.qpy", qc, (), claims=Claims()), (), np.random.default_rng(0))
    for worth in (found.redundant, found.expressibility, found.entangling):
        assert worth.value is None and worth.method.startswith("not measured: a circuit that measures")


def test_capacity_of_a_wide_circuit_has_the_entangling_capability():
    qc = hardware_efficient(14, layers=1)[0]
    names = tuple(p.name for p in qc.parameters)
    found = capacity_of(make_subject("c.qpy", qc, names, claims=Claims()), names, np.random.default_rng(0))
    assert found.redundant.value is None and "14 qubits" in found.redundant.method
    # RY RZ on each wire, then CZ: |r|**2 is E z**2 = 1/2, and E (x**2 + y**2) = 1/2 times E z**2 of each neighbour
    ends, inner = 1 - (1 / 2 + 1 / 4), 1 - (1 / 2 + 1 / 8)
    assert found.entangling.value == pytest.approx((2 * ends + 12 * inner) / 14)


def test_a_failing_audit_names_the_command():
    from rich.console import Console

    from qverify.finding import Finding
    from qverify.policy import Judged
    from qverify.report.terminal import _finding

    evidence = Evidence("v", 0.0, 1e-9, "1", "w", "m", "numerical")
    judged_ = Judged(Finding("gradient_variance", "measured", "", (evidence,)), "fail", True, ">= 0.1")
    console = Console(width=200, file=io.StringIO(), record=True)
    for part in _finding(judged_, "my circuits/deep.qasm"):
        console.print(part)
    assert "qverify plateau 'my circuits/deep.qasm' --advise" in console.export_text()


def test_nothing_asked_gives_no_key():
    from qverify.trainability.answer import Plateau

    assert evidence_value(Plateau("decided")) == {}
