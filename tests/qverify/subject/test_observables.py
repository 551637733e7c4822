"""Observables as text: what is read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qverify.errors import Unusable
from qverify.subject import Term, parse_observable
from tests.strategies import steady


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Z0", [Term(1.0, (("Z", 0),))]),
        ("-Z0", [Term(-1.0, (("Z", 0),))]),
        ("0.5*Z0 + 0.5*Z1", [Term(0.5, (("Z", 0),)), Term(0.5, (("Z", 1),))]),
        ("X0 Y2", [Term(1.0, (("X", 0), ("Y", 2)))]),
        ("Y2 X0", [Term(1.0, (("X", 0), ("Y", 2)))]),
        ("2 Z0-1e-3*Z1", [Term(2.0, (("Z", 0),)), Term(-1e-3, (("Z", 1),))]),
        ("P0[1]", [Term(1.0, (("P", 1),))]),
        ("zeros", [Term(1.0, (("P", 0), ("P", 1), ("P", 2)))]),
        ("M1 Z1", [Term(1.0, (("M", 1), ("Z", 1)))]),
        ("I", [Term(1.0, ())]),
    ],
)
def test_an_observable_is_read_as_it_is_written(text, terms):
    assert list(parse_observable(text, 3, 2).terms) == terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("Q0", "no observable"),
        ("Z0 +", "no observable"),
        ("Z0 Z1 0.5", "no observable"),
        ("Z0 * Z1", "no observable"),
        ("Z", "no observable"),
        ("Z-1", "no observable"),
        ("z0", "no observable"),
        ("nan*Z0", "no observable"),
        ("Z3", "reads qubit 3, but the circuit has 3"),
        ("M2", "reads classical bit 2, but the circuit has 2"),
        ("P0[7]", "reads qubit 7"),
        ("X0 Y0", "names one wire twice"),
        ("zeros Z0", "names one wire twice"),
        ("M0 M0", "names one wire twice"),
    ],
)
def test_what_is_no_observable_is_refused_in_one_sentence(text, said):
    with pytest.raises(Unusable) as caught:
        parse_observable(text, 3, 2)
    assert said in caught.value.sentence


def test_an_infinite_coefficient_is_refused():
    with pytest.raises(Unusable):
        parse_observable("1e999*Z0", 1, 0)


def test_wires_bits_and_bound_are_those_of_the_terms():
    found = parse_observable("0.5*Z0 M1 - 2*X2", 3, 2)
    assert found.wires == {0, 2}
    assert found.bits == {1}
    assert found.bound == 2.5


@given(
    st.lists(st.tuples(st.floats(0.001, 100), st.sampled_from("XYZ"), st.integers(0, 3)), min_size=1, max_size=5)
)
@steady(60)
def test_writing_and_reading_give_the_same_terms(terms):
    text = " + ".join(f"{c!r}*{letter}{k}" for c, letter, k in terms)
    assert [(t.coefficient, *t.factors[0]) for t in parse_observable(text, 4, 0).terms] == terms


@given(st.text("XYZMPI0123456789[]+-*. ezros", max_size=12))
@steady(300)
def test_any_text_is_read_or_refused(text):
    try:
        found = parse_observable(text, 3, 2)
    except Unusable:
        return
    assert found.terms
    assert all(k < 3 for k in found.wires)
