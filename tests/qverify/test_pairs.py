"""Comparing files: A's claim is taken, layouts and names are honoured, a second opinion changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import RYGate, efficient_su2
from qiskit.transpiler import CouplingMap

from qverify import pairs
from qverify.errors import CannotCompare
from qverify.pairs import Pair, compare
from tests.subjects import HEAD

pytestmark = pytest.mark.filterwarnings("ignore")  # JAX, where it was imported before, warns of the fork


def asked(a: Path, b: Path, **more: object) -> object:
    words: dict[str, object] = {
        "notion": None, "input": None, "tolerance": 1e-8, "ancilla": (), "discard": (), "seed": 0,
    }  # fmt: skip
    return compare(Pair(str(a), str(b), **(words | more)), 120.0, 65536)  # type: ignore[arg-type]


def qasm(folder: Path, name: str, body: str) -> Path:
    file = folder / f"{name}.qasm"
    file.write_text(HEAD + body)
    return file


def test_claim_about_the_other_file_says_ancillas_and_notion(tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", "input float[64] t; qubit q; bit c; ry(t) q; c = measure q; reset q;")
    b = qasm(tmp_path, "b", "input float[64] t; qubit[2] q; bit c; ry(t) q[0]; cx q[0], q[1]; swap q[0], q[1]; "
             "c = measure q[0]; reset q[0];")  # fmt: skip
    with pytest.raises(CannotCompare, match="say which extra wires"):
        asked(a, b)
    (tmp_path / "a.toml").write_text(
        '[equivalent_to]\ncircuit = "b.qasm"\nnotion = "instrument"\nancilla = [1]\ndiscard = [1]\n'
    )
    found = asked(a, b)
    assert (found.verdict, found.notion) == ("equivalent", "instrument")  # type: ignore[attr-defined]
    assert found.strength in ("proof", "exact")  # type: ignore[attr-defined]
    assert asked(a, b, ancilla=(0,), discard=(0,)).verdict == "different"  # type: ignore[attr-defined]


def test_parameters_match_by_order_only_where_the_claim_says_so(tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", "input float[64] p; input float[64] r; qubit[2] q; rx(p) q[0]; ry(r) q[1];")
    b = qasm(tmp_path, "b", "input float[64] r; input float[64] p; qubit[2] q; rx(r) q[0]; ry(p) q[1];")
    assert asked(a, b).verdict == "different"  # type: ignore[attr-defined]
    (tmp_path / "a.toml").write_text('[equivalent_to]\ncircuit = "b.qasm"\nmatch = "order"\n')
    assert asked(a, b).verdict == "equivalent"  # type: ignore[attr-defined]
    c = qasm(tmp_path, "c", "input float[64] r; input float[64] p; qubit[2] q; rx(r) q[0]; ry(2*p) q[1];")
    (tmp_path / "a.toml").write_text('[equivalent_to]\ncircuit = "c.qasm"\nmatch = "order"\n')
    found = asked(a, c)
    assert found.verdict == "different"  # type: ignore[attr-defined]
    snippet = found.counterexample.snippet  # type: ignore[attr-defined]
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, check=True)
    printed = [float(line.split()[-1]) for line in done.stdout.splitlines()]
    assert printed[0] != printed[-1] or (len(printed) == 1 and printed[0] > 1e-3)


def test_layout_in_qpy_is_undone_when_it_is_read(tmp_path: Path) -> None:
    one = efficient_su2(4, reps=1)
    other = transpile(
        one, basis_gates=["rz", "sx", "x", "cx"], coupling_map=CouplingMap.from_line(4), optimization_level=1,
        initial_layout=[2, 0, 3, 1], seed_transpiler=3,
    )  # fmt: skip
    assert other.layout is not None
    for name, circuit in (("one", one), ("other", other)):
        with (tmp_path / f"{name}.qpy").open("wb") as file:
            qpy.dump(circuit, file)
    found = asked(tmp_path / "one.qpy", tmp_path / "other.qpy")
    assert (found.verdict, found.strength) == ("equivalent", "proof")  # type: ignore[attr-defined]


def test_modifiers_in_qpy_are_read(tmp_path: Path) -> None:
    p = Parameter("p")
    for name, annotated in (("one", True), ("other", False)):
        circuit = QuantumCircuit(2)
        circuit.append(RYGate(p).control(1, annotated=annotated), [0, 1])
        with (tmp_path / f"{name}.qpy").open("wb") as file:
            qpy.dump(circuit, file)
    assert asked(tmp_path / "one.qpy", tmp_path / "other.qpy").verdict == "equivalent"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("rx(0.3) q[0]; cry(0.4) q[0], q[1]; rx(0.2) q[0];", "rx(0.31) q[0]; cry(0.4) q[0], q[1]; rx(0.2) q[0];"),
        ("h q[0];", "h q[0]; cz q[0], q[1];"),
        ("rx(0.3) q[0];", "rx(0.1) q[0]; rx(0.2) q[0];"),
        ("h q[0]; c = measure q[0];", "h q[0]; z q[0]; c = measure q[0];"),
        ("h q[0]; c = measure q[0];", "h q[0]; rx(0.1) q[0]; c = measure q[0];"),
    ],
)
def test_every_answer_is_json(left: str, right: str, tmp_path: Path) -> None:
    a, b = (qasm(tmp_path, name, f"qubit[2] q; bit c; {body}") for name, body in (("a", left), ("b", right)))
    command = [sys.executable, "-m", "qverify.cli", "equiv", str(a), str(b), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert done.returncode == {"equivalent": 0, "different": 1, "undecided": 4}[answer["verdict"]]
    assert answer["verdict"] != "undecided"
    assert {"up_to_permutation", "up_to_relabelling", "from_zero", "where", "second_opinion"} <= set(answer)


def test_second_opinion_stands_beside_the_answer(tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", "input float[64] t; qubit[2] q; ry(t) q[0]; cx q[0], q[1];")
    b = qasm(tmp_path, "b", "input float[64] t; qubit[2] q; ry(-t) q[0]; cx q[0], q[1];")
    alone, both = asked(a, b), asked(a, b, second_opinion=True)
    assert alone.second_opinion is None  # type: ignore[attr-defined]
    heard = both.second_opinion  # type: ignore[attr-defined]
    if find_spec("mqt") is None:
        assert (heard.verdict, "pip install" in heard.note) == ("none", True)
    else:
        assert heard.verdict == "different"
    assert both.verdict == alone.verdict == "different"  # type: ignore[attr-defined]


def test_second_opinion_about_measurements_is_not_asked(tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", "qubit q; bit c; h q; c = measure q;")
    assert asked(a, a, second_opinion=True).second_opinion.verdict == "none"  # type: ignore[attr-defined]


WRITTEN = "qubit[2] q; bit[{}] c; ry(1.0) q[0]; c[0] = measure q[0]; {}"


@pytest.mark.parametrize("tolerance", [3.0, 0.5])
@pytest.mark.parametrize("notion", ["instrument", "outcomes"])
def test_no_distance_and_no_error_is_beyond_the_largest_there_is(
    notion: str, tolerance: float, tmp_path: Path
) -> None:
    a, b = (
        qasm(tmp_path, "a", WRITTEN.format(1, "")),
        qasm(tmp_path, "b", WRITTEN.format(1, "").replace("1.0", "1.2")),
    )
    found = asked(a, b, notion=notion, tolerance=tolerance)
    most = 1.0 if notion == "outcomes" else 2.0
    assert 0.0 <= found.distance.lo <= found.distance.hi <= most  # type: ignore[attr-defined]
    assert found.error_bound <= most  # type: ignore[attr-defined]


def test_difference_has_the_rounding_of_what_shows_it_as_its_error_bound(tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", "qubit[2] q; bit c; ry(1.0) q[0]; c = measure q[0]; cx q[0], q[1];")
    b = qasm(tmp_path, "b", "qubit[2] q; bit c; ry(1.3) q[0]; c = measure q[0]; cx q[0], q[1];")
    found = asked(a, b)
    assert found.verdict == "different"  # type: ignore[attr-defined]
    assert found.distance.hi - found.distance.lo > 0.1  # type: ignore[attr-defined]
    assert 0.0 <= found.error_bound < 1e-9  # type: ignore[attr-defined]


@pytest.mark.parametrize("notion", ["instrument", "outcomes", "channel"])
def test_records_of_different_length_differ_by_what_the_longer_one_says(notion: str, tmp_path: Path) -> None:
    a = qasm(tmp_path, "a", WRITTEN.format(1, ""))
    b = qasm(tmp_path, "b", WRITTEN.format(2, "c[1] = measure q[0];"))
    found = asked(a, b, notion=notion)
    if notion == "channel":
        assert (found.verdict, found.message) == ("equivalent", "")  # type: ignore[attr-defined]
        return
    assert found.verdict == "different"  # type: ignore[attr-defined]
    said = f"{a} has 1 classical bit and {b} has 2: a bit that a circuit lacks counts as 0"
    assert found.message == said  # type: ignore[attr-defined]
    example = found.counterexample  # type: ignore[attr-defined]
    assert len(example.record) == 2
    done = subprocess.run([sys.executable, "-c", example.snippet], capture_output=True, text=True, check=True)
    shown = [float(line.split()[-1]) for line in done.stdout.splitlines()]
    assert abs(shown[0] - shown[2]) > 0.1  # probabilities, each before its frequency in qiskit-aer
    assert max(abs(shown[0] - shown[1]), abs(shown[2] - shown[3])) < 0.05
    assert asked(b, a, notion=notion).counterexample is not None  # type: ignore[attr-defined]


def test_bit_that_is_never_written_is_as_one_that_is_not_there(tmp_path: Path) -> None:
    a, b = qasm(tmp_path, "a", WRITTEN.format(1, "")), qasm(tmp_path, "b", WRITTEN.format(2, ""))
    assert asked(a, b).verdict == "equivalent"  # type: ignore[attr-defined]


@pytest.mark.parametrize("given", [None, "channel"])
def test_time_out_names_the_notion_that_was_asked_for(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "decide", lambda *_: time.sleep(60))
    a = qasm(tmp_path, "a", WRITTEN.format(1, ""))
    found = compare(Pair(str(a), str(a), given, None, 1e-8, (), (), 0), 0.5, 65536)  # type: ignore[arg-type]
    assert (found.verdict, found.notion, found.input) == ("undecided", given or "instrument", "any")
    assert "time-out" in found.message


def test_one_wire_is_no_plural(tmp_path: Path) -> None:
    a, b = qasm(tmp_path, "a", "qubit[2] q; h q[0];"), qasm(tmp_path, "b", "qubit q; h q;")
    with pytest.raises(CannotCompare, match=r"has 1 wire and .*a\.qasm has 2;"):
        asked(a, b)
