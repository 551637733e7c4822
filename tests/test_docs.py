"""Every command and every example on the pages of `docs/` and in the README does what the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from qverify.registry import check_names, explain
from qverify.subject import Claims
from tests.shipped import AUDIT, ROOT, Said, command

PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_does_what_it_says(page: Path, tmp_path: Path, audited: tuple[Path, Said]) -> None:
    for folder in ("circuits", "tests/refused", "tests/forgetting"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    blocks = BLOCK.findall(page.read_text())
    assert blocks
    for kind, text in blocks:
        if kind == "python":
            subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True)
            continue
        line, code, *wanted = text.strip().splitlines()
        tool, *words = line.removeprefix("$ ").split()
        if words == AUDIT:  # this very command has been run in such a folder
            shutil.copytree(audited[0] / "runs", tmp_path / "runs")
            done = audited[1]
        else:
            done = command(tool, words, tmp_path)
        assert f"exit code {done.returncode}" == code, f"{line}\n{done.stdout}\n{done.stderr}"
        for said in wanted:
            assert said in done.stdout + done.stderr, f"{line}\n{done.stdout}\n{done.stderr}"


def test_readme_lists_every_check_with_its_claim() -> None:
    table = re.findall(r"^\| `(\w+)` \| (.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [name for name, _ in table] == sorted(check_names(), key=[name for name, _ in table].index)
    assert {name for name, _ in table} == set(check_names())


def test_claims_in_the_readme_are_claims() -> None:
    text = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert text is not None
    claims = msgspec.convert(tomllib.loads(text[1]), Claims)
    assert claims.equivalent_to is not None


def test_ci_runs_the_test_command_of_the_readme() -> None:
    lines = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert lines[1].endswith("&& .venv/bin/python -m pytest")


@pytest.mark.parametrize("check", check_names())
def test_check_explains_itself(check: str) -> None:
    said = explain(check)
    for section in ("claim", "why", "formula", "source", "limits", "fails", "fix"):
        assert len(getattr(said, section)) > 10, f"{check} says nothing under {section}"
