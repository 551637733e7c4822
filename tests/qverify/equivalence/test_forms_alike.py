"""One circuit as OpenQASM 3, as QPY and as built in Python: every question has the same answer."""

from __future__ import annotations

import io
from pathlib import Path

from hypothesis import given
from qiskit import QuantumCircuit, qasm3, qpy
from qiskit.qasm3 import QASM3ExporterError

from qverify import load_subject
from qverify.equivalence.decide import Question, decide
from qverify.errors import CannotLoad
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import subject_with


def forms(circuit: QuantumCircuit, folder: Path, name: str):
    """The subjects of one circuit; without OpenQASM where Qiskit cannot write it, or not so that it can be read."""
    yield subject_with(circuit)
    written = io.BytesIO()
    qpy.dump(circuit, written)
    (folder / f"{name}.qpy").write_bytes(written.getvalue())
    yield load_subject(str(folder / f"{name}.qpy"))
    try:
        (folder / f"{name}.qasm").write_text(qasm3.dumps(circuit))
        yield load_subject(str(folder / f"{name}.qasm"))
    except (CannotLoad, QASM3ExporterError):
        return  # what is refused, and how, is tested with the loader


@steady(8)
@given(seeded())
def test_answers_do_not_depend_on_the_form(tmp_path_factory, source) -> None:
    folder = tmp_path_factory.mktemp("forms")
    a = dynamic_circuit(source, 2, 2, 4)
    b = a.copy()
    if source.random() < 0.5:
        b.x(source.randrange(2))
    for notion in ("instrument", "outcomes"):
        answers = {
            (found.verdict, found.strength)
            for left in forms(a, folder, "a")
            for right in forms(b, folder, "b")
            if (found := decide(left, right, Question(notion)))  # type: ignore[arg-type]
        }
        assert len(answers) == 1
