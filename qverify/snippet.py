"""Lines of Python with Qiskit that reproduce a counterexample: load the file, bind it, prepare the input, look.

The circuit is loaded by `qverify.load_subject`, because Qiskit's own importer cannot read every file that is read
here; everything after that line is Qiskit alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PREPARE = {
    "0": [],
    "1": ["x"],
    "+": ["h"],
    "-": ["x", "h"],
    "r": ["h", "s"],
    "l": ["h", "sdg"],
}


def load_lines(path: str, values: Mapping[str, float], name: str = "circuit") -> list[str]:
    """Bind the circuit of a file; parameters by name."""
    bound = {p: v + 0.0 for p, v in values.items()}
    return [f"{name} = qverify.load_subject({path!r}).circuit.assign_parameters({bound!r}, strict=False)"]


def prepare_lines(letters: str, name: str = "prepared") -> list[str]:
    """A circuit that prepares the product input."""
    lines = [f"{name} = QuantumCircuit({len(letters)})"]
    lines += [f"{name}.{gate}({k})" for k, letter in enumerate(letters) for gate in PREPARE[letter]]
    return lines


def prepare_any(states: Sequence[str | tuple[float, float]], name: str = "prepared") -> list[str]:
    """The same, where a wire may also start in cos(theta/2)|0> + e^{i phi} sin(theta/2)|1>."""
    lines = [f"{name} = QuantumCircuit({len(states)})"]
    for k, one in enumerate(states):
        if isinstance(one, str):
            lines += [f"{name}.{gate}({k})" for gate in PREPARE[one]]
        else:
            lines.append(f"{name}.u({one[0]!r}, {one[1]!r}, 0, {k})")
    return lines


def snippet(*parts: list[str], imports: tuple[str, ...] = ()) -> str:
    """The whole, with its imports."""
    head = ["import qverify", "from qiskit import QuantumCircuit", *imports]
    return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"
