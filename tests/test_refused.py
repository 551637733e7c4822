"""Every circuit in `tests/refused/` is refused by exactly the check that its file is named after."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qverify.registry import check_names

REFUSED = Path(__file__).parent / "refused"
ROOT = Path(__file__).parents[1]


def circuit_of(check: str) -> Path:
    found = [file for file in REFUSED.glob(f"{check}.*") if file.suffix != ".toml"]
    assert len(found) == 1, f"tests/refused needs one circuit for the check {check}"
    return found[0]


def test_every_refused_circuit_names_a_check() -> None:
    stems = {file.stem for file in REFUSED.iterdir() if file.suffix in (".qasm", ".qpy")}
    assert stems == set(check_names())


SHOWN = (
    *("unitary", "equal_to_reference", "deferred_measurement", "shift_rule"),
    *("one_role_one_computation", "survives_compilation", "undone_by_its_inverse"),
    "steering_bits_feel_the_input",
)


@pytest.mark.parametrize("check", check_names())
def test_circuit_broken_on_purpose_is_refused_by_its_check_alone_and_its_snippet_runs(
    check: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        sys.executable,
        "-m",
        "qverify.cli",
        "audit",
        str(circuit_of(check).relative_to(ROOT)),
        "--format",
        "json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    report = json.loads(done.stdout)
    (subject,) = report["subjects"]
    not_passed = [f["check"] for f in subject["findings"] if f["verdict"] not in ("pass", "not_applicable")]
    assert (done.returncode, report["exit"], not_passed) == (1, 1, [check])
    assert {f["check"]: f["verdict"] for f in subject["findings"]}[check] == "fail"
    if check in SHOWN:
        snippet = next(f["counterexample"]["snippet"] for f in subject["findings"] if f["check"] == check)
        monkeypatch.chdir(ROOT)
        exec(snippet, {})  # noqa: S102  # as a user would paste it
        assert capsys.readouterr().out.strip()
