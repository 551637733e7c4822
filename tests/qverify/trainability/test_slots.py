"""Wires used again: the same second moments, on no more wires than are busy at one time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qverify.trainability.chain import Chain, End, Linear, Turn
from qverify.trainability.slots import slotted
from qverify.trainability.transfer import second_exact
from tests.qverify.trainability.chains import brute, random_chain
from tests.qverify.trainability.chains import chain_of as numbered

Z = (0.0, 0.0, 0.0, 1.0)
CX = (0b0101, 0b0010, 0b0100, 0b1010)
IN_ZERO = (0.0, 0.0, 1.0)


def staircase(n):
    steps = []
    for k in range(n - 1):
        steps += [Turn((k,), "Y", 2 * k, 1.0, 0.5), Turn((k, k + 1), "XZ", 2 * k + 1, 1.0, 0.3)]
        steps += [Linear((k, k + 1), CX), Turn((k + 1,), "X", -1, 1.0, 0.5)]
    names = tuple(f"w{k}" for k in range(2 * n - 2))
    return Chain(n, names, tuple(steps), (End(1.0, {n - 1: Z}),), np.tile(IN_ZERO, (n, 1)))


def alike(a, b):
    moments = zip((a.cost, *a.gradients), (b.cost, *b.gradients), strict=True)
    return all(x.value == pytest.approx(y.value, rel=1e-12, abs=1e-15) for x, y in moments)


@pytest.mark.parametrize("n", [2, 4, 6])
def test_a_staircase_is_a_chain_on_two_wires(n):
    chain = staircase(n)
    assert slotted(chain).wires == 2
    assert alike(second_exact(slotted(chain)), second_exact(chain))


def test_wires_that_start_elsewhere_are_not_used_again():
    chain = staircase(4)
    start = np.tile((0.5, 0.2, 0.3), (4, 1))
    assert slotted(replace(chain, start=start)).wires == 4


def test_wires_that_are_read_are_not_used_again():
    chain = replace(staircase(4), ends=(End(1.0, dict.fromkeys(range(4), Z)),))
    assert slotted(chain) is chain


@pytest.mark.parametrize("seed", range(60))
def test_random_chains_keep_their_moments(seed):
    """Random pieces on wires that come and go; some wires start in |0>, some elsewhere, some are read."""
    rng = np.random.default_rng(seed)
    pieces, n = [], 5
    for at in range(n - 1):
        for step in random_chain(rng, n=2, length=8).steps:
            if isinstance(step, Turn | Linear):
                pieces.append(replace(step, wires=tuple(at + w for w in step.wires)))
            else:
                pieces.append(replace(step, wire=at + step.wire))
    start = np.array([IN_ZERO if rng.random() < 0.8 else (0.3, 0.3, 0.4) for _ in range(n)])
    read = {int(w): Z for w in rng.permutation(n)[: rng.integers(1, 3)]}
    chain = numbered(n, pieces, [End(1.0, read)], start)
    made = slotted(chain)
    assert made.wires <= n
    assert alike(second_exact(made), second_exact(chain))
    if made.wires <= 3:
        cost, gradients = brute(made)
        found = second_exact(chain)
        assert found.cost.value == pytest.approx(cost, rel=1e-12, abs=1e-15)
        assert [m.value for m in found.gradients] == pytest.approx(list(gradients), rel=1e-12, abs=1e-15)
