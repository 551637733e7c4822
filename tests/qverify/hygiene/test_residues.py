"""Exact arithmetic agrees with the reference semantics on which records can be, and on what moves a chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.hygiene import program_of
from qverify.hygiene.residues import Residues
from tests.chances import NOTHING, mixed
from tests.oracles import evolve
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import subject_of, subject_with


@steady(25)
@given(seeded())
def test_records_that_are_left_are_those_with_a_chance(source) -> None:
    circuit = dynamic_circuit(source, 2, 2, length=7, depth=2)
    zero = [k for k in range(2) if source.random() < 0.5]
    field = Residues(program_of(subject_with(circuit, zero_wires=zero)), "seed")
    left = set(field.walk(lambda *_: None))
    ends = evolve(circuit, mixed(2, zero)[None])
    assert left >= {record for record, rho in ends.items() if rho[0].trace().real > NOTHING}


def test_weights_agree_at_both_points_and_features_do_not() -> None:
    body = (
        "input float[64] x; input float[64] a; qubit q; ry(a) q; ry(x) q; ry(a * x) q; ry(0.3 * x) q; rz(2 * a) q;"
    )
    program = program_of(subject_of(body, features=["x"], weights=["a"]))
    first = Residues(program, "1")
    second = Residues(program, "2", like=first)
    same = {name for name, value in first.point.values.items() if second.point.values[name] == value}
    assert "a" in same
    assert not any("x" in name for name in same)


@pytest.mark.parametrize("wires", [9])
def test_too_many_wires_are_refused(wires: int) -> None:
    circuit = QuantumCircuit(wires, 1)
    circuit.measure(0, 0)
    with pytest.raises(Undecidable):
        Residues(program_of(subject_with(circuit)), "seed")
