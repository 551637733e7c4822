"""Where two strings of an observable may meet again, and where provably not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qverify.semantics.gates import MATRICES, pauli, rotation
from qverify.trainability.chain import Chain, Dephase, End, Linear, Reset, Turn
from qverify.trainability.clifford_maps import anticommute, image, quarter_turn, rows_of, word_code
from qverify.trainability.eligible import Ineligible, require_eligible
from qverify.trainability.sets import inverse

X, Y, Z = (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)
P0 = (0.25, 0.0, 0.0, 0.25)
CX = rows_of(MATRICES["CXGate"]()[0])


def uniform(word, *wires):
    return Turn(wires, word, 0, 1.0, 0.5)


def narrow(word, *wires):
    return Turn(wires, word, 0, 1.0, 0.8, 0.7)


def fixed(word, *wires):
    return Turn(wires, word, -1, 0.0, math.cos(0.3) ** 2, math.cos(0.3))


def chain(wires, ends, *steps):
    start = np.tile([0.0, 0.0, 1.0], (wires, 1))
    return Chain(wires, ("a",), steps, tuple(End(1.0, letters) for letters in ends), start)


ELIGIBLE = [
    chain(1, [{0: Z}, {0: X}]),  # X has no mean in |0>
    chain(2, [{0: Z}, {0: Z, 1: Z}], uniform("X", 1)),
    chain(2, [{0: P0, 1: P0}], uniform("Y", 0), uniform("Y", 1)),
    chain(1, [{0: Z}], uniform("Y", 0), fixed("Z", 0), uniform("Y", 0)),
    chain(1, [{0: Z}], uniform("Y", 0), fixed("Z", 0), uniform("Y", 0), fixed("Z", 0), uniform("Y", 0)),
    chain(2, [{0: Z}, {0: X}], Dephase(0), uniform("Y", 1)),
    chain(2, [{0: Z, 1: Z}], Reset(0)),
    chain(2, [{0: Z}, {1: Z}], uniform("X", 0), Linear((0, 1), CX), Reset(1)),
]
REFUSED = [
    chain(1, [{0: Z}, {}]),
    chain(1, [{0: P0}]),
    chain(1, [{0: P0}], narrow("X", 0)),
    chain(2, [{0: Z}, {0: Z, 1: Z}], uniform("X", 0)),
    chain(1, [{0: X}], fixed("Z", 0)),
    chain(1, [{0: X}], uniform("Z", 0), fixed("Z", 0)),  # what commutes with the fixed turn does not separate
    chain(1, [{0: X}], uniform("Y", 0), fixed("Z", 0), fixed("Z", 0)),  # together they may be a Clifford gate
    chain(2, [{0: Z, 1: Z}, {1: Z}], uniform("X", 1), Reset(0)),  # two strings become one
]


@pytest.mark.parametrize("made", ELIGIBLE)
def test_strings_that_never_meet_again_are_let_through(made):
    require_eligible(made)


@pytest.mark.parametrize("made", REFUSED)
def test_strings_that_may_meet_again_are_refused(made):
    with pytest.raises(Ineligible):
        require_eligible(made)


def test_a_refusal_names_the_string_that_is_left():
    with pytest.raises(Ineligible, match="P and P Z1 of the observable"):
        require_eligible(chain(2, [{0: Z}, {0: Z, 1: Z}]))


def test_a_random_letter_separates_all_strings():
    made = chain(1, [{0: P0}])
    require_eligible(made, frozenset({0}))


def test_one_turn_after_the_other_keeps_the_space_small():
    steps = [s for _ in range(2000) for s in (uniform("Y", 0), fixed("Z", 0), Linear((0, 1), CX), uniform("X", 1))]
    require_eligible(chain(2, [{0: Z}], uniform("Y", 0), uniform("Y", 1), *steps))


@pytest.mark.parametrize("kind", ["CXGate", "CZGate", "iSwapGate", "ECRGate", "DCXGate", "SwapGate"])
def test_a_map_is_the_conjugation_by_the_matrix_up_to_sign(kind):
    matrix = MATRICES[kind]()[0]
    rows = rows_of(matrix)
    for word in ("XI", "YZ", "ZX", "YY"):
        out = image(rows, word_code(word))
        letters = "".join("IXZY"[out >> 2 * k & 3] for k in range(2))
        pulled = matrix.conj().T @ pauli(word) @ matrix
        assert abs(np.trace(pulled @ pauli(letters))) == pytest.approx(4)
        assert image(inverse(rows), out) == word_code(word)


def test_a_quarter_turn_is_the_map_of_its_matrix():
    for word in ("X", "ZX", "YY"):
        assert quarter_turn(word) == rows_of(rotation(word, np.array([math.pi / 2]))[0])


def test_a_gate_that_is_no_clifford_gate_has_no_map():
    assert rows_of(MATRICES["TGate"]()[0]) is None
    assert rows_of(MATRICES["CCXGate"]()[0]) is None


def test_words_anticommute_where_they_differ_an_odd_number_of_times():
    assert anticommute(word_code("XZ"), word_code("ZZ"))
    assert not anticommute(word_code("XX"), word_code("ZZ"))
