"""Layers of rotations: the quick tests of commutation give what comparing every pair of words gives."""

from __future__ import annotations

import math
from random import Random

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qverify.angles import add, constant, parameter, scale
from qverify.equivalence import layers as module
from qverify.equivalence.frame import Pauli, anticommute, positive, sign
from qverify.equivalence.layers import Layer, Layers
from qverify.equivalence.pauli_form import pauli_form


def plainly(rotations: list[tuple[Pauli, float]]) -> list[Layer]:
    """The same by comparing every word with every other."""
    out: list[Layer] = []
    for pauli, t in rotations:
        word, at = (pauli[0], pauli[1]), len(out)
        while at > 0 and word not in out[at - 1]:
            if any(anticommute(positive(*word), positive(*other)) for other in out[at - 1]):
                break
            at -= 1
        angle = scale(constant(t), float(sign(pauli)))
        if at > 0 and word in out[at - 1]:
            out[at - 1][word] = add(out[at - 1][word], angle)
        elif word != (0, 0):
            out[at : at + 1] = [{**(out[at] if at < len(out) else {}), word: angle}]
    return out


@pytest.mark.parametrize("few", [0, 3, 16])
def test_layers_of_random_words_are_those_of_comparing_every_pair(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", few)
    for seed in range(40):
        source = Random(seed)  # noqa: S311  # the same words in every run
        n, found, rotations = source.randint(1, 9), Layers(), []
        for _ in range(80):
            x, z = source.getrandbits(n), source.getrandbits(n) * source.randint(0, 1)
            pauli = x, z, (x & z).bit_count() + 2 * source.randint(0, 1)
            rotations.append((pauli, source.random()))
            found.put(pauli, constant(rotations[-1][1]), ())
        assert found.layers == plainly(rotations)


def sited(source: Random, n: int) -> QuantumCircuit:
    """Rotations on one and two wires between Clifford gates, swaps and quarter turns among them."""
    out = QuantumCircuit(n)
    for k in range(60):
        a, b = source.sample(range(n), 2)
        t = Parameter(f"p{k}")
        name, *arguments = source.choice([
            ("cx", a, b), ("swap", a, b), ("cz", a, b), ("h", a), ("s", a), ("rzz", math.pi / 2, a, b),
            ("rx", t, a), ("rz", t, a), ("rzx", t, a, b), ("ry", 0.3, a),
        ])  # fmt: skip
        getattr(out, str(name))(*arguments)
    return out


@pytest.mark.parametrize("block", range(4))
def test_layers_do_not_depend_on_what_is_known_of_sites(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(25 * block, 25 * block + 25):
        source = Random(seed)  # noqa: S311  # the same circuits in every run
        circuit = sited(source, source.randint(2, 7))
        quick = pauli_form(circuit)
        with monkeypatch.context() as without:
            put = Layers.put
            without.setattr(Layers, "put", lambda self, pauli, angle, _, put=put: put(self, pauli, angle, ()))
            assert pauli_form(circuit) == quick


def test_a_word_of_no_letters_is_a_phase() -> None:
    found = Layers()
    found.put((0, 0, 2), constant(0.3), ())
    assert found.layers == []


def test_sums_and_half_turned_constants_are_named() -> None:
    found = Layers()
    found.put((1, 0, 0), parameter("x"), (0,))
    found.put((2, 0, 0), parameter("y"), (1,))
    assert not found.changed
    found.put((1, 0, 2), parameter("x"), (0,))
    found.put((0, 4, 2), constant(math.pi / 4), (2,))
    assert list(found.changed) == [(0, (1, 0)), (0, (0, 4))]
