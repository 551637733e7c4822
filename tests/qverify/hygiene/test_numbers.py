"""Probabilities of all paths at drawn points: those of density matrices, however many paths are merged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.hygiene import program_of
from qverify.hygiene.numbers import COLUMNS, GROUPS, drawn_points, walk_numbers, weight
from tests.oracles import LETTERS, evolve, kron_all
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import generator, subject_of, subject_with


@steady(20)
@given(seeded())
def test_records_have_the_probabilities_of_density_matrices(source) -> None:
    circuit = dynamic_circuit(source, 2, 2, length=7, depth=2)
    for _ in range(3):
        circuit.reset(source.randrange(2))
        circuit.h(0)
    program = program_of(subject := subject_with(circuit))
    points = drawn_points(subject, program, generator(0, "numbers", ""))
    ends = walk_numbers(program, points, lambda *_: None)
    for column in (0, 5, 13):
        psi = kron_all([LETTERS[letter][:, None] for letter in points.letters[column]])
        truth = {r: rho[0].trace().real for r, rho in evolve(circuit, (psi @ psi.conj().T)[None]).items()}
        found = {r: float(weight(v)[column]) for r, v in ends.items()}
        assert all(abs(found.get(r, 0.0) - truth.get(r, 0.0)) < 1e-12 for r in {*found, *truth})


def test_weights_agree_inside_a_group_and_features_do_not() -> None:
    body = "input float[64] x; input float[64] a; qubit[2] q; ry(a) q[0]; ry(arcsin(x)) q[1];"
    program = program_of(subject := subject_of(body, features=["x"], weights=["a"], zero_wires=[1]))
    points = drawn_points(subject, program, generator(0, "numbers", ""))
    weights = points.values["a"].reshape(GROUPS, COLUMNS)
    assert np.all(weights == weights[:, :1])
    assert len(set(points.values["x"])) == GROUPS * COLUMNS
    assert {word[1] for word in points.letters} == {"0"}


def test_too_many_wires_are_refused() -> None:
    circuit = QuantumCircuit(11, 1)
    circuit.measure(0, 0)
    subject = subject_with(circuit)
    with pytest.raises(Undecidable, match="11 wires are too many"):
        drawn_points(subject, program_of(subject), generator(0, "numbers", ""))
