"""The second-moment tensor train against brute force and closed forms, also where floats would underflow."""

from __future__ import annotations

import numpy as np
import pytest

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, Draws, End
from qverify.trainability.tensor_train import second_train
from tests.qverify.trainability.chains import (
    ONLY_Z,
    brute,
    chain_of,
    hardware_efficient,
    one_qubit,
    product_of_ry,
    qlstm,
    random_chain,
    turn,
    z_on,
    zeros,
)


@pytest.mark.parametrize("seed", range(50))
def test_random_chains_are_exact(seed):
    chain = random_chain(np.random.default_rng(seed))
    cost, gradients = brute(chain)
    second = second_train(chain)
    assert [m.value for m in (second.cost, *second.gradients)] == pytest.approx(
        [cost, *gradients], rel=1e-11, abs=1e-14
    )
    for moment, value in zip((second.cost, *second.gradients), (cost, *gradients), strict=True):
        assert moment.sided == "exact" and moment.lo - 1e-15 <= value <= moment.hi + 1e-15


@pytest.mark.parametrize("ends", [z_on([0]), z_on(range(4)), zeros(4)], ids=["Z0", "Z^n", "P0"])
def test_layers_on_a_line_and_on_rings(ends):
    for chain in (hardware_efficient(4, 3, ends), qlstm(4, 2, ends)):
        cost, gradients = brute(chain)
        second = second_train(chain)
        got = [m.value for m in (second.cost, *second.gradients)]
        assert got == pytest.approx([cost, *gradients], rel=1e-11)


def test_products_at_any_width():
    n, log = 120, np.log2(3 / 8)
    second = second_train(product_of_ry(n, zeros(n)))
    assert second.cost.log2 == pytest.approx(n * log, abs=1e-10)
    assert second.cost.log2_lo <= n * log <= second.cost.log2_hi
    assert [m.log2 for m in second.gradients] == pytest.approx([(n - 1) * log - 3] * n, abs=1e-10)
    local = product_of_ry(40, [End(1 / 1600, {w: ONLY_Z}) for w in range(40)])
    assert second_train(local).cost.value == pytest.approx(1 / 80)
    assert second_train(product_of_ry(1100, z_on(range(1100))), of=()).cost.log2 == pytest.approx(-1100)


def test_one_qubit():
    for layers in (1, 2, 6):
        second = second_train(one_qubit(layers))
        assert second.cost.value == pytest.approx(1 / 3 + 2 / 3 * 4.0**-layers, rel=1e-12)
        assert second.gradients[0].value == pytest.approx(1 / 3 + 1 / 6 * 4.0 ** (1 - layers), rel=1e-12)


def test_both_sides_meet_at_fifty_wires():
    chain = hardware_efficient(50, 3, zeros(50))
    second = second_train(chain, of=("t0", "t77"))
    assert second.cost.log2_hi - second.cost.log2_lo < 1e-10
    assert second.cost.log2 == pytest.approx(second_train(chain, of=()).cost.log2, abs=1e-10)
    assert second.gradients == second_train(chain, of=("t77", "t0")).gradients[::-1]


def test_what_needs_more_bond_or_is_drawn_is_refused():
    with pytest.raises(Undecidable, match="bond above 4"):
        second_train(hardware_efficient(12, 6, z_on(range(12))), bond=4)
    plain = chain_of(1, [turn("Y", 0)], z_on([0]))
    drawn = Chain(1, plain.names, plain.steps, plain.ends, plain.start, lambda _, n: Draws(np.zeros((0, n)), {}))
    with pytest.raises(Undecidable, match="drawn"):
        second_train(drawn)
