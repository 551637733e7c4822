"""Admission: what is admitted is exactly what was audited; everything else is refused with the right reason."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from qiskit.circuit.library import XGate

from qverify import VerifiedCircuit, admit, admit_folder
from qverify.certificate import decode, encode
from qverify.errors import NotAdmitted, Unusable

CIRCUIT = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] a;
input float[64] b;
qubit[2] q;
ry(a) q[0];
cx q[0], q[1];
rx(2*b) q[1];
"""
CLAIMS = """title = "a pair"
weights = ["a", "b"]
observables = ["Z0", "Z1"]
zero_wires = [0, 1]

[equivalent_to]
circuit = "same.qasm"
"""
SAME = CIRCUIT.replace("cx q[0], q[1];", "h q[1]; cz q[1], q[0]; h q[1];")


def audit(folder: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "qverify.cli",
        "audit",
        str(folder),
        "--certificates",
        str(folder.parent / "c"),
        "-q",
    ]
    return subprocess.run(command, check=False, capture_output=True, cwd=folder.parent).returncode


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `w` with two circuits and a policy, audited into `c`."""
    base = tmp_path_factory.mktemp("admission")
    work = base / "w"
    work.mkdir()
    (work / "pair.qasm").write_text(CIRCUIT)
    (work / "pair.toml").write_text(CLAIMS)
    (work / "same.qasm").write_text(SAME)
    default = Path(__file__).parents[2] / "qverify" / "default_policy.toml"
    (work / "policy.toml").write_text(default.read_text())
    assert audit(work) == 0
    return base


@pytest.fixture
def place(audited: Path, tmp_path: Path) -> Path:
    """A fresh copy of the audited folder, at another path."""
    shutil.copytree(audited, tmp_path / "copy")
    return tmp_path / "copy"


def admitted(place: Path) -> VerifiedCircuit:
    return admit(place / "w/pair.qasm", place / "c", place / "w/policy.toml")


def refusal(place: Path) -> str:
    with pytest.raises(Unusable) as caught:
        admit_folder(place / "w", place / "c", place / "w/policy.toml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_audited_circuit_is_admitted(place: Path) -> None:
    verified = admitted(place)
    assert verified.subject.parameters == ("a", "b")
    verified.still_holds()
    assert len(admit_folder(place / "w", place / "c", place / "w/policy.toml")) == 2


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pair.qasm", "ry(a) q[0];\n", "  ry( a )   q[ 0 ];  // turn\n\n"),
        ("pair.qasm", "qubit[2] q;", "/* wires */ qubit[2] q;"),
        ("pair.toml", 'title = "a pair"', '# words\ntitle   =   "a pair"'),
    ],
)
def test_white_space_and_comments_may_change(place: Path, name: str, old: str, new: str) -> None:
    edit(place / "w" / name, old, new)
    admitted(place)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pair.qasm", "ry(a)", "rx(a)"),
        ("pair.qasm", "cx q[0], q[1]", "cx q[1], q[0]"),
        ("pair.qasm", "rx(2*b)", "rx(3*b)"),
        ("pair.qasm", "rx(2*b)", "rx(-2*b)"),
        ("pair.qasm", "q[0];\ncx", "q[1];\ncx"),
        ("pair.qasm", "input float[64] a;\ninput float[64] b;", "input float[64] b;\ninput float[64] a;"),
        ("pair.toml", '["Z0", "Z1"]', '["Z1", "Z0"]'),
        ("pair.toml", "a pair", "a pear"),
        ("pair.toml", "zero_wires = [0, 1]", "zero_wires = [0]"),
        ("same.qasm", "rx(2*b)", "rx(4*b)"),
    ],
)
def test_change_that_matters_is_refused_and_the_file_is_named(place: Path, name: str, old: str, new: str) -> None:
    edit(place / "w" / name, old, new)
    said = refusal(place)
    assert name in said.split(": ")[0]
    assert "was changed after" in said


@pytest.fixture(scope="module")
def audited_twins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `w` with two circuits for one role, audited into `c`."""
    base = tmp_path_factory.mktemp("twins")
    work = base / "w"
    work.mkdir()
    for name, text in (("one", CIRCUIT), ("two", SAME)):
        (work / f"{name}.qasm").write_text(text)
        (work / f"{name}.toml").write_text('role = "forget"\n')
    default = Path(__file__).parents[2] / "qverify" / "default_policy.toml"
    (work / "policy.toml").write_text(default.read_text())
    assert audit(work) == 0
    return base


def _change_circuit(work: Path) -> None:
    edit(work / "two.qasm", "rx(2*b)", "rx(3*b)")


def _change_claims(work: Path) -> None:
    edit(work / "two.toml", "forget", "update")


def _add_a_third(work: Path) -> None:
    (work / "three.qasm").write_text(CIRCUIT)
    (work / "three.toml").write_text('role = "forget"\n')


def _break_claims(work: Path) -> None:
    (work / "two.toml").write_text("role = forget")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_change_circuit, "two.qasm"),
        (_change_claims, "two.qasm"),
        (_add_a_third, "three.qasm"),
        (_break_claims, "two."),
    ],
)
def test_certificate_does_not_survive_a_change_of_another_circuit_for_the_role(
    change: Callable[[Path], None], named: str, audited_twins: Path, tmp_path: Path
) -> None:
    shutil.copytree(audited_twins, tmp_path / "copy")
    copy = tmp_path / "copy"
    where = copy / "w/one.qasm", copy / "c", copy / "w/policy.toml"
    assert admit(*where).subject.twins[0].path.endswith("two.qasm")
    change(copy / "w")
    with pytest.raises(NotAdmitted, match=f"{named}.*was changed after .*one.qasm, which claims the same role"):
        admit(*where)


def test_new_circuit_without_certificate_is_refused(place: Path) -> None:
    (place / "w/third.qasm").write_text(CIRCUIT.replace("ry(a)", "rz(a)"))
    assert "third.qasm: has no certificate in" in refusal(place)


def test_missing_certificates_are_refused(place: Path) -> None:
    shutil.rmtree(place / "c")
    assert "has no certificate in" in refusal(place)


def test_certificate_of_another_circuit_is_refused(place: Path) -> None:
    certificates = sorted((place / "c").rglob("*.json"))
    certificates[0].write_bytes(certificates[1].read_bytes())
    assert "has no certificate" in refusal(place)


def test_other_policy_is_refused(place: Path) -> None:
    edit(place / "w/policy.toml", "version = 1", "version = 2")
    assert "was given under another policy (version 1)" in refusal(place)


def test_any_flipped_byte_of_a_certificate_is_refused(place: Path) -> None:
    file = next(file for file in sorted((place / "c").rglob("*.json")) if "pair" in file.name)
    good = file.read_bytes()
    decode(good, "c")
    refused = 0
    for position in range(0, len(good), 3):
        with pytest.raises(NotAdmitted):
            decode(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :], "c")
        refused += 1
    assert refused == len(range(0, len(good), 3))


@pytest.mark.parametrize(
    "change", [lambda v: v["predicate"].update(verdict="pass", seed=1), lambda v: v.update(extra=1)]
)
def test_rewritten_certificate_is_refused(place: Path, change: object) -> None:
    file = next(file for file in sorted((place / "c").rglob("*.json")) if "pair" in file.name)
    value = json.loads(file.read_text())
    change(value)  # type: ignore[operator]
    file.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    assert "damaged or edited" in refusal(place)


def test_dropped_check_is_refused_even_with_a_fresh_digest(place: Path) -> None:
    import msgspec

    from qverify.certificate import _integrity

    file = next(file for file in sorted((place / "c").rglob("*.json")) if "pair" in file.name)
    made = decode(file.read_bytes(), "c")
    less = msgspec.structs.replace(made.predicate, checks=made.predicate.checks[1:])
    forged = msgspec.structs.replace(made, predicate=less, integrity="")
    file.write_bytes(encode(msgspec.structs.replace(forged, integrity=_integrity(forged))))
    assert "does not satisfy the policy today" in refusal(place)


def test_circuit_changed_in_memory_no_longer_holds(place: Path) -> None:
    verified = admitted(place)
    verified.subject.circuit.append(XGate(), [0])
    with pytest.raises(NotAdmitted, match="changed after admission"):
        verified.still_holds()


def test_nobody_else_makes_a_verified_circuit(place: Path) -> None:
    with pytest.raises(TypeError, match=r"made by qverify\.admit"):
        VerifiedCircuit(admitted(place).subject, "sha256:0")


def test_empty_folder_is_refused(place: Path) -> None:
    (place / "none").mkdir()
    with pytest.raises(NotAdmitted, match="holds no circuit"):
        admit_folder(place / "none", place / "c", place / "w/policy.toml")


def test_failed_audit_removes_the_old_certificate(place: Path) -> None:
    edit(place / "w/pair.qasm", "cx q[0], q[1];", "cx q[1], q[0];")
    assert audit(place / "w") == 1
    names = [file.name for file in (place / "c").rglob("*.json")]
    assert names == ["same.qasm.json"]
