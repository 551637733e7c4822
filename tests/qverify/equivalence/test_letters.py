"""The bound on the fidelity from letters: never below the truth, and below 1 where only it can tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.quantum_info import random_unitary
from scipy.linalg import expm

from qverify.equivalence import letters
from qverify.equivalence.letters import Item, fidelity_bound
from qverify.equivalence.residual import Cluster, Rails, on_outputs
from qverify.equivalence.squeeze import Effort
from qverify.semantics.gates import Matrix, pauli


def dense(items: list[Item], n: int) -> Matrix:
    """The product of the items on n rails."""
    whole = Cluster(np.eye(2**n, dtype=complex), tuple(range(n)), tuple(range(n)))
    for item in items:
        assert item.matrix is not None
        whole = on_outputs(item.matrix, item.rails, whole)
    order = [n - 1 - whole.outs.index(k) for k in reversed(range(n))]
    return whole.matrix.reshape((2,) * n + (-1,)).transpose([*order, n]).reshape(2**n, 2**n)


def fidelity(items: list[Item], n: int) -> float:
    """|tr(A^-1 A')|^2 / 4**n for the circuit without and with what is put in."""
    plain = [item for item in items if not item.is_put_in]
    return float(abs(np.trace(dense(plain, n).conj().T @ dense(items, n))) ** 2 / 4**n)


def drawn(rng: np.random.Generator, n: int, blocks: int, put_in: int) -> list[Item]:
    """Random blocks on two rails, CNOT-like and generic, and small or large unitaries between them."""
    out = []
    for k in range(blocks):
        rails = tuple(int(r) for r in rng.permutation(n)[:2])
        cx = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]], dtype=complex)
        out.append(Item(cx if k % 2 else random_unitary(4, seed=rng).data, rails, False))
    for _ in range(put_in):
        rails = tuple(int(r) for r in rng.permutation(n)[: rng.integers(1, 3)])
        H = random_unitary(2 ** len(rails), seed=rng).data
        t = float(rng.choice([0.1, 1.0, 3.0]))
        out.insert(int(rng.integers(len(out) + 1)), Item(expm(1j * t * (H + H.conj().T) / 2), rails, True))
    return out


@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("block", range(3))
def test_bound_is_never_below_the_fidelity(block: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "WIDTH", width)
    monkeypatch.setattr(letters, "WIDEST_PRODUCT", width)
    rng, below = np.random.default_rng([block, width]), 0
    for _ in range(30):
        n = int(rng.integers(2, 6))
        items = drawn(rng, n, int(rng.integers(1, 14)), int(rng.integers(1, 4)))
        found = fidelity_bound(items, Effort(10**9))
        assert found >= fidelity(items, n) - 1e-9
        below += found < 0.999
    assert below > 3


def turn(letter: str, t: float, rail: int) -> Item:
    return Item(expm(-0.5j * t * pauli(letter)), (rail,), True)


def chain(n: int) -> list[Item]:
    cx = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]], dtype=complex)
    return [Item(cx, (k, k + 1), False) for k in range(n - 1)]


def test_opposite_turns_that_meet_again_are_one() -> None:
    items = [turn("Z", 0.7, 0), *chain(8), turn("Z", -0.7, 0)]
    assert fidelity_bound(items, Effort(10**9)) == 1.0


@pytest.mark.parametrize("n", [4, 30, 200])
def test_opposite_turns_that_miss_each_other_are_seen_at_any_width(n: int) -> None:
    """One is carried down the chain as X X ... X; the other stands on one rail in the middle of it."""
    rails: Rails = (n // 2,)
    items = [turn("X", 0.7, 0), *chain(n), Item(expm(0.35j * pauli("X")), rails, True)]
    found = fidelity_bound(items, Effort(10**9))
    assert math.cos(0.35) ** 4 - 1e-9 <= found <= math.cos(0.35) ** 2 + 1e-3


def test_what_nobody_knows_proves_nothing() -> None:
    items = [Item(None, (0, 1), True), *chain(5), Item(None, (3,), True)]
    assert fidelity_bound(items, Effort(10**9)) == 1.0
