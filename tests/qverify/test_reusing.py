"""`qverify reuse`: what is written is proved to be the same computation, and nothing else is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
from qiskit import qpy
from qiskit.circuit import Instruction, Parameter, QuantumCircuit
from rich.console import Console

from qverify import reusing
from qverify.discovery import load_subject
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.errors import CannotCompare, CannotLoad, CannotWrite
from qverify.report.reuse import Reused, print_reused
from qverify.reusing import Request, exit_code, reused_file, same
from qverify.subject import make_subject
from qverify.wires.rewrite import narrowed
from tests.strategies import dynamic_circuit, from_seed, static_circuit
from tests.subjects import HEAD

BODY = """input float[64] zeta; input float[64] alpha; qubit[3] w; bit[2] late; bit[1] early;
rx(zeta) w[0]; cx w[0], w[1]; early[0] = measure w[0]; if (early[0]) { ry(alpha) w[1]; }
late[1] = measure w[1]; if (late == 2) { h w[2]; } late[0] = measure w[2];"""

pytestmark = pytest.mark.filterwarnings("ignore")  # JAX, where it was imported before, warns of the fork


def reused(path: Path, out: Path, **more: object) -> Reused:
    return reused_file(Request(str(path), **more), out, 120.0, 65536)  # type: ignore[arg-type]


def file_with(folder: Path, text: str) -> Path:
    file = folder / "a.qasm"
    file.write_text(HEAD + text)
    return file


@pytest.mark.parametrize("suffix", [".qasm", ".qpy", ".qasm3"])
def test_written_file_is_narrower_equal_and_keeps_its_names(suffix: str, tmp_path: Path) -> None:
    path, out = file_with(tmp_path, BODY), tmp_path / f"b{suffix}"
    done = reused(path, out)
    one, other = load_subject(str(path)), load_subject(str(out))
    assert (done.written, done.width.before, done.width.after, exit_code(done)) == (True, 3, 2, 0)
    assert decide(one, other, Question("outcomes", "zero")).strength == "proof"
    assert sorted(one.parameters) == sorted(other.parameters)
    if suffix != ".qpy":
        assert one.parameters == other.parameters  # QPY sorts them
    assert [(r.name, r.size) for r in other.circuit.cregs] == [("late", 2), ("early", 1)]


def test_outputs_are_kept_unless_said_otherwise(tmp_path: Path) -> None:
    path = file_with(
        tmp_path, "qubit[3] q; bit[2] c; h q; cz q[0], q[2]; c[0] = measure q[0]; c[1] = measure q[1];"
    )
    done = reused(path, tmp_path / "b.qpy")
    assert (done.outputs, done.width.after, done.equivalence.notion, done.written) == ((2,), 2, "instrument", True)
    for more in ({"notion": "outcomes"}, {"discard": (2,)}):
        done = reused(path, tmp_path / "b.qpy", **more)
        assert (done.outputs, done.width.after, done.equivalence.notion) == ((), 1, "outcomes")
    path.with_suffix(".toml").write_text("discarded_wires = [2]")
    assert reused(path, tmp_path / "b.qpy").outputs == ()


def test_command_prints_one_json_object(tmp_path: Path) -> None:
    file_with(tmp_path, BODY)
    command = [sys.executable, "-m", "qverify.cli", "reuse", "a.qasm", "-o", "b.qasm", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert {k: answer["width"][k] for k in ("before", "after")} == {"before": 3, "after": 2}
    assert answer["equivalence"]["verdict"] == "equivalent"
    assert {life["original"] for life in answer["lifetimes"]["after"]} == {0, 1, 2}


def test_lifetimes_are_drawn_before_and_after(tmp_path: Path) -> None:
    done, console = reused(file_with(tmp_path, BODY), tmp_path / "b.qasm"), Console(record=True, width=60)
    with console.capture() as shown:
        print_reused(done, "b.qasm", console)
    before, after = shown.get().split("after:")
    assert "3 wires before, 2 after (the least" in before
    assert [line[0] for line in before.splitlines() if "├" in line] == ["0", "1", "2"]
    assert [line[0] for line in after.splitlines() if "├" in line] == ["0", "1"]
    assert "wrote b.qasm" in after


def test_nothing_is_written_where_equality_is_not_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = file_with(tmp_path, BODY), tmp_path / "b.qasm"

    def answers(verdict: str, strength: str) -> None:
        monkeypatch.setattr(reusing, "decide", lambda *_: Answer(verdict, "outcomes", "zero", "m", strength))  # type: ignore[arg-type]

    for verdict, strength, code in (
        ("undecided", "none", 4),
        ("equivalent", "numerical", 4),
        ("different", "none", 1),
    ):
        answers(verdict, strength)
        done = reused(path, out)
        assert (done.written, exit_code(done), out.exists()) == (False, code, False)
        done = reused(path, out, allow_undecided=True)
        assert (done.written, exit_code(done)) == (verdict != "different", code)
        out.unlink(missing_ok=True)


def test_opaque_gate_is_undecided_and_written_only_if_allowed(tmp_path: Path) -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.append(Instruction("mystery", 2, 0, []), [0, 1])
    circuit.measure(range(3), range(3))
    with (tmp_path / "a.qpy").open("wb") as file:
        qpy.dump(circuit, file)
    try:
        done = reused(tmp_path / "a.qpy", tmp_path / "b.qpy")
    except CannotLoad as why:
        assert "mystery" in why.sentence  # a circuit that is not even loaded
        return
    assert (done.written, done.equivalence.verdict, exit_code(done)) == (False, "undecided", 4)
    assert "mystery" in done.equivalence.message
    assert reused(tmp_path / "a.qpy", tmp_path / "b.qpy", allow_undecided=True).written


def test_unbounded_loop_is_undecided_in_one_sentence(tmp_path: Path) -> None:
    path = file_with(
        tmp_path,
        "qubit[2] q; bit[2] c; while (!c[0]) { h q[0]; c[0] = measure q[0]; } h q[1]; c[1] = measure q[1];",
    )
    done = reused(path, tmp_path / "b.qasm", notion="outcomes")
    assert (done.written, done.equivalence.verdict) == (False, "undecided")
    assert "no known bound" in done.equivalence.message


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    path = file_with(tmp_path, BODY)
    with pytest.raises(CannotWrite, match="no format for circuits"):
        reused(path, tmp_path / "b.txt")
    with pytest.raises(CannotCompare, match="has no wire 7; it has 3"):
        reused(path, tmp_path / "b.qasm", discard=(7,))
    with pytest.raises(CannotLoad, match="nothing can be reused, because no wire ends in a measurement"):
        reused(Path("circuits/chen2020/forget.qasm"), tmp_path / "b.qasm")
    with pytest.raises(CannotLoad):
        reused(tmp_path / "missing.qasm", tmp_path / "b.qasm")
    assert not list(tmp_path.glob("b.*"))


@pytest.mark.parametrize("seed", range(16))
def test_every_drawn_narrower_circuit_is_proved_equal(seed: int) -> None:
    source = from_seed(seed)
    if seed % 2:
        circuit = dynamic_circuit(source, 4, 3, 10, loops=False)
    else:
        circuit = static_circuit(source, 6, 5)
        circuit.measure_all()
    found = narrowed(circuit, keeps="nothing")
    answer = same(make_subject("a", circuit, ()), make_subject("b", found.circuit, ()), found.outputs, found.begun)
    assert (answer.verdict, answer.strength in ("proof", "exact")) == ("equivalent", True)


def test_forty_wires_are_proved_equal() -> None:
    circuit, angles = QuantumCircuit(40, 40), (Parameter("gamma"), Parameter("beta"))
    circuit.h(range(40))
    for a, b in nx.random_regular_graph(3, 40, seed=1).edges:
        circuit.rzz(angles[0], a, b)
    circuit.rx(angles[1], range(40))
    circuit.measure(range(40), range(40))
    found, names = narrowed(circuit), ("gamma", "beta")
    one, other = make_subject("a", circuit, names), make_subject("b", found.circuit, names)
    assert found.circuit.num_qubits <= 9
    assert same(one, other, found.outputs, found.begun).strength == "proof"
