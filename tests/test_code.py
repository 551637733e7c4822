"""Tests about the code: rooms, names, and that every check has its test and its refused circuit."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qverify.check import all_checks
from qverify.registry import check_names

ROOT = Path(__file__).parents[1]
MODULES = sorted(p for package in ("qverify", "qlstm") for p in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("check", check_names())
def test_check_has_a_test_and_a_refused_circuit(check: str) -> None:
    assert (ROOT / f"tests/qverify/checks/test_{check}.py").is_file()
    assert any(file.suffix != ".toml" for file in (ROOT / "tests/refused").glob(f"{check}.*"))


def test_check_is_called_what_its_file_is() -> None:
    assert sorted(found.name for found in all_checks()) == list(check_names())


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_opens_by_saying_what_it_is_and_stays_one_idea(module: Path) -> None:
    text = module.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module opens with a docstring"
    assert text.count("\n") <= 350, "a file that long holds two ideas"


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("qverify/angles.py", "from qverify.policy import Policy", "rooms import downward"),
        ("qverify/errors.py", "import qlstm", "knows nothing of the trainer"),
        ("qlstm/data.py", "from qverify.policy import Policy", "public names"),
    ],
)
def test_upward_import_fails_the_layer_rules(module: str, line: str, broken: str, tmp_path: Path) -> None:
    for package in ("qverify", "qlstm"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / module
    file.write_text(file.read_text() + f"\n{line}\n")
    script = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert any(broken in row and "BROKEN" in row for row in done.stdout.splitlines()), done.stdout
