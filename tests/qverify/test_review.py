"""Faults that look harmless: each was let through, or answered wrongly, and must never be again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import ControlledGate, Gate

from qverify.errors import BadPolicy, CannotLoad
from qverify.load import load_circuit
from qverify.policy import parse_policy
from tests.subjects import HEAD, judged, subject_of, subject_with

DYNAMIC = "bit[1] c; qubit[2] q; h q[0]; c[0] = measure q[0]; if (c[0] == 1) { x q[1]; }"


def audit(cwd: Path, *words: str) -> tuple[int, dict[str, dict[str, object]], str]:
    command = [sys.executable, "-m", "qverify.cli", "audit", *words, "--format", "json"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    subjects = {s["path"]: s for s in json.loads(done.stdout)["subjects"]} if done.stdout else {}
    assert "Traceback" not in done.stderr
    return done.returncode, subjects, done.stderr


@pytest.mark.parametrize("notion", ["channel", "instrument"])
def test_static_circuit_claimed_equal_to_a_dynamic_one_is_compared(notion: str) -> None:
    claim = {"circuit": "reference.qasm", "notion": notion}
    lie = subject_of("qubit[2] q; h q[0]; cz q[0], q[1];", DYNAMIC, kind="unitary", equivalent_to=claim)
    assert judged("deferred_measurement", lie).verdict == "fail"


@pytest.mark.parametrize(
    "body",
    [
        "bit[1] c; qubit[2] q; ry(arctan(x)) q[0]; h q[1]; c[0] = measure q[1]; if (c[0] == 1) { rx(x) q[0]; }",
        "qubit[2] q; ry(arctan(x)) q[0]; for uint i in [0:1] { rx(x) q[0]; }",
        "qubit[2] q; ry(arctan(x)) q[0]; ctrl @ gphase(x) q[1];",
    ],
)
def test_feature_inside_a_branch_loop_or_phase_is_seen(body: str) -> None:
    subject = subject_of("input float[64] x; " + body, features=["x"], feature_maps={"x": ["ry(arctan(x)) q0"]})
    assert judged("feature_maps", subject).verdict == "fail"


def test_controlled_gate_counts_by_its_definition() -> None:
    def lying(definition: QuantumCircuit) -> QuantumCircuit:
        gate = ControlledGate("c_inner", 2, [], num_ctrl_qubits=1, base_gate=Gate("inner", 1, []))
        gate.definition = definition
        circuit = QuantumCircuit(2)
        circuit.append(gate, [0, 1])
        return circuit

    good, evil = QuantumCircuit(2), QuantumCircuit(2)
    good.crx(0.3, 0, 1)
    evil.ry(1.1, 0)
    assert subject_with(lying(good)).digest != subject_with(lying(evil)).digest


def test_colon_in_a_folder_name_keeps_the_tighter_policy(tmp_path: Path) -> None:
    rule = 'version = 1\n[checks.no_idle_qubits]\nat_most = {}\nreason = "r"\n'
    for folder in ("a:b", "ab"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "policy.toml").write_text(rule.format(0))
        (tmp_path / folder / "x.qasm").write_text(HEAD + "qubit[3] q; h q[0]; cx q[0], q[1];")
    (tmp_path / "policy.toml").write_text(rule.format(5))
    code, subjects, _ = audit(tmp_path, ".")
    assert code == 1
    assert {s["verdict"] for s in subjects.values()} == {"fail"}


@pytest.mark.parametrize(
    "text",
    ["qubit[3] q; cx q[2.], q[1];", "input float[zz] a; qubit q; rx(a) q;", "input float[4] a; qubit q; rx(a) q;"],
)
def test_malformed_index_or_width_is_refused(text: str) -> None:
    with pytest.raises(CannotLoad):
        load_circuit((HEAD + text).encode(), "x.qasm")


@pytest.mark.parametrize("body", ["qubit[2] q; bit[2] c; ry(0.3) q[0]; c = measure q;", DYNAMIC])
def test_outcomes_are_compared(body: str) -> None:
    claim = {"circuit": "reference.qasm", "notion": "outcomes"}
    assert judged("deferred_measurement", subject_of(body, body, equivalent_to=claim)).verdict == "pass"
    other = body.replace("measure", "measure", 1).replace("ry(0.3)", "ry(0.4)").replace("h q[0]", "ry(1.0) q[0]")
    assert judged("deferred_measurement", subject_of(other, body, equivalent_to=claim)).verdict == "fail"


def test_equality_is_looked_for_inside_the_claimed_range_only() -> None:
    body = "input float[64] x; qubit[1] q; rz(log(x - 1)) q[0]; ry(x) q[0];"
    claims = {"features": ["x"], "feature_range": [2.0, 3.0], "equivalent_to": {"circuit": "reference.qasm"}}
    assert judged("equal_to_reference", subject_of(body, body, **claims)).verdict == "pass"


def test_loop_of_gates_is_a_unitary() -> None:
    body = "qubit[2] q; h q[0]; for int i in [1:5] { rz(0.1) q[1]; } cx q[0], q[1];"
    assert judged("unitary", subject_of(body, kind="unitary")).verdict == "pass"


def test_bound_in_the_wrong_direction_is_refused() -> None:
    with pytest.raises(BadPolicy, match="is bounded by `at_most`"):
        parse_policy('version = 1\n[checks.no_idle_qubits]\nat_least = 0\nreason = "r"\n', "p.toml")


def test_nothing_that_may_be_a_circuit_or_claims_is_passed_over(tmp_path: Path) -> None:
    circuit = HEAD + "qubit[2] q; h q[0]; cx q[0], q[1];"
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there/linked.qasm").write_text(circuit)
    (tmp_path / "here/link").symlink_to(tmp_path / "there")
    (tmp_path / "here/UPPER.QASM").write_text(circuit)
    (tmp_path / "here/__dunder").mkdir()
    (tmp_path / "here/__dunder/x.qasm").write_text(circuit)
    (tmp_path / "here/typo.toml").write_text('sorce = "x.py:f"\n')
    (tmp_path / "here/broken.toml").write_text("= =\n")
    (tmp_path / "here/pyproject.toml").write_text("[project]\nname = 'x'\n")
    code, subjects, _ = audit(tmp_path, "here")
    verdicts = {path.removeprefix("here/"): s["verdict"] for path, s in subjects.items()}
    assert code == 3
    assert verdicts == {
        "UPPER.QASM": "pass",
        "__dunder/x.qasm": "pass",
        "broken.toml": "error",
        "link": "error",
        "typo.toml": "error",
    }


@pytest.mark.parametrize("target", ["folder", "/proc/report.json"])
def test_report_that_cannot_be_written_is_one_sentence(target: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.qasm").write_text(HEAD + "qubit[1] q; h q[0];")
    code, _, said = audit(tmp_path, "x.qasm", "--output", f"json={target}")
    assert code == 2
    assert "cannot be written" in said


def test_missing_reference_names_the_claims_file(tmp_path: Path) -> None:
    (tmp_path / "x.qasm").write_text(HEAD + "qubit[1] q; h q[0];")
    (tmp_path / "x.toml").write_text('[equivalent_to]\ncircuit = "referenc.qasm"\n')
    code, subjects, _ = audit(tmp_path, "x.qasm")
    assert code == 3
    assert str(subjects["x.qasm"]["message"]).startswith("x.toml: its `equivalent_to` cannot be read")


def test_damaged_qpy_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.qpy").write_bytes(b"QISKIT\x0e" + bytes(range(100)))
    _, subjects, _ = audit(tmp_path, "x.qpy")
    message = str(subjects["x.qpy"]["message"])
    assert "\n" not in message
    assert "\x1b" not in message
