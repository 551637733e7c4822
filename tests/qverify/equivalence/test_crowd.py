"""Many words at once against words one by one: the same rows, the same layers, the same conjugated words."""

from __future__ import annotations

from random import Random

import pytest

from qverify.angles import constant
from qverify.equivalence.crowd import Crowd, CrowdLayers, Turns
from qverify.equivalence.frame import Pauli, anticommute, conjugated, positive
from qverify.equivalence.layers import Layers
from qverify.equivalence.pauli_form import form_of_steps
from qverify.semantics import defer
from qverify.semantics.rotations import steps
from tests.qverify.equivalence.test_field_branches import grown


def words(source: Random, n: int, count: int) -> list[Pauli]:
    return [positive(source.getrandbits(n), source.getrandbits(n)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_what_anticommutes(seed: int) -> None:
    source = Random(seed)  # noqa: S311
    members = words(source, 7, 40)
    crowd = Crowd(members)
    for word in words(source, 7, 20):
        assert crowd.against(word) == sum(anticommute(word, other) << k for k, other in enumerate(members))


@pytest.mark.parametrize("seed", range(8))
def test_quarter_turns_at_once_are_those_one_after_the_other(seed: int) -> None:
    source, turns = Random(seed), Turns()  # noqa: S311
    moving = [(word, source.randrange(-3, 8)) for word in words(source, 6, 30)]
    for generator, quarters in moving:
        turns.add(generator, quarters)
    for x, z, _ in words(source, 6, 30):
        word = expected = (x, z, source.randrange(4))
        for generator, quarters in moving:
            expected = conjugated(expected, generator, quarters)
        assert turns.conjugated(word) == expected


@pytest.mark.parametrize("seed", range(8))
def test_layers_are_the_same_word_by_word(seed: int) -> None:
    source = Random(seed)  # noqa: S311
    plain, crowded = Layers(), CrowdLayers()
    for x, z, phase in words(source, source.randint(1, 4), 60):
        rotation = (x, z, (phase + 2 * source.randrange(2)) % 4), constant(source.choice([0.3, 0.785398163, -0.1]))
        plain.put(*rotation, ())
        crowded.put(*rotation, ())
    assert [list(layer.items()) for layer in plain.layers] == [list(layer.items()) for layer in crowded.layers]
    assert list(plain.changed) == list(crowded.changed)


@pytest.mark.parametrize("seed", range(20))
def test_forms_of_deferred_circuits_are_the_same(seed: int) -> None:
    static = defer(grown(Random(seed), 3, 3, 12)).circuit  # noqa: S311
    forms = [form_of_steps(steps(static), static.num_qubits, 1e-9, kind()) for kind in (Layers, CrowdLayers)]
    assert forms[0] == forms[1]
    assert [list(layer) for layer in forms[0].layers] == [list(layer) for layer in forms[1].layers]
