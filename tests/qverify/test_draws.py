"""Product inputs, drawn values, and the search for the simplest failing case."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import find
from hypothesis import strategies as st
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.quantum_info import Statevector

from qverify.draws import LETTERS, inputs, product_state, search, values
from qverify.errors import Undecidable
from qverify.subject import Claims, make_subject


@pytest.mark.parametrize("word", ["0", "1", "+", "-", "r", "l", "0+", "l1r-"])
def test_a_product_state_is_the_one_of_its_letters_wire_0_first(word):
    # Qiskit's labels name the last wire first
    np.testing.assert_allclose(product_state(word)[0], Statevector.from_label(word[::-1]).data, atol=1e-15)


def test_product_states_span_the_operators():
    states = [product_state(a + b)[0] for a in LETTERS for b in LETTERS]
    rows = np.stack([np.outer(s, s.conj()).reshape(-1) for s in states])
    assert np.linalg.matrix_rank(rows) == 16


def test_inputs_are_zero_where_claimed():
    word = find(inputs(4, zero=(1, 3)), lambda w: w[0] == "r" and w[2] == "-")
    assert word == "r0-0"


def test_inputs_too_wide_are_undecided():
    with pytest.raises(Undecidable, match="17 wires"):
        inputs(17)


def subject(angle, **claims):
    circuit = QuantumCircuit(1)
    circuit.rx(angle, 0)
    return make_subject("c", circuit, tuple(p.name for p in circuit.parameters), claims=Claims(**claims))


def worst(cases, defect, floor=1e-9, examples=50, seed=1):
    return search(cases, defect, np.random.default_rng(seed), floor=floor, examples=examples)


def test_drawn_values_are_finite_and_features_stay_in_their_range():
    x, w = Parameter("x"), Parameter("w")
    made = subject(x + w, features=("x",), weights=("w",), feature_range=(0.5, 0.75))
    seen = []
    worst(values(made), lambda at: seen.append(at) or 0.0)
    assert all(0.5 <= at["x"] <= 0.75 and math.isfinite(at["w"]) for at in seen)
    assert len({at["w"] for at in seen}) > 5


def test_values_are_drawn_where_the_angles_are_defined():
    x = Parameter("x")
    seen = []
    worst(
        values(subject(x.arcsin(), features=("x",), feature_range=(-5.0, 5.0))), lambda at: seen.append(at) or 0.0
    )
    assert all(abs(at["x"]) <= 1 for at in seen)


def test_values_that_are_never_defined_are_undecided():
    x = Parameter("x")
    with pytest.raises(Undecidable, match="undefined"):
        worst(values(subject((x.abs() + 9).arcsin())), lambda _: 0.0)


def test_no_defect_gives_no_case():
    found = worst(st.integers(), lambda _: 1e-12)
    assert found.case is None
    assert found.defect == 1e-12
    assert found.tried > 5


def test_a_failing_case_is_shrunk_but_stays_at_least_half_as_bad():
    found = worst(st.integers(0, 1000), lambda n: float(n > 100) * n, examples=200)
    assert found.case is not None
    assert found.defect > 100
    assert found.case > found.defect / 2


def test_a_defect_that_is_not_a_number_is_infinitely_bad():
    found = worst(st.just(3), lambda _: math.nan)
    assert found.defect == math.inf
    assert found.case == 3


def test_a_search_is_decided_by_its_seed():
    one, two = (worst(st.floats(0, 1), lambda x: x, seed=4) for _ in range(2))
    assert one == two
