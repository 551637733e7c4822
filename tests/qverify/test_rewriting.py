"""`qverify defer`: what is written is equal to the original, and nothing else is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter

from qverify.discovery import load_subject
from qverify.equivalence.decide import Question, decide
from qverify.errors import CannotLoad, CannotWrite
from qverify.rewriting import deferred_file
from qverify.structure import measures_only_at_the_end
from tests.subjects import HEAD

SHIPPED = "circuits/mcmc/forget.qasm"
BODY = "input float[64] x; qubit[2] q; bit[2] c; ry(x) q[0]; c[0] = measure q[0]; if (c[0]) { h q[1]; reset q[0]; }"


pytestmark = pytest.mark.filterwarnings("ignore")  # JAX, where it was imported before, warns of the fork


def written(path: str, out: Path, **more: bool) -> object:
    options = (False, more.get("allow_undecided", False))
    return deferred_file(path, out, seconds=120.0, memory=65536, seed=0, options=options)


@pytest.mark.parametrize("suffix", [".qasm", ".qpy", ".qasm3"])
def test_written_file_is_static_and_equal(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"static{suffix}"
    done = written(SHIPPED, out)
    assert done.written  # type: ignore[attr-defined]
    one, other = load_subject(SHIPPED), load_subject(str(out))
    assert set(one.parameters) == set(other.parameters)
    if suffix != ".qpy":
        assert one.parameters == other.parameters  # QPY sorts them
    assert measures_only_at_the_end(other.circuit)
    ancillas = done.ancillas  # type: ignore[attr-defined]
    assert decide(one, other, Question("instrument", ancilla=ancillas, discard=ancillas)).verdict == "equivalent"


def test_command_says_what_the_ancillas_are(tmp_path: Path) -> None:
    (tmp_path / "a.qasm").write_text(HEAD + BODY)
    command = [sys.executable, "-m", "qverify.cli", "defer", "a.qasm", "-o", "b.qasm", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer["equivalence"]["verdict"] == "equivalent"
    assert answer["ancillas"]
    assert (tmp_path / "b.qasm").exists()


def test_nothing_is_written_where_equality_is_not_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qverify import rewriting
    from qverify.equivalence.answer import Answer

    monkeypatch.setattr(rewriting, "decide", lambda *_: Answer("undecided", "instrument", "any", "m", "none"))
    out = tmp_path / "b.qasm"
    assert not written(SHIPPED, out).written  # type: ignore[attr-defined]
    assert not out.exists()
    assert written(SHIPPED, out, allow_undecided=True).written  # type: ignore[attr-defined]
    monkeypatch.setattr(rewriting, "decide", lambda *_: Answer("different", "instrument", "any", "m", "numerical"))
    assert not written(SHIPPED, tmp_path / "c.qasm", allow_undecided=True).written  # type: ignore[attr-defined]


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="no format for circuits"):
        written(SHIPPED, tmp_path / "b.txt")
    with pytest.raises(CannotLoad, match="no known bound"):
        (tmp_path / "loop.qasm").write_text(HEAD + "qubit q; bit c; while (!c) { h q; c = measure q; }")
        written(str(tmp_path / "loop.qasm"), tmp_path / "b.qasm")
    with pytest.raises(CannotLoad):
        written(str(tmp_path / "missing.qasm"), tmp_path / "b.qasm")
    assert not list(tmp_path.glob("b.*"))


@pytest.mark.parametrize("name", ["if", "measure", "a b", "x'", "3x"])
def test_name_that_openqasm_does_not_allow_is_refused_with_the_remedy(name: str, tmp_path: Path) -> None:
    file = written_to(tmp_path, name)
    with pytest.raises(CannotLoad) as refusal:
        written(str(file), tmp_path / "b.qasm")
    said = (
        f"has the parameter `{name}`, a name that OpenQASM 3 does not allow; rename it, or write a file that ends"
    )
    assert str(refusal.value) == f"{file}: {said} in .qpy"
    assert written(str(file), tmp_path / "b.qpy").written  # type: ignore[attr-defined]


def test_names_that_would_be_written_alike_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotLoad, match="has the parameter `a b`"):
        written(str(written_to(tmp_path, "a b", "_a_b")), tmp_path / "b.qasm")


def test_greek_names_and_elements_of_vectors_are_kept(tmp_path: Path) -> None:
    assert written(str(written_to(tmp_path, "θ", "t[0]", "pi", "ry")), tmp_path / "b.qasm").written  # type: ignore[attr-defined]
    assert set(load_subject(str(tmp_path / "b.qasm")).parameters) == {"θ", "t[0]", "pi", "ry"}


def written_to(folder: Path, *names: str) -> Path:
    circuit = QuantumCircuit(2, 1)
    for name in names:
        circuit.ry(Parameter(name), 0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    file = folder / "a.qpy"
    with file.open("wb") as out:
        qpy.dump(circuit, out)
    return file
