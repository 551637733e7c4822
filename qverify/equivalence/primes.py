"""Random primes with the roots of unity that a circuit's constant angles need: a large one, or several small ones.

    p = 1 (mod 2**16),  256 or 50 bits;  zeta of order 2**16 stands for exp(2 pi i / 2**16)

Everything is derived from a seed text by SHA-256, so the same pair of circuits meets the same prime in every run
and nobody can prepare a circuit for it without knowing the pair it will be compared with.
Primality: 40 rounds of Miller and Rabin, wrong with probability below 4**-40 = 1e-24 (Rabin, J. Number Theory 12,
128, 1980).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BITS = 256
SHORT = 50  # bits of a prime whose residues float64 can divide by it
ORDER = 2**16
ROUNDS = 40
_SMALL = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


@dataclass(frozen=True)
class Field:
    """The integers modulo a prime, or a product of primes, with zeta of order 2**16."""

    p: int
    zeta: int


def stream(seed: str) -> Iterator[int]:
    """An endless sequence of 256-bit integers derived from a text."""
    counter = 0
    while True:
        yield int.from_bytes(hashlib.sha256(f"{seed}|{counter}".encode()).digest(), "big")
        counter += 1


def field_for(seed: str) -> Field:
    """The field of a seed text."""
    return _drawn(stream(f"prime|{seed}"), BITS)


def short_fields(seed: str, count: int) -> tuple[Field, ...]:
    """Fields of different primes of SHORT bits; there are more than 2**27 such primes."""
    numbers = stream(f"short primes|{seed}")
    found: dict[int, Field] = {}
    while len(found) < count:
        field = _drawn(numbers, SHORT)
        found.setdefault(field.p, field)
    return tuple(found.values())


def joined(fields: Sequence[Field]) -> Field:
    """All fields at once, by the Chinese remainder theorem."""
    product = math.prod(field.p for field in fields)
    rests = [(field, product // field.p) for field in fields]
    return Field(product, sum(f.zeta * rest * pow(rest, -1, f.p) for f, rest in rests) % product)


def _drawn(numbers: Iterator[int], bits: int) -> Field:
    while True:
        p = (next(numbers) % (1 << bits) | 1 << (bits - 1)) // ORDER * ORDER + 1
        if all(p % q for q in _SMALL) and _is_prime(p, numbers):
            break
    while True:
        zeta = pow(next(numbers) % p, (p - 1) // ORDER, p)
        if pow(zeta, ORDER // 2, p) == p - 1:  # its order is then exactly 2**16
            return Field(p, zeta)


def _is_prime(p: int, numbers: Iterator[int]) -> bool:
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(ROUNDS):
        x = pow(2 + next(numbers) % (p - 3), odd, p)
        if x in (1, p - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % p
            if x == p - 1:
                break
        else:
            return False
    return True
