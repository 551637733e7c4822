"""Short primes: arithmetic against Python's, their number against a sample, answers against a large prime."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from sympy import isprime

from qverify.equivalence import branch_chances, field_branches
from qverify.equivalence.branch_chances import Place, places
from qverify.equivalence.field_branches import Ends, same_maps
from qverify.equivalence.primes import ORDER, SHORT, joined, short_fields
from qverify.equivalence.residues import Modulus
from qverify.semantics.rotations import Clifford, Rotation
from tests.qverify.equivalence.test_field_branches import NOTIONS, damaged, grown


def test_a_combination_is_that_of_whole_numbers_and_stays_near_zero() -> None:
    source, primes = Random(1), [field.p for field in short_fields("a", 3)]  # noqa: S311
    modulus = Modulus(primes)
    extreme = [0, 1, -1, *(sign * (p // 2) for p in primes for sign in (1, -1))]
    rows = [[source.choice([*extreme, source.getrandbits(49)]) for _ in range(400)] for _ in range(4)]
    v, w, c, s = (modulus.array([row]) for row in rows)
    for _ in range(6):  # results are put in again, so that nothing may drift
        mixed = modulus.mixed(v, modulus.factor(c), w, modulus.factor(s))
        for k, p in enumerate(primes):
            left, right = (zip(*(a[k].ravel().tolist() for a in pair), strict=True) for pair in ((v, c), (w, s)))
            wanted = [(a * b + d * e) % p for (a, b), (d, e) in zip(left, right, strict=True)]
            assert [x % p for x in mixed[k].ravel().tolist()] == wanted
            assert np.abs(mixed[k]).max() <= 0.8 * p
        v, w = mixed, v


@pytest.mark.parametrize("length", [1, 8, 2**13])
def test_a_sum_of_numbers_as_large_as_they_may_be_does_not_overflow(length: int) -> None:
    primes = [field.p for field in short_fields("a", 2)]
    largest = np.array([int(0.8 * p) for p in primes]).reshape(2, 1, 1, 1) * np.ones(length, dtype=np.int64)
    found = Modulus(primes).total(largest)
    assert [int(x) % p for x, p in zip(found.ravel(), primes, strict=True)] == [
        int(0.8 * p) * length % p for p in primes
    ]


def test_short_primes_are_primes_and_as_many_as_said() -> None:
    for field in short_fields("a", 5):
        assert isprime(field.p)
        assert field.p.bit_length() == SHORT
        assert pow(field.zeta, ORDER // 2, field.p) == field.p - 1
    source, low = Random(2), 2 ** (SHORT - 17)  # noqa: S311
    hits = sum(isprime(ORDER * source.randrange(low, 2 * low) + 1) for _ in range(2000))
    assert hits / 2000 * low > 2 * 2**27  # expected 2**28.9; five standard deviations above 2**28 at most


def test_zeta_of_all_primes_is_that_of_each() -> None:
    fields = short_fields("b", 3)
    whole = joined(fields)
    assert [whole.zeta % field.p for field in fields] == [field.zeta for field in fields]


@pytest.mark.parametrize("seed", range(30))
def test_short_primes_say_what_a_large_one_says(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Random(seed)  # noqa: S311
    one = grown(source, 2, 2, 8)
    other = damaged(one, source) if seed % 2 else one
    for notion in NOTIONS:
        short = same_maps(Ends(one), Ends(other), notion, "s")  # type: ignore[arg-type]
        with monkeypatch.context() as patch:
            patch.setattr(field_branches, "places", lambda *given: list(places(*given))[-1:])
            large = same_maps(Ends(one), Ends(other), notion, "s")  # type: ignore[arg-type]
        assert (short is None) == (large is None)
        assert short is None or short.chance < 1e-12


def test_large_degrees_take_a_large_prime() -> None:
    rotation = Rotation("X", (0,), branch_chances.Angle(12.345678901))
    few, many = (list(places([[rotation] * k, [Clifford("h", (0,))]], 1, "s")) for k in (1, 10**5))
    assert [place.modulus.short for place in few] == [True, False]
    assert [place.modulus.short for place in many] == [False]


def test_more_primes_make_an_error_less_likely() -> None:
    fields = short_fields("c", 4)
    place = next(places([[Clifford("h", (0,))]] * 2, 1, "c"))
    chances = [Place(fields[:k], place.point, 8, 4).chance(10**9, 100) for k in (1, 2, 3, 4)]
    assert all(math.isclose(c, chances[0] ** (k + 1), rel_tol=1e-9) for k, c in enumerate(chances))
