"""Are two circuits equal for all angles? A randomised identity test in exact arithmetic.

Up to a factor, exp(-i t P / 2) = (1 + e^{it}) + (1 - e^{it}) P, so the amplitudes of a circuit are polynomials in
the variables e^{i atom / d}, with d a common denominator of the atom's coefficients. They are evaluated modulo a
random 256-bit prime, at random values of the variables, on a random input vector; the two output vectors are
compared up to a factor. Equal circuits agree always. Different ones agree by chance with probability at most

    (D + 2) / p  +  (primes that divide a coefficient) / (primes to choose from)  +  4**-40

with D the degree. Constant angles k pi / 2**15 are roots of unity; decimals to nine digits, and simple fractions of
them, are powers of one variable; any other constant is a sum of small multiples of one or two constants met before
and of pi / 4, or else a variable of its own, as is any coefficient that is no small fraction. A variable of its own
can hide an equality and never invents one; what a constant is off by is counted.
Source: Schwartz, J. ACM 27, 701 (1980); Zippel (1979); DeMillo and Lipton (1978). Cost: O(2**n) products of 256-bit
integers a gate. A disagreement proves nothing about real angles (atoms may depend on each other).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle
from qverify.equivalence.primes import BITS, ORDER, ROUNDS, Field, field_for, stream
from qverify.errors import Undecidable
from qverify.reduction import EASY, quarter_turns
from qverify.semantics.rotations import Clifford, Rotation, Step, steps

MAX_WORK = 2**25  # amplitudes times steps: about half a minute
MAX_DENOMINATOR = 2**20
DECIMALS = 16 * 10**9
NEAR = 2.0**-46  # radians, and relative: what the arithmetic of a compiler may have added to a constant
EIGHTHS = (
    8,
    -8,
    4,
    -4,
    16,
    -16,
    2,
    -2,
    12,
    -12,
    24,
    -24,
    6,
    -6,
    1,
    -1,
    32,
    -32,
)  # multiples of a constant, times 8
MOST_CONSTANTS = 12  # whose sums in pairs are tried
SNAP = 1e-12  # radians between a constant and the multiple of pi / 2**15 it is taken for; in the error bound
Vector = NDArray[np.object_]  # object array of integers modulo p, shape (2**n,)


@dataclass(frozen=True)
class Identity:
    """The two circuits agree for all angles, except with probability `chance`.

    snapped: bound on the operator-norm distance that snapping constants may hide.
    """

    chance: float
    snapped: float


def field_identity(a: QuantumCircuit, b: QuantumCircuit, seed: str, *, from_zero: bool = False) -> Identity | None:
    """Test two circuits of gates for equality up to phase, for all values of their parameters.

    Args:
        seed: text that names the pair and the run, such as both digests and the user's seed.
        from_zero: compare what they make of |0...0> instead of what they make of any input.

    Returns:
        None where they disagree, which is a hint and no proof.

    Raises:
        Undecidable: too many wires for the number of gates, or a gate without a rotation form.
    """
    if a.num_qubits != b.num_qubits:
        return None
    programs = [list(steps(circuit)) for circuit in (a, b)]
    work = sum(map(len, programs)) * 2**a.num_qubits
    if work > MAX_WORK:
        raise Undecidable(f"{work:.2g} field operations are too many (at most {MAX_WORK:.2g})")
    point = Point(field_for(seed), programs, seed)
    numbers = stream(f"input|{seed}")
    start = np.array([next(numbers) % point.field.p for _ in range(2**a.num_qubits)], dtype=object)
    if from_zero:
        start = np.array([1] + [0] * (2**a.num_qubits - 1), dtype=object)
    left, right = (_run(program, start, point) for program in programs)
    if not _parallel(left, right, point.field.p):
        return None
    return Identity(point.chance(programs, a.num_qubits), point.snapped)


class Point:
    """A value e^{it} in the field for every angle t of the two programs."""

    def __init__(self, field: Field, programs: Iterable[list[Step]], seed: str) -> None:
        self.field, self.snapped, self.degree = field, 0.0, 0
        angles = [s.angle for program in programs for s in program if isinstance(s, Rotation)]
        self.denominators: dict[str, int] = {}
        for atom, coefficient in (term for angle in angles for term in angle.terms):
            name, found = atom.text(), _fraction(coefficient)
            if found is not None:
                self.denominators[name] = math.lcm(self.denominators.get(name, 1), found.denominator)
        self.seed, self.values = seed, dict[str, int]()
        self.bases: list[float] = []

    def variable(self, name: str) -> int:
        """The random value of e^{i atom / denominator}."""
        if name not in self.values:
            self.values[name] = 1 + next(stream(f"variable|{name}|{self.seed}")) % (self.field.p - 1)
        return self.values[name]

    def phase(self, angle: Angle) -> int:
        """e^{it} for the angle t."""
        p, out = self.field.p, self.constant(angle.constant)
        for atom, coefficient in angle.terms:
            name, found = atom.text(), _fraction(coefficient)
            if found is None:  # a variable of its own, which can hide an equality and never invents one
                name, power = f"{abs(coefficient).hex()} of {name}", 1 if coefficient > 0 else -1
            else:
                power = int(found * self.denominators[name])
            out = out * pow(self.variable(name), power, p) % p
            self.degree += abs(power)
        return out

    def constant(self, t: float) -> int:
        """e^{it} for a number t."""
        p = self.field.p
        if abs(t) > EASY:
            quarters, t = quarter_turns(t)
            return self.constant(t) * pow(self.field.zeta, quarters * (ORDER // 4) % ORDER, p) % p
        turns = t / (2 * math.pi / ORDER)
        nearest = round(turns)
        away = abs(turns - nearest) * (2 * math.pi / ORDER)
        if away < SNAP:
            self.snapped += away / 2
            return pow(self.field.zeta, nearest % ORDER, p)
        parts = self._multiples(t)
        if parts is None:
            self.bases.append(t)
            parts = ((f"constant {len(self.bases)}", 8),), 0.0
        out, rest = 1, parts[1]
        for name, power in parts[0]:
            self.degree += abs(power)
            out = out * pow(self.variable(name), power, p) % p
        quarter, away = _quarters(rest)
        self.snapped += away / 2
        return out * pow(self.field.zeta, quarter * (ORDER // 8) % ORDER, p) % p

    def _multiples(self, t: float) -> tuple[tuple[tuple[str, int], ...], float] | None:
        """A constant as powers of variables and a rest that is nearly a multiple of pi / 4."""
        near = NEAR * (1.0 + abs(t))
        for k in (0, 1, -1, 2, -2, 3, -3, 4, -4):
            rest = t - k * math.pi / 4
            decimal = round(rest * DECIMALS)
            if abs(decimal / DECIMALS - rest) <= near:
                return (("decimal", decimal),), t - decimal / DECIMALS
        for j, base in enumerate(self.bases):
            for q in EIGHTHS:
                if _quarters(t - q / 8 * base)[1] <= near:
                    return ((f"constant {j + 1}", q),), t - q / 8 * base
        if len(self.bases) > MOST_CONSTANTS:
            return None
        for (j, first), (k, second) in combinations(enumerate(self.bases), 2):
            for q, r in product(EIGHTHS[:4], repeat=2):
                rest = t - q / 8 * first - r / 8 * second
                if _quarters(rest)[1] <= near:
                    return ((f"constant {j + 1}", q), (f"constant {k + 1}", r)), rest
        return None

    def chance(self, programs: list[list[Step]], n: int) -> float:
        """The probability that different circuits agree at this point.

        A coefficient of the difference of two products of amplitudes is a sum of at most 4**size roots of unity of
        order 2**16; its norm has at most 2**15 * (2 size + 1) bits, so at most that over 255 primes of 256 bits
        divide it. There are more than 2**(256 - 25) primes of the form to choose from.
        """
        size = sum(map(len, programs)) + n
        dividing = ORDER // 2 * (2 * size + 1) / (BITS - 1)
        return (self.degree + 2) / 2.0 ** (BITS - 1) + dividing / 2.0 ** (BITS - 25) + 4.0**-ROUNDS


def _quarters(t: float) -> tuple[int, float]:
    """The nearest multiple of pi / 4, and how far it is."""
    k = round(t / (math.pi / 4))
    return k, abs(t - k * (math.pi / 4))


def _fraction(coefficient: float) -> Fraction | None:
    """A coefficient as a small fraction, if it is one."""
    found = Fraction(coefficient).limit_denominator(MAX_DENOMINATOR)
    return found if float(found) == coefficient else None


def _run(program: list[Step], start: Vector, point: Point) -> Vector:
    v, index, p = start.copy(), np.arange(len(start)), point.field.p
    i = pow(point.field.zeta, ORDER // 4, p)
    for step in program:
        v = _clifford(step, v, index, i, p) if isinstance(step, Clifford) else _rotate(step, v, index, i, point)
    return v


def _where(condition: NDArray[np.bool_], yes: Vector, no: Vector) -> Vector:
    return np.asarray(np.where(condition, yes, no), dtype=object)


def _at(v: Vector, index: NDArray[np.int64]) -> Vector:
    return np.asarray(v[index], dtype=object)


def _clifford(gate: Clifford, v: Vector, index: NDArray[np.int64], i: int, p: int) -> Vector:
    k = gate.wires[0]
    bit = (index >> k & 1).astype(bool)
    if gate.name in ("x", "y"):
        v = v[index ^ (1 << k)]  # Y = i X Z; the factor i is one of the vector as a whole
    if gate.name in ("z", "y"):
        v = _where(bit if gate.name == "z" else ~bit, -v % p, v)
    if gate.name == "s":
        return _where(bit, v * i % p, v)
    if gate.name == "h":  # without 1/sqrt(2): a factor of the vector as a whole
        other = v[index ^ (1 << k)]
        return _where(bit, (other - v) % p, (v + other) % p)
    if gate.name == "cx":
        return _at(v, index ^ (bit.astype(np.int64) << gate.wires[1]))
    if gate.name == "swap":
        a, b = gate.wires
        differ = (index >> a ^ index >> b) & 1
        return _at(v, index ^ (differ << a | differ << b))
    if gate.name not in ("x", "y", "z"):
        raise AssertionError(f"an unknown Clifford gate `{gate.name}`")
    return v


def _rotate(step: Rotation, v: Vector, index: NDArray[np.int64], i: int, point: Point) -> Vector:
    """(1 + w) v + (1 - w) P v with w = e^{it}; for a word of Z alone, w on the odd half."""
    p, w = point.field.p, point.phase(step.angle)
    x = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "XY")
    z = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "YZ")
    odd = np.array([int(j & z).bit_count() & 1 for j in index], dtype=bool)
    if x == 0:
        return _where(odd, v * w % p, v)
    # P = i**|x & z| X**x Z**z: amplitude j of P v is i**|x&z| (-1)**|(j^x) & z| v[j ^ x]
    moved = _where(odd, -v % p, v)[index ^ x] * pow(i, (x & z).bit_count(), p)
    return np.asarray(((1 + w) * v + (1 - w) * moved) % p, dtype=object)


def _parallel(a: Vector, b: Vector, p: int) -> bool:
    """Whether a = c b for some c other than zero."""
    pivot = next((j for j in range(len(b)) if b[j]), None)
    if pivot is None or not a[pivot]:
        return False
    ratio = int(a[pivot]) * pow(int(b[pivot]), -1, p) % p
    return bool(np.all(a == b * ratio % p))
