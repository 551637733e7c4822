"""The list of checks: the modules of `qverify.checks`, and what their docstrings say, without importing them.

A check is one file; its name is the check's name everywhere. Reading a docstring needs neither numpy nor
Qiskit, so `qverify checks` and `qverify explain` answer at once.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "checks"
_SECTIONS = ("Why", "Formula", "Source", "Limits", "Fails", "Fix", "Bound")


@dataclass(frozen=True)
class Explanation:
    """What a check's docstring says, section by section. bound: `at_least` where it says so, else `at_most`."""

    check: str
    claim: str
    why: str
    formula: str
    source: str
    limits: str
    fails: str
    fix: str
    bound: str


@cache
def check_names() -> tuple[str, ...]:
    """The names of all checks, sorted."""
    return tuple(sorted(p.stem for p in _FOLDER.glob("*.py") if not p.stem.startswith("_")))


@cache
def explain(check: str) -> Explanation:
    """The explanation of a check that exists."""
    text = ast.get_docstring(ast.parse((_FOLDER / f"{check}.py").read_text(encoding="utf-8"))) or ""
    head, *rest = re.split(rf"^({'|'.join(_SECTIONS)}): ", text, flags=re.MULTILINE)
    sections = {rest[k]: re.sub(r"\s+", " ", rest[k + 1]).strip() for k in range(0, len(rest), 2)}
    said = {name.lower(): sections.get(name, "") for name in _SECTIONS} | {
        "bound": sections.get("Bound", "at_most")
    }
    return Explanation(check=check, claim=re.sub(r"\s+", " ", head).strip(), **said)
