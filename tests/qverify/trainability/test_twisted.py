"""Twisted sampling: unbiased at any bond, right where plain walks see nothing, and rigorous from below."""

from __future__ import annotations

import numpy as np
import pytest

from qverify.errors import Undecidable, Unusable
from qverify.trainability.tensor_train import second_train
from qverify.trainability.twisted import second_twisted
from tests.qverify.trainability.chains import (
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


def runs(chain, bond, count=16, particles=256, **options):
    """(runs, 1 + names) estimates, independent of each other."""
    found = [second_twisted(chain, np.random.default_rng(s), bond, particles, **options) for s in range(count)]
    return np.array([[m.value for m in (s.cost, *s.gradients)] for s in found])


@pytest.mark.parametrize("bond", [1, 2, 64])
@pytest.mark.parametrize("ends", [z_on([0]), zeros(4)], ids=["Z0", "P0"])
def test_the_mean_is_right_at_any_bond(bond, ends):
    for chain in (hardware_efficient(4, 3, ends), qlstm(4, 1, ends)):
        cost, gradients = brute(chain)
        got = runs(chain, bond)
        error = got.std(axis=0, ddof=1) / 4 + 2e-3 * np.array([cost, *gradients])  # the plain share is seldom seen
        assert (np.abs(got.mean(axis=0) - [cost, *gradients]) <= 7 * error).all()


@pytest.mark.parametrize("seed", range(20))
def test_lower_ends_of_random_chains_hold(seed):
    chain = random_chain(np.random.default_rng(seed))
    cost, gradients = brute(chain)
    second = second_twisted(chain, np.random.default_rng(seed), 1 + seed % 4, 64, confidence=0.999)
    for moment, value in zip((second.cost, *second.gradients), (cost, *gradients), strict=True):
        assert moment.lo <= value * (1 + 1e-12) and value <= moment.hi * (1 + 1e-12)
        assert moment.sided == ("lower" if moment.log2_hi > -np.inf else "exact")


def test_rare_events_are_within_a_percent_of_the_train():
    chain = hardware_efficient(50, 3, zeros(50))
    exact = second_train(chain, of=("t0",))
    second = second_twisted(chain, np.random.default_rng(1), 8, 256, of=("t0",))
    assert second.cost.log2 == pytest.approx(exact.cost.log2, abs=0.02)
    assert second.gradients[0].log2 == pytest.approx(exact.gradients[0].log2, abs=0.7)
    assert second.cost.log2_lo < exact.cost.log2 < second.cost.log2_hi


def test_products_have_no_variance_but_the_plain_share():
    second = second_twisted(product_of_ry(120, zeros(120)), np.random.default_rng(1), 2, 64, of=())
    assert second.cost.log2 == pytest.approx(120 * np.log2(3 / 8), abs=0.1)


def test_the_same_seed_gives_the_same_numbers():
    chain = hardware_efficient(5, 3, zeros(5))
    first, again = (second_twisted(chain, np.random.default_rng(3), 2, 64) for _ in range(2))
    assert first == again


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(Unusable):
        second_twisted(one_qubit(1), np.random.default_rng(0), bond=0)
    with pytest.raises(Undecidable, match="one side"):
        second_twisted(chain_of(1, [turn("Y", 0, stay=1.0)], z_on([0]), [(1, 0, 1)]), np.random.default_rng(0))
