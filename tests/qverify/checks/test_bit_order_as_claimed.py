"""The check `bit_order_as_claimed`: a number read backwards is told, one that reads the same both ways is not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import QuantumCircuit

from qverify.errors import BadClaims
from qverify.subject import parse_claims
from tests.strategies import steady
from tests.subjects import judged, subject_of, subject_with

CHECK = "bit_order_as_claimed"
HEAD = "qubit[3] q; bit[3] c; c = measure q; "


@pytest.mark.parametrize(
    ("body", "orders"),
    [
        ("if (c == 1) { x q[0]; }", [[0, 1, 2]]),
        ("if (c == 2) { x q[0]; }", [[2, 1, 0]]),  # reads the same both ways
        ("if (c == 7) { x q[0]; }", [[1, 0, 2]]),
        ("if (c == 1) { x q[0]; }", [[1, 0]]),  # another number
        ("if (c[0]) { x q[0]; }", [[2, 1, 0]]),
    ],
)
def test_value_read_as_claimed_passes(body: str, orders: list[list[int]]) -> None:
    assert judged(CHECK, subject_of(HEAD + body, bit_orders=orders)).verdict == "pass"


@pytest.mark.parametrize(
    "body",
    [
        "if (c == 1) { x q[0]; }",
        "if (c < 3) { x q[0]; }",
        "switch (c) { case 4 { x q[0]; } case 1 { z q[0]; } }",
        "if (c[0]) { if (c == 6) { x q[0]; } }",
    ],
)
def test_value_read_backwards_fails_and_is_named(body: str) -> None:
    found = judged(CHECK, subject_of(HEAD + body, bit_orders=[[2, 1, 0]]))
    assert found.verdict == "fail"
    assert "reads c0, c1, c2, least significant first, claimed is c2, c1, c0" in found.finding.evidence[0].where


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "if (c == 1) { x q[0]; } if (c == 3) { x q[0]; }", bit_orders=[[2, 1, 0]])
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_number_and_its_bits_in_one_condition_is_undecided() -> None:
    subject = subject_of(HEAD + "if (c == 1 && c[0]) { x q[0]; }", bit_orders=[[2, 1, 0]])
    assert judged(CHECK, subject).verdict == "inconclusive"


def test_without_the_claim_or_a_branch_it_is_not_applicable() -> None:
    assert judged(CHECK, subject_of(HEAD + "if (c == 1) { x q[0]; }")).verdict == "not_applicable"
    assert judged(CHECK, subject_of(HEAD, bit_orders=[[0, 1]])).verdict == "not_applicable"


def test_claim_that_is_absent_leaves_the_digest_as_it_was() -> None:
    assert subject_of(HEAD).digest == subject_of(HEAD, bit_orders=[], unreset_wires=[]).digest
    assert subject_of(HEAD).digest != subject_of(HEAD, bit_orders=[[0, 1]]).digest


@pytest.mark.parametrize("text", ["bit_orders = [[0, 0]]", "bit_orders = [[1]]", "unreset_wires = [1, 1]"])
def test_claim_that_names_a_bit_twice_or_alone_is_refused(text: str) -> None:
    with pytest.raises(BadClaims):
        parse_claims(text, "c.toml")


def test_claim_of_a_bit_that_is_not_there_is_not_well_formed() -> None:
    assert judged("well_formed", subject_of(HEAD, bit_orders=[[0, 3]])).verdict == "fail"
    assert judged("well_formed", subject_of(HEAD, unreset_wires=[3])).verdict == "fail"


@steady(40)
@given(st.permutations(range(3)), st.sets(st.integers(0, 7), min_size=1, max_size=4))
def test_order_matters_exactly_if_some_value_is_taken_for_another(order: list[int], values: set[int]) -> None:
    """Every record, read in both orders."""
    circuit = QuantumCircuit(1, 3)
    register = circuit.clbits
    with circuit.switch(circuit.cregs[0]) as case, case(*values):
        circuit.x(0)
    differs = False
    for bits in itertools.product((0, 1), repeat=len(register)):
        plain = sum(bit << k for k, bit in enumerate(bits))
        meant = sum(bits[k] << place for place, k in enumerate(order))
        differs |= (plain in values) != (meant in values)
    assert judged(CHECK, subject_with(circuit, bit_orders=[list(order)])).verdict == ("fail" if differs else "pass")
