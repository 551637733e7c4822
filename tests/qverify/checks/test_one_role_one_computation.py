"""The check `one_role_one_computation`, from files: equal and unequal circuits for one role."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qverify.audit import Choice, Task, audit_subject
from qverify.discovery import load_subject
from qverify.policy import Judged, default_policy
from qverify.subject import Subject
from tests.subjects import HEAD, NESTED, TODAY, judged

NAME = "one_role_one_computation"
PLAIN = "input float[64] x; input float[64] a; qubit[2] q; ry(x) q[0]; cx q[0], q[1]; ry(a) q[1];"
OTHER = PLAIN.replace("cx q[0], q[1];", "h q[1]; cz q[1], q[0]; h q[1];")
CLAIMS = 'cell = "pair"\nrole = "forget"\nfeatures = ["x"]\nweights = ["a"]\n'
MUTANTS = {
    "angle negated": ("ry(a)", "ry(-a)"),
    "wrong wire": ("ry(a) q[1]", "ry(a) q[0]"),
    "wrong input": ("ry(a)", "ry(x + 0*a)"),
    "gate removed": ("cx q[0], q[1];", ""),
    "control and target": ("cx q[0], q[1];", "cx q[1], q[0];"),
    "angle off by 1e-6": ("ry(a)", "ry(a + 1e-6)"),
}


def written(folder: Path, name: str, body: str, claims: str = CLAIMS) -> Path:
    (folder / f"{name}.qasm").write_text(HEAD + body)
    (folder / f"{name}.toml").write_text(claims)
    return folder / f"{name}.qasm"


def pair(folder: Path, body: str, other: str, claims: str = CLAIMS, other_claims: str = "") -> Subject:
    written(folder, "second", other, other_claims or claims)
    return load_subject(str(written(folder, "first", body, claims)))


def compared(folder: Path, *words: str) -> Judged:
    return judged(NAME, pair(folder, *words))


def test_same_circuit_in_other_gates_passes_from_both_sides(tmp_path: Path) -> None:
    assert compared(tmp_path, PLAIN, OTHER).verdict == "pass"
    assert judged(NAME, load_subject(str(tmp_path / "second.qasm"))).verdict == "pass"


@pytest.mark.parametrize("kind", sorted(MUTANTS))
def test_mutant_fails_and_the_other_file_is_named(kind: str, tmp_path: Path) -> None:
    found = compared(tmp_path, PLAIN, OTHER.replace(*MUTANTS[kind]) if "cx" not in kind else OTHER)
    if MUTANTS[kind][0].startswith("cx"):
        found = compared(tmp_path, PLAIN.replace(*MUTANTS[kind]), OTHER)
    assert found.verdict == "fail"
    assert found.finding.evidence[1].where.startswith(f"against {tmp_path / 'second.qasm'}")


@settings(NESTED, max_examples=5)
@given(st.floats(1e-3, 1.0))
def test_defect_is_judged_by_the_bound(size: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        body = "qubit[2] q; h q; cx q[0], q[1];"
        subject = pair(Path(folder), body, body + f"rz({size!r}) q[0];", 'role = "forget"\n')
    truth = 2 * math.sin(size / 4)
    assert judged(NAME, subject, at_most=truth * 1.0001).verdict == "pass"
    assert judged(NAME, subject, at_most=truth * 0.9999).verdict == "fail"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (CLAIMS, CLAIMS.replace("forget", "update")),
        (CLAIMS, CLAIMS.replace("pair", "another")),
        (CLAIMS.replace("forget", "reference"), CLAIMS.replace("forget", "reference")),
        (CLAIMS, 'title = "no role"\n'),
    ],
)
def test_circuits_for_different_roles_have_nothing_to_do_with_each_other(
    mine: str, theirs: str, tmp_path: Path
) -> None:
    subject = pair(tmp_path, PLAIN, PLAIN.replace("ry(a)", "ry(-a)"), mine, theirs)
    assert subject.twins == ()
    assert judged(NAME, subject).verdict == "not_applicable"


def test_circuit_without_a_role_is_told_what_a_claim_would_add(tmp_path: Path) -> None:
    found = judged(NAME, load_subject(str(written(tmp_path, "first", PLAIN, 'title = "x"\n'))))
    assert found.verdict == "not_applicable"
    assert "needs the claim `role`" in found.finding.message


def test_two_formats_with_one_claims_file_are_two_circuits_for_one_role(tmp_path: Path) -> None:
    (tmp_path / "first.qasm3").write_text(HEAD + PLAIN.replace("ry(a)", "ry(-a)"))
    assert judged(NAME, load_subject(str(written(tmp_path, "first", PLAIN)))).verdict == "fail"


def test_unreadable_twin_is_undecided_and_never_passes(tmp_path: Path) -> None:
    found = compared(tmp_path, PLAIN, "qubit[2] q; nonsense q;")
    assert found.verdict == "inconclusive"
    assert "second.qasm" in found.finding.message


def test_claims_that_cannot_be_read_might_claim_the_role(tmp_path: Path) -> None:
    found = compared(tmp_path, PLAIN, OTHER, CLAIMS, "role = forget")
    assert found.verdict == "inconclusive"
    assert "second.toml cannot be read" in found.finding.message


def test_other_parameter_names_are_undecided(tmp_path: Path) -> None:
    found = compared(
        tmp_path, PLAIN, PLAIN.replace("] a;", "] b;").replace("(a)", "(b)"), CLAIMS, CLAIMS.replace('"a"', '"b"')
    )
    assert found.verdict == "inconclusive"
    assert "has the parameter `a`" in found.finding.message


@pytest.mark.parametrize("key", ["features", "observables"])
def test_claims_that_differ_fail(key: str, tmp_path: Path) -> None:
    lists = {"features": ('["x", "a"]', '["a", "x"]'), "observables": ('["Z0", "Z1"]', '["Z1", "Z0"]')}[key]
    base = 'role = "forget"\n'
    found = compared(tmp_path, PLAIN, OTHER, f"{base}{key} = {lists[0]}\n", f"{base}{key} = {lists[1]}\n")
    assert found.verdict == "fail"
    assert f"`{key}`" in found.finding.evidence[0].where


def test_wires_that_both_claim_to_start_in_zero_are_compared_from_there(tmp_path: Path) -> None:
    body, other = "qubit[2] q; cx q[0], q[1]; h q[0];", "qubit[2] q; h q[0];"
    zero = 'role = "forget"\nzero_wires = [0]\n'
    assert compared(tmp_path, body, other, zero).verdict == "pass"
    assert compared(tmp_path, body, other, zero, 'role = "forget"\n').verdict == "fail"


def test_deferred_form_with_claimed_ancillas_is_the_same_computation(tmp_path: Path) -> None:
    dynamic = "qubit[2] q; bit[1] c; h q[0]; cx q[0], q[1]; c[0] = measure q[0]; reset q[0];"
    deferred = "qubit[3] q; bit[1] c; h q[0]; cx q[0], q[1]; swap q[0], q[2]; c[0] = measure q[2];"
    claims = 'role = "forget"\n'
    extra = claims + "zero_wires = [2]\ndiscarded_wires = [2]\n"
    assert compared(tmp_path, dynamic, deferred, claims, extra).verdict == "pass"
    assert compared(tmp_path, deferred, dynamic, extra, claims).verdict == "pass"
    assert (
        compared(tmp_path, dynamic, deferred.replace("swap q[0], q[2];", "cx q[0], q[2];"), claims, extra).verdict
        == "fail"
    )
    found = compared(tmp_path, dynamic, deferred, claims, claims)
    assert found.verdict == "inconclusive"
    assert "claim those from 2 on as `zero_wires`" in found.finding.message


def test_digest_covers_the_twin_and_its_claims_and_nothing_else(tmp_path: Path) -> None:
    alone = load_subject(str(written(tmp_path, "first", PLAIN)))
    digests = {alone.digest}
    for other, claims in (
        (OTHER, CLAIMS),
        (PLAIN, CLAIMS),
        (OTHER, CLAIMS + 'title = "t"\n'),
        ("qubit q; bad;", CLAIMS),
    ):
        digests.add(pair(tmp_path, PLAIN, other, CLAIMS, claims).digest)
    assert len(digests) == 5
    (tmp_path / "second.toml").write_text(CLAIMS.replace("forget", "update"))
    assert load_subject(str(tmp_path / "first.qasm")).digest == alone.digest
    (tmp_path / "second.qasm").unlink()
    (tmp_path / "second.toml").unlink()
    assert load_subject(str(tmp_path / "first.qasm")).digest == alone.digest


def test_report_names_the_twins(tmp_path: Path) -> None:
    pair(tmp_path, PLAIN, OTHER)
    report = audit_subject(Task(str(tmp_path / "first.qasm"), default_policy()), Choice(0, TODAY))
    assert report.verdict == "pass"
    assert [path for path, _ in report.twins] == [str(tmp_path / "second.qasm")]
