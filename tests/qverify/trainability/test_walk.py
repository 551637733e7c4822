"""The Pauli walk against brute force, closed forms and its own confidence."""

from __future__ import annotations

import numpy as np
import pytest

from qverify.errors import Unusable
from qverify.trainability.bits import bernoulli, pack
from qverify.trainability.chain import Chain, Draws, End, Turn
from qverify.trainability.touched import touched_by
from qverify.trainability.walk import walk
from tests.qverify.trainability.chains import (
    ZERO_STATE,
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

SURE = 1.0 - 1e-10  # a test fails by chance at most so often


def holds(second, cost, gradients, slack=1e-12):
    pairs = zip((second.cost, *second.gradients), (cost, *gradients), strict=True)
    return all(m.lo * (1 - slack) <= value <= m.hi * (1 + slack) + 1e-300 for m, value in pairs)


@pytest.mark.parametrize("seed", range(40))
def test_intervals_of_random_chains_hold_the_brute_force_value(seed):
    chain = random_chain(np.random.default_rng(seed))
    assert holds(walk(chain, np.random.default_rng(seed), 1 << 12, SURE), *brute(chain))


@pytest.mark.parametrize("seed", range(60))
def test_sets_call_only_zeros_zero_and_only_idle_steps_untouched(seed):
    chain = random_chain(np.random.default_rng(seed), length=10)
    cost, gradients = brute(chain)
    felt = touched_by(chain)
    assert not felt.zero or (cost == 0.0 and not gradients.any())
    for step, touched in zip(chain.steps, felt.steps, strict=True):
        assert touched or not isinstance(step, Turn) or step.parameter < 0 or gradients[step.parameter] == 0.0
    kept = [step for step, touched in zip(chain.steps, felt.steps, strict=True) if touched]
    without = Chain(chain.wires, chain.names, tuple(kept), chain.ends, chain.start)
    assert brute(without)[0] == pytest.approx(cost, abs=1e-14) or felt.zero


@pytest.mark.parametrize("ends", [z_on([0]), z_on(range(4)), zeros(4)], ids=["Z0", "Z^n", "P0"])
def test_hardware_efficient_and_qlstm_layers(ends):
    for chain in (hardware_efficient(4, 3, ends), qlstm(4, 2, ends)):
        assert holds(walk(chain, np.random.default_rng(3), 1 << 16, SURE), *brute(chain))


def test_half_of_the_gradients_of_the_hardware_efficient_ansatz_are_exactly_zero():
    second = walk(hardware_efficient(8, 8, z_on([0])), np.random.default_rng(0), 64, 0.95)
    assert sum(m.log2_hi == -np.inf for m in second.gradients) == 64


def test_closed_forms():
    n = 5
    second = walk(product_of_ry(n, zeros(n)), np.random.default_rng(1), 1 << 16, SURE)
    assert holds(second, (3 / 8) ** n, [(3 / 8) ** (n - 1) / 8] * n)
    for layers in (1, 2, 5):
        second = walk(one_qubit(layers), np.random.default_rng(layers), 1 << 16, SURE)
        cost, first = 1 / 3 + 2 / 3 * 4.0**-layers, 1 / 3 + 1 / 6 * 4.0 ** (1 - layers)
        assert holds(second, cost, [first, *brute(one_qubit(layers))[1][1:]])


def test_a_projector_on_a_thousand_wires_is_no_smaller_than_it_is():
    second = walk(product_of_ry(1000, zeros(1000)), np.random.default_rng(1), 64, 0.95)
    assert second.cost.log2_hi < -1000.0 < -100.0 and second.cost.log2_hi > 1000 * np.log2(3 / 8)


def test_coverage_is_at_least_nominal():
    chain = hardware_efficient(3, 2, z_on([0]))
    cost, gradients = brute(chain)
    good = sum(holds(walk(chain, np.random.default_rng(s), 512, 0.9), cost, gradients) for s in range(300))
    assert good >= 0.9 * 300 - 3 * np.sqrt(300 * 0.09)


def test_coins_that_never_fall_so_give_the_trivial_bound_and_no_wrong_one():
    for stay in (0.0, 1.0, 1e-9, 1 - 1e-9):
        steps = [turn("Y", 0, stay=0.3), turn("X", 0, stay=stay, slope=2.0), turn("Y", 0)]
        chain = chain_of(1, steps, z_on([0]))
        assert holds(walk(chain, np.random.default_rng(5), 1 << 12, SURE), *brute(chain))


def test_what_is_drawn_is_averaged():
    stays, starts = np.array([0.1, 0.7]), np.array([[0.0, 0.2, 0.8], [0.5, 0.5, 0.0]])

    def draw(rng, count):
        which = rng.integers(2, size=(2, count))
        return Draws(stays[which[0]][None], {1: starts[which[1]].T})

    def fixed(stay, start, drawn=-1):
        steps = (turn("Y", 0), Turn((0, 1), "XZ", -1, 0.0, stay, drawn=drawn), turn("X", 1))
        return chain_of(2, steps, z_on([0, 1]), [ZERO_STATE, start])

    plain = [brute(fixed(a, r)) for a in stays for r in starts]
    open_ = fixed(np.nan, [np.nan] * 3, 0)
    chain = Chain(2, open_.names, open_.steps, open_.ends, open_.start, draw)
    second = walk(chain, np.random.default_rng(6), 1 << 16, SURE)
    assert holds(second, np.mean([p[0] for p in plain]), np.mean([p[1] for p in plain], axis=0))


def test_the_same_seed_gives_the_same_numbers():
    chain = random_chain(np.random.default_rng(8), n=3)
    assert walk(chain, np.random.default_rng(2), 999, 0.9) == walk(chain, np.random.default_rng(2), 999, 0.9)


def test_blocks_of_walks_are_added_up(monkeypatch):
    monkeypatch.setattr("qverify.trainability.walk.BLOCK", 128)
    chain = hardware_efficient(3, 2, (*z_on([0]), End(0.5, {2: (0.0, 1.0, 0.0, 0.0)})))
    assert holds(walk(chain, np.random.default_rng(2), 1 << 14, SURE), *brute(chain))


def test_what_cannot_be_asked_is_refused():
    for samples, confidence in ((0, 0.9), (64, 1.0), (64, 0.0)):
        with pytest.raises(Unusable):
            walk(one_qubit(1), np.random.default_rng(0), samples, confidence)


@pytest.mark.parametrize("p", [0.0, 0.5, 0.3, 1e-3, 0.999, 1.0])
def test_coins_fall_as_often_as_they_should(p):
    ones = int(np.bitwise_count(bernoulli(np.random.default_rng(4), p, (3, 5000))).sum())
    assert abs(ones - p * 960000) <= 7 * np.sqrt(960000 * p * (1 - p))


def test_packed_bits_are_walks_in_order():
    bits = np.zeros(128, dtype=bool)
    bits[[0, 65]] = True
    assert pack(bits).tolist() == [1, 2]
