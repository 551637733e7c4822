"""Every circuit in `tests/refused/` is refused by exactly the check that its file is named after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qverify.registry import check_names
from tests.shipped import ROOT, command, made_once

REFUSED = Path(__file__).parent / "refused"


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


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report on all circuits that are broken on purpose, by path."""
    words = ["audit", *(str(circuit_of(check).relative_to(ROOT)) for check in check_names()), "--format", "json"]
    _, said = made_once(tmp_path_factory, "refused", lambda _: command("qverify", words, ROOT))
    assert said.returncode == 1, said.stderr
    return {subject["path"]: subject for subject in json.loads(said.stdout)["subjects"]}


@pytest.mark.parametrize("check", check_names())
def test_circuit_broken_on_purpose_is_refused_by_its_check_alone_and_its_snippet_runs(
    check: str, report: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = report[str(circuit_of(check).relative_to(ROOT))]
    not_passed = [f["check"] for f in subject["findings"] if f["verdict"] not in ("pass", "not_applicable")]
    assert (subject["verdict"], not_passed) == ("fail", [check])
    assert {f["check"]: f["verdict"] for f in subject["findings"]}[check] == "fail"
    if check in SHOWN:
        snippet = next(f["counterexample"]["snippet"] for f in subject["findings"] if f["check"] == check)
        monkeypatch.chdir(ROOT)
        exec(snippet, {})  # noqa: S102  # as a user would paste it
        assert capsys.readouterr().out.strip()
