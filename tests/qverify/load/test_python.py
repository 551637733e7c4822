"""Circuits built by Python code: called once, refused in one sentence, nothing left behind."""

from __future__ import annotations

import sys

import pytest

from qverify.errors import CannotLoad
from qverify.load import build_circuit

CODE = """
from qiskit import QuantumCircuit
import neighbour

def good():
    circuit = QuantumCircuit(2)
    circuit.h(neighbour.QUBIT)
    return circuit

def fails():
    return 1 / 0

def leaves():
    raise SystemExit(3)

def wrong():
    return "circuit"

def empty():
    return QuantumCircuit()

def infinite():
    circuit = QuantumCircuit(1)
    circuit.rx(float("nan"), 0)
    return circuit

def needs(argument):
    return argument

NUMBER = 3
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "built.py").write_text(CODE)
    (tmp_path / "neighbour.py").write_text("QUBIT = 1\n")
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    return tmp_path


@pytest.mark.parametrize("spec", ["built.py:good", "built:good"])
def test_a_function_builds_a_circuit_and_leaves_nothing_behind(spec, folder):
    path, modules = list(sys.path), set(sys.modules)
    loaded = build_circuit(spec, folder)
    assert (loaded.format, loaded.lines, loaded.circuit.num_qubits) == ("python", (None,), 2)
    assert sys.path == path
    assert not {name for name in set(sys.modules) - modules if "built" in name or "neighbour" in name}
    assert not list(folder.glob("__pycache__"))


CASES = [
    ("built.py:fails", "ZeroDivisionError", 11),
    ("built.py:leaves", "SystemExit", 14),
    ("built.py:wrong", "returned `str`", None),
    ("built.py:empty", "no qubits", None),
    ("built.py:infinite", "has the angle nan", None),
    ("built.py:needs", "TypeError", None),
    ("built.py:NUMBER", "no function `NUMBER`", None),
    ("built.py:absent", "no function `absent`", None),
    ("broken.py:f", "SyntaxError", 2),
    ("absent.py:f", "does not exist", None),
    ("absent_module:f", "ModuleNotFoundError", None),
    ("built.py", "names no function", None),
    ("built.py:", "names no function", None),
    ("../x y:f", "names no module", None),
]


@pytest.mark.parametrize(("spec", "sentence", "line"), CASES)
def test_what_is_no_circuit_is_refused(spec, sentence, line, folder):
    with pytest.raises(CannotLoad, match=sentence) as refusal:
        build_circuit(spec, folder)
    assert refusal.value.line == line


def test_an_interrupt_goes_through(folder):
    (folder / "stop.py").write_text("def f():\n    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        build_circuit("stop.py:f", folder)
