"""After an audit of the shipped circuits, one character that matters in any file refuses the whole folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from qverify import NotAdmitted, admit_folder
from tests.shipped import CERTIFICATES, ROOT, Said, command

QASM = sorted(str(p.relative_to(ROOT / "circuits")) for p in (ROOT / "circuits").rglob("*.qasm"))
CLAIMS = [name.replace(".qasm", ".toml") for name in QASM]


@pytest.fixture(scope="module")
def handed(audited: tuple[Path, Said], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `circuits/`, with the certificates of its audit in `certificates/` beside it."""
    base = tmp_path_factory.mktemp("hand_over")
    shutil.copytree(audited[0] / "circuits", base / "circuits")
    shutil.copytree(audited[0] / CERTIFICATES, base / "certificates")
    return base


def admitted(base: Path, monkeypatch: pytest.MonkeyPatch, below: str = "circuits") -> int:
    monkeypatch.chdir(base)
    return len(admit_folder(Path(below), Path("certificates"), Path("circuits/policy.toml")))


def edited(text: str, name: str) -> str:
    """The text with one character changed that matters: the last wire or rotation's axis, or a claim's letter."""
    if name.endswith(".toml"):
        at = text.index('title = "') + len('title = "')
        return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
    if "q[" not in text:  # wires are named
        at = text.rindex("ry(") + 1
        return text[:at] + "x" + text[at + 1 :]
    at = text.rindex("q[") + 2
    return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]


@pytest.mark.parametrize("name", [*QASM, *CLAIMS])
def test_one_character_that_matters_is_refused_with_the_file_named(
    name: str, handed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = handed / "circuits" / name
    before = file.read_text()
    try:
        file.write_text(edited(before, name))
        with pytest.raises(NotAdmitted) as caught:
            admitted(handed, monkeypatch, f"circuits/{Path(name).parent}")
    finally:
        file.write_text(before)
    assert str(caught.value).startswith(f"circuits/{name}: was changed after")


def test_white_space_and_comments_everywhere_are_admitted(handed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: (handed / "circuits" / name).read_text() for name in [*QASM, *CLAIMS]}
    try:
        for name, text in before.items():
            mark = "#" if name.endswith(".toml") else "//"
            keys = re.sub(r"^(\w+) = ", r"\1   =  ", text, flags=re.MULTILINE)
            spaced = keys if mark == "#" else text.replace(";\n", " ;\n\n").replace("(", "( ")
            (handed / "circuits" / name).write_text(f"{mark} words\n{spaced}\n{mark} more\n")
        assert admitted(handed, monkeypatch) == len(QASM)
    finally:
        for name, text in before.items():
            (handed / "circuits" / name).write_text(text)


def test_trainer_refuses_what_admission_refuses(handed: Path) -> None:
    file = handed / "circuits/mcmc/update.qasm"
    before = file.read_text()
    words = ["train", "--cell", "chen2020", "--data", "sine", "--epochs", "1"]
    try:
        file.write_text(before.replace("== 0", "== 1"))
        done = command("qlstm", [*words, "--certificates", "certificates", "--out", "out"], handed)
    finally:
        file.write_text(before)
    assert done.returncode == 1
    assert "circuits/mcmc/update.qasm: was changed after its audit" in done.stderr
    assert not (handed / "out").exists()
