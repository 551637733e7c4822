"""The check `survives_compilation`: what a compiler may do passes, what it must not do fails."""

from __future__ import annotations

import importlib
import math
import time

import pytest
from hypothesis import given, settings
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qverify.finding import Evidence
from tests.strategies import dynamic_circuit, parameters, seeded, static_circuit
from tests.subjects import NESTED, finding_of, judged, subject_of, subject_with

NAME = "survives_compilation"
module = importlib.import_module("qverify.checks.survives_compilation")
VQC = (
    "input float[64] x; input float[64] a; input float[64] b; qubit[3] q;"
    "h q; ry(arctan(x)) q[0]; cx q[0], q[1]; cx q[1], q[2]; cx q[2], q[0]; ry(a) q[1]; rz(b) q[2]; cx q[0], q[2];"
)


def small_turns(size: float) -> QuantumCircuit:
    """Three rotations by `size` that add up, and that levels 2 and 3 leave out where they are small."""
    circuit = QuantumCircuit(3)
    circuit.h(range(3))
    circuit.cx([0, 1], [1, 2])
    circuit.rx(size, range(3))
    return circuit


def broken(monkeypatch: pytest.MonkeyPatch, level: int, change) -> None:
    """A compiler with a fault at one level, for a line."""
    right = module.compiled

    def wrong(circuit: QuantumCircuit, at: int, *, line: bool, zero: bool) -> QuantumCircuit:
        made = right(circuit, at, line=line, zero=zero)
        return change(made.copy()) if (at, line) == (level, True) else made

    monkeypatch.setattr(module, "compiled", wrong)


def test_circuit_with_parameters_is_proved_under_every_setting() -> None:
    found = judged(NAME, subject_of(VQC))
    assert found.verdict == "pass"
    settings = [e.where for e in found.finding.evidence]
    assert settings == [f"level {k}, {how}" for how in ("all to all", "line") for k in range(4)]
    assert {e.strength for e in found.finding.evidence} == {"proof"}


def _turned(made: QuantumCircuit) -> QuantumCircuit:
    made.rz(1e-3, 0)
    return made


def _exchanged(made: QuantumCircuit) -> QuantumCircuit:
    k = next(k for k, item in enumerate(made.data) if item.operation.name == "cx")
    made.data[k] = made.data[k].replace(qubits=made.data[k].qubits[::-1])
    return made


def _dropped(made: QuantumCircuit) -> QuantumCircuit:
    del made.data[next(k for k, item in enumerate(made.data) if item.operation.name == "cx")]
    return made


def _moved(made: QuantumCircuit) -> QuantumCircuit:
    made.swap(0, 2)
    return made


@pytest.mark.parametrize("change", [_turned, _exchanged, _dropped, _moved], ids=lambda change: change.__name__)
def test_fault_of_a_compiler_fails_at_its_setting_alone(change, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, 2, change)
    found = judged(NAME, subject_of(VQC))
    assert found.verdict == "fail"
    wrong = [e for e in found.finding.evidence if e.lo > 1e-6]
    assert {e.where.split(";")[0] for e in wrong} <= {"level 2, line", "level 3, line"}
    example = wrong[0].counterexample
    assert example is not None
    assert "compiled(qverify.load_subject('circuit.qasm').circuit, 2, line=True, zero=False)" in example.snippet


@pytest.mark.parametrize("bound", [0, 1])
def test_rotations_left_out_are_judged_by_the_bound(bound: int) -> None:
    size = 1.5e-6
    truth = 2 * math.sin(3 * size / 4)  # three commuting generators that add up
    limit = truth * (1.01 if bound else 0.99)
    found = judged(NAME, subject_with(small_turns(size)), at_most=limit)
    assert found.verdict == ("pass" if bound else "fail")
    assert max(e.hi for e in found.finding.evidence) == pytest.approx(truth, rel=1e-4)


def test_idle_wire_is_used_as_an_ancilla_only_where_all_wires_are_claimed_zero() -> None:
    circuit = QuantumCircuit(5)
    circuit.mcx([0, 1, 2], 3)
    strict = finding_of(NAME, subject_with(circuit))
    assert not any("from |0>" in e.where for e in strict.evidence)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"
    claimed = judged(NAME, subject_with(circuit, zero_wires=(0, 1, 2, 3, 4)))
    assert claimed.verdict == "pass"
    assert all("from |0> on every wire (for other inputs 1.4 apart)" in e.where for e in claimed.finding.evidence)


def test_equality_from_zero_is_not_enough_where_wires_may_start_in_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = module.compiled
    monkeypatch.setattr(module, "compiled", lambda c, level, **said: right(c, level, **said | {"zero": True}))
    circuit = QuantumCircuit(5)
    circuit.mcx([0, 1, 2], 3)
    found = judged(NAME, subject_with(circuit, zero_wires=(0, 1)))
    assert found.verdict == "fail"
    assert "equal from |0...0>" in found.finding.evidence[0].where


def test_constants_that_a_compiler_merges_between_parameters_are_proved() -> None:
    circuit = QuantumCircuit(3)
    for k, wire in enumerate((0, 1, 2, 1)):
        circuit.rx(0.3 + k, wire)
        circuit.rz(0.2, wire)
        circuit.rx(0.1, wire)
        circuit.cx(wire, (wire + 1) % 3)
        circuit.ry(Parameter(f"p{k}"), wire)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"


def test_circuit_that_measures_and_branches_is_proved_for_all_angles() -> None:
    body = (
        "input float[64] a; input float[64] b; qubit[3] q; bit[2] c; ry(a) q[0]; cx q[0], q[1];"
        "c[0] = measure q[0]; reset q[0]; if (c[0] == 1) { rx(b) q[1]; cx q[1], q[2]; } c[1] = measure q[1];"
    )
    found = judged(NAME, subject_of(body))
    assert found.verdict == "pass"
    assert {e.strength for e in found.finding.evidence} == {"exact"}


def test_measurement_on_another_wire_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def other_bit(made: QuantumCircuit) -> QuantumCircuit:
        k = next(k for k, item in enumerate(made.data) if item.operation.name == "measure")
        made.data[k] = made.data[k].replace(qubits=(made.qubits[2],))
        return made

    broken(monkeypatch, 1, other_bit)
    body = "qubit[3] q; bit[1] c; h q[0]; cx q[0], q[1]; c[0] = measure q[0]; if (c[0] == 1) { x q[1]; }"
    assert judged(NAME, subject_of(body)).verdict == "fail"


def test_circuit_that_cannot_be_compiled_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    class Manager:
        def run(self, _: QuantumCircuit) -> QuantumCircuit:
            raise ValueError("no rule for this operation")

    monkeypatch.setattr(module, "generate_preset_pass_manager", lambda **_: Manager())
    found = judged(NAME, subject_of(VQC))
    assert found.verdict == "inconclusive"
    assert found.finding.message == "Qiskit cannot compile it at level 0 (no rule for this operation)"


def test_too_many_gates_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GATES", 5)
    assert judged(NAME, subject_of(VQC)).verdict == "inconclusive"


def test_answer_that_is_undecided_never_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(a, b, where, **_) -> Evidence:
        return Evidence("distance", 0.0, 2.0, "1", where, "undecided (states): no drawn angle", "numerical")

    monkeypatch.setattr(module, "same_computation", undecided)
    assert judged(NAME, subject_of(VQC)).verdict == "inconclusive"


@settings(NESTED, max_examples=4)
@given(seeded())
def test_random_circuit_with_parameters_passes(source) -> None:
    circuit = static_circuit(source, 3, 7, parameters=parameters(2), composites=False)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"


@settings(NESTED, max_examples=2)
@given(seeded())
def test_random_circuit_that_measures_passes(source) -> None:
    assert judged(NAME, subject_with(dynamic_circuit(source, 3, 2, 6))).verdict == "pass"


def test_hundred_wires_with_parameters_take_seconds() -> None:
    circuit = QuantumCircuit(100)
    for layer in range(2):
        for k in range(100):
            circuit.ry(Parameter(f"p{layer}_{k}"), k)
        for k in range(100):
            circuit.cx(k, (k + 1) % 100)
    start = time.process_time()
    assert judged(NAME, subject_with(circuit)).verdict == "pass"
    assert time.process_time() - start < 30
