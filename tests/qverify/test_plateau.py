"""`qverify plateau` as others call it: JSON, exit codes, one sentence for every bad question, figures, bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from qverify.cli import main
from qverify.errors import CannotCompare, CannotWrite
from qverify.plateau import picture_form, sizes_of, split_laws
from qverify.report.plateau import plateau_json
from qverify.trainability.answer import Plateau, Size, row_of
from qverify.trainability.moment import Moment

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
TWO = HEAD + "input float a;\ninput float b;\nqubit[2] q;\nry(a) q[0];\ncx q[0], q[1];\nrz(b) q[1];\n"
NONE = HEAD + "qubit[2] q;\nh q[0];\n"
KEYS = {"name", "variance", "lo", "hi", "log2", "dead"}


def line(n, shared=False):
    """RY on every wire and a line of CNOTs."""
    names = ["a"] if shared else [f"a{k}" for k in range(n)]
    text = HEAD + "".join(f"input float {name};\n" for name in names) + f"qubit[{n}] q;\n"
    text += "".join(f"ry({names[k % len(names)]}) q[{k}];\n" for k in range(n))
    return text + "".join(f"cx q[{k}], q[{k + 1}];\n" for k in range(n - 1))


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with circuits; gives its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"two": TWO, "none": NONE, "wide": line(40, shared=True), "line": line(12)}.items():
        (tmp_path / f"{name}.qasm").write_text(text)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["qverify", "plateau", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return ended.value.code, said.out, said.err.strip()

    return run


def test_json_has_the_promised_keys_and_the_right_numbers(ask):
    code, out, err = ask("two.qasm", "--observable", "Z0", "--format", "json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert {"method", "confidence", "cost_second_moment", "parameters"} <= set(answer)
    assert {"value", "lo", "hi", "log2"} == set(answer["cost_second_moment"])
    a, b = answer["parameters"]
    assert set(a) >= KEYS
    assert (a["name"], a["dead"], b["name"], b["dead"]) == ("a", False, "b", True)
    assert a["variance"] == pytest.approx(0.5, abs=1e-12)
    assert a["lo"] <= 0.5 <= a["hi"]
    assert (b["variance"], b["lo"], b["hi"], b["log2"]) == (0.0, 0.0, 0.0, None)
    assert answer["confidence"] == 1.0
    assert answer["route"][0] == "eligible for Pauli walks"


def test_a_family_has_a_class_and_every_size(ask):
    code, out, _ = ask("--family", "ry_global", "--qubits", "2,4,6,8,40,40", "--format", "json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer["scaling"]) >= {"class", "rate_hi", "qubits"}
    assert answer["scaling"]["class"] == "exponential"
    assert answer["scaling"]["qubits"] == [2, 40]
    assert [size["qubits"] for size in answer["sizes"]] == [2, 4, 6, 8, 40]
    assert answer["qubits"] == 40
    assert answer["parameters"][0]["log2"] == pytest.approx(-3 + 39 * -1.4150374992788438)


def test_a_family_of_ones_own_follows_the_largest_variance(ask, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from qiskit.circuit import Parameter, QuantumCircuit\n"
        "def local(n):\n"
        "    circuit = QuantumCircuit(n)\n"
        "    for k in range(n):\n"
        "        circuit.ry(Parameter(f'p{k}'), k)\n"
        "    return circuit, 'Z0'\n"
    )
    words = ("--family", "mine.py:local", "--qubits", "2,4,8,16,32,64", "--format", "json")
    assert ask(*words)[0] == 3
    code, out, _ = ask(*words, "--allow-python")
    assert (code, json.loads(out)["scaling"]["class"]) == (0, "constant")


def test_numbers_beyond_floats_are_null_or_zero_and_never_infinite(ask):
    code, out, _ = ask("two.qasm", "--observable", "9e149*Z0", "--format", "json")
    assert (code, json.loads(out)["parameters"][0]["variance"]) == (0, pytest.approx(4.05e299))
    tiny, huge = (row_of("w", Moment(k, k, k, "exact"), dead=False) for k in (-2000.0, 2000.0))
    size = Size(2, "Z0", tiny, (tiny, huge), 0, "", 1.0, (), tiny)
    small, large = json.loads(plateau_json(Plateau("decided", (size,))))["parameters"]
    assert (small["variance"], small["log2"], small["dead"]) == (0.0, -2000.0, False)
    assert (large["variance"], large["hi"], large["log2"]) == (None, None, 2000.0)


def test_people_read_the_route_and_the_dead(ask):
    code, out, _ = ask("line.qasm", "--observable", "Z1", "--law", "*=normal(0, 0.5)", "--no-color")
    assert code == 0
    assert "eligible for Pauli walks" in out
    assert "dead, zero for all angles: 10 of 12" in out


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        (("two.qasm", "--observable", "Z0"), "figure.png", b"\x89PNG"),
        (("--family", "ry_local", "--qubits", "2,4,8,16"), "figure.svg", b"<?xml"),
    ],
)
def test_a_figure_is_written(ask, tmp_path, words, name, begins):
    assert ask(*words, "--plot", name)[0] == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["none.qasm", "--observable", "Z0"], 2, "no parameters that are trained"),
        (["two.qasm"], 2, "no observable is asked for"),
        (["two.qasm", "--observable", "Z5"], 2, "reads qubit 5, but the circuit has 2"),
        (["two.qasm", "--observable", "Q"], 2, "`Q` is no observable"),
        (["two.qasm", "--observable", "1e200*Z0"], 2, "has no square among floats"),
        (["two.qasm", "--observable", "Z0", "--law", "a"], 2, "is no NAME=LAW"),
        (["two.qasm", "--observable", "Z0", "--law", "a=uniform", "--law", "a=fixed(0)"], 2, "gives `a` two laws"),
        (["two.qasm", "--observable", "Z0", "--law", "c=uniform"], 2, "`c` has a law and is no parameter"),
        (["two.qasm", "--observable", "Z0", "--law", "a=unform"], 2, "did you mean `uniform`"),
        (["two.qasm", "--observable", "Z0", "--plot", "a.jpg"], 2, "no format for pictures"),
        (["two.qasm", "--observable", "Z0", "--plot", "no/a.svg"], 2, "its folder is not there"),
        (["two.qasm", "--family", "hea", "--qubits", "4"], 2, "and not both"),
        (["two.qasm", "--observable", "Z0", "--qubits", "4"], 2, "--qubits is for --family"),
        (["--family", "hea"], 2, "a family needs sizes"),
        (["--family", "hea", "--qubits", "4,x"], 2, "is no list of sizes"),
        (["--family", "nope", "--qubits", "4"], 2, "is no shipped family"),
        (["--family", "qmera", "--qubits", "5"], 2, "needs a power of two"),
        (["--family", "mine.py:f", "--qubits", "4"], 3, "only with --allow-python"),
        (["missing.qasm", "--observable", "Z0"], 3, "does not exist"),
    ],
)
def test_a_bad_question_is_one_sentence_and_its_exit_code(ask, words, code, said):
    found, out, err = ask(*words)
    assert found == code
    assert said in " ".join(err.split())
    assert out == ""


def test_too_wide_for_the_only_route_is_undecided_with_the_reason(ask):
    code, out, err = ask("wide.qasm", "--observable", "Z39", "--format", "json")
    answer = json.loads(out)
    assert (code, err, answer["verdict"]) == (4, "", "undecided")
    assert "`a` turns several gates" in answer["message"]
    assert "40 qubits are too many" in answer["message"]


def test_a_time_out_is_undecided(ask):
    code, out, _ = ask("--family", "hea_global", "--qubits", "60", "--timeout", "0.3", "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (4, "undecided")


def test_fresh_processes_say_the_same_bytes(tmp_path):
    (tmp_path / "line.qasm").write_text(line(12))
    words = [sys.executable, "-m", "qverify.cli", "plateau", "line.qasm", "--observable", "Z10"]
    words += ["--relative-error", "0.5", "--format", "json"]
    running = [
        subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("0", "1", "2")
    ]
    found = {process.communicate(timeout=300)[0] for process in running}
    assert len(found) == 1
    assert "Pauli walk" in json.loads(found.pop())["method"]


def test_words_of_the_command_line_are_read():
    assert split_laws(["a = normal(0, 1)", "*=uniform", "a=normal(0, 1)"]) == {"a": "normal(0, 1)", "*": "uniform"}
    assert sizes_of("4, 8", "", "hea") == (4, 8)
    with pytest.raises(CannotCompare):
        sizes_of("0", "", "hea")


def test_a_picture_is_told_by_its_name(tmp_path):
    assert picture_form(tmp_path / "a.SVG") == "svg"
    with pytest.raises(CannotWrite):
        picture_form(tmp_path / "a")
