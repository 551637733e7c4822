"""A large random prime with the roots of unity that a circuit's constant angles need.

    p = 1 (mod 2**16),  256 bits;  zeta of order 2**16 stands for exp(2 pi i / 2**16)

Everything is derived from a seed text by SHA-256, so the same pair of circuits meets the same prime in every run
and nobody can prepare a circuit for it without knowing the pair it will be compared with.
Primality: 40 rounds of Miller and Rabin, wrong with probability below 4**-40 = 1e-24 (Rabin, J. Number Theory 12,
128, 1980).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

BITS = 256
ORDER = 2**16
ROUNDS = 40
_SMALL = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


@dataclass(frozen=True)
class Field:
    """The integers modulo a prime, with zeta of order 2**16."""

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
    numbers = stream(f"prime|{seed}")
    while True:
        p = (next(numbers) | 1 << (BITS - 1)) // ORDER * ORDER + 1
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
