"""Where the Kraus operators of two circuits are compared, and the chance that different ones agree there.

Everything is derived from a seed text: k random primes of 50 bits and values of all variables modulo each.
Different polynomials agree modulo one of them with probability at most

    e  =  (D + 4) / 2**49  +  B / 49 / 2**27  +  4**-40,        modulo all of them  e**k

D is the degree and B the bits of the norm of a coefficient: a sum of at most 4**size roots of unity of order m has
norm at most 2**((2 size + 1) m / 2); a prime that divides it has 50 bits, and there are more than 2**27 such
primes. k is as small as keeps this below 1e-14; where no k does, one prime of 256 bits is taken.
Source: Schwartz, J. ACM 27, 701 (1980); Zippel (1979); Chinese remainder theorem.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qverify.angles import Angle
from qverify.equivalence.field_identity import SNAP, Identity, Point
from qverify.equivalence.primes import BITS, ORDER, ROUNDS, SHORT, Field, field_for, joined, short_fields, stream
from qverify.equivalence.residues import Factor, Modulus, Residues
from qverify.reduction import EASY, quarter_turns
from qverify.semantics.rotations import Rotation, Step

MOST_SHORT = 5  # short primes, whose product has fewer bits than one draw
AIMED, ENOUGH = 1e-14, 1e-12  # the chance of an error, estimated before, and known after
KEPT = 2**10  # amplitudes up to which the factors of a gate are kept
Phases = dict[Angle, tuple[int, int, float]]


class Place:
    """Values of all variables, modulo some primes.

    Args:
        fields: of the primes in use.
        point: of these and perhaps more primes.
        order: of the roots of unity that constant angles are taken for.
        n: wires.
        phases: what is known of the point, by angle.
    """

    def __init__(
        self, fields: Sequence[Field], point: Point, order: int, n: int, phases: Phases | None = None
    ) -> None:
        self.fields, self.point, self.order, self.n = fields, point, order, n
        self.phases: Phases = {} if phases is None else phases
        self.modulus = Modulus([field.p for field in fields])
        self._rotations: dict[tuple[str, tuple[int, ...], Angle, int], tuple[int, Factor, Factor | None]] = {}
        self._drawn: dict[str, Residues] = {}

    def drawn(self, text: str, count: int) -> Residues:
        """Random numbers, derived from a text; shape (primes, 1, 1, count)."""
        if text not in self._drawn:
            numbers = stream(text)
            most = 1 if not self.modulus.short else MOST_SHORT - 1  # residues of one draw are then nearly uniform
            parts = []
            for k in range(0, len(self.fields), most):
                whole = [next(numbers) for _ in range(count)]
                parts.append(Modulus(self.modulus.primes[k : k + most]).array([whole]))
            self._drawn[text] = np.concatenate(parts)
        return self._drawn[text]

    def phase(self, angle: Angle) -> tuple[int, int, float]:
        """(e^{it} modulo the product of all primes, its degree, the distance that snapping may hide).

        Raises:
            ValueError: it has no inverse modulo one of the primes, by chance.
        """
        if angle not in self.phases:
            degree, snapped = self.point.degree, self.point.snapped
            value = self.point.phase(angle)
            pow(value, -1, self.point.field.p)  # both rows need it
            self.phases[angle] = value, self.point.degree - degree, self.point.snapped - snapped
        return self.phases[angle]

    def quarter(self, wire: int, index: NDArray[np.int64]) -> Factor:
        """What diag(1, i) multiplies each amplitude with; 1 and -i in the second row."""
        i = np.concatenate([self._rows(k, [[root], [-root]]) for k, root in enumerate(self._roots(4))])
        return self.modulus.factor(np.where(index >> wire & 1, i, np.ones_like(i)))

    def hadamard(self, wire: int, index: NDArray[np.int64]) -> tuple[Factor, Factor]:
        """What a Hadamard gate multiplies each amplitude with, and its partner: +-1 / sqrt 2."""
        eighths = zip(self._roots(8), self.modulus.primes, strict=True)
        half = self.modulus.array([[0]]) + self._each([(e + pow(e, -1, p)) * pow(2, -1, p) for e, p in eighths])
        return self.modulus.factor(half * (1 - 2 * (index >> wire & 1))), self.modulus.factor(half)

    def rotation(self, step: Rotation, index: NDArray[np.int64]) -> tuple[int, Factor, Factor | None]:
        """(x, c, s): exp(-i t P / 2) v is c_j v_j + s_j v_(j ^ x), up to a factor; s is None where x is 0."""
        key = step.letters, step.wires, step.angle, len(index)
        if key not in self._rotations:
            found = self._rotation(step, index)
            if len(index) > KEPT:
                return found
            self._rotations[key] = found
        return self._rotations[key]

    def _rotation(self, step: Rotation, index: NDArray[np.int64]) -> tuple[int, Factor, Factor | None]:
        x = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "XY")
        z = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "YZ")
        whole, turns = self.phase(step.angle)[0], (x & z).bit_count()
        same, other = [], []
        for p, i in zip(self.modulus.primes, self._roots(4), strict=True):
            half = pow(2, -1, p)
            ends = [(whole % p, pow(i, turns, p)), (pow(whole, -1, p), pow(i, -turns, p))]
            same.append([[w if x == 0 else (1 + w) * half] for w, _ in ends])
            other.append([[(1 - w) * half * phase] for w, phase in ends])
        # amplitude j of P v is i**|x & z| (-1)**|(j ^ x) & z| v[j ^ x], with (j ^ x) & z the bits of the source
        odd = np.bitwise_count((index ^ x) & z) & 1
        c, s = (np.concatenate([self._rows(k, rows) for k, rows in enumerate(part)]) for part in (same, other))
        if x == 0:
            return 0, self.modulus.factor(np.where(odd, c, np.ones_like(c))), None
        return x, self.modulus.factor(c), self.modulus.factor(s * (1 - 2 * odd.astype(np.int64)))

    def _rows(self, k: int, rows: list[list[int]]) -> Residues:
        return Modulus(self.modulus.primes[k : k + 1]).array(rows)

    def _each(self, values: Sequence[int]) -> Residues:
        """One number for each prime; shape (primes, 1, 1, 1)."""
        return np.concatenate([self._rows(k, [[value]]) for k, value in enumerate(values)])

    def _roots(self, order: int) -> list[int]:
        """exp(2 pi i / order) modulo each prime."""
        return [pow(field.zeta, ORDER // order, field.p) for field in self.fields]

    def chance(self, degree: int, steps: int) -> float:
        """The probability that different circuits agree.

        Args:
            degree: of the sums in all variables but the ends.
            steps: gates of both circuits.
        """
        size = 2 * steps + self.n + 16  # u, v, w, z, and at most 4**14 paths and states that are traced out
        norm = self.order // 2 * (2 * size + 1)
        if not self.modulus.short:
            dividing = norm / (BITS - 1) / 2.0 ** (BITS - 25)
            return 2 * ((degree + 4) / 2.0 ** (BITS - 1) + dividing + 4.0**-ROUNDS)
        one = (degree + 4) / 2.0 ** (SHORT - 1) + norm / (SHORT - 1) / 2.0**27 + 4.0**-ROUNDS
        # a draw of 256 bits is not quite uniform modulo the product, by so much for each variable
        uneven = (1 + 2.0 ** (self.point.field.p.bit_length() - BITS)) ** len(self.point.values)
        return float(min(1.0, uneven * min(1.0, one) ** len(self.fields)))

    def identity(self, runs: Sequence[Run]) -> Identity | None:
        """That two circuits agree, or None where that may be by chance."""
        degree, steps = 2 * max(run.degree for run in runs), sum(run.steps for run in runs)
        chance = self.chance(degree, steps)
        if self.modulus.short and chance > ENOUGH:
            return None
        return Identity(chance, sum(run.snapped for run in runs))


class Run:
    """What one circuit executes at a place, counted over all paths: no path executes more."""

    def __init__(self, place: Place) -> None:
        self.place, self.steps, self.degree, self.snapped = place, 0, 0, 0.0

    def executed(self, step: Step) -> None:
        """One gate more. Both rows have its degree, one up and one down."""
        self.steps += 1
        if isinstance(step, Rotation):
            _, degree, snapped = self.place.phase(step.angle)
            self.degree += degree
            self.snapped += snapped


def places(programs: Sequence[list[Step]], n: int, seed: str) -> Iterator[Place]:
    """Short primes where so few are enough, then a large one."""
    angles = [[step.angle for step in program if isinstance(step, Rotation)] for program in programs]
    order = _order({angle.constant for part in angles for angle in part})
    fields = short_fields(seed, MOST_SHORT)
    place = Place(fields, Point(joined(fields), programs, seed), order, n)
    try:
        degree = 2 * max(sum(place.phase(angle)[1] for angle in part) for part in angles)
        for k in range(1, MOST_SHORT + 1):
            fewer = Place(fields[:k], place.point, order, n, place.phases)
            if fewer.chance(degree, sum(map(len, programs))) < AIMED:
                yield fewer
                break
    except ValueError:
        pass  # a variable has no inverse modulo one of the primes, by chance
    large = field_for(seed)
    yield Place([large], Point(large, programs, seed), order, n)


def _order(constants: set[float]) -> int:
    """A bound on the order of the roots of unity that constants are taken for, at least 8."""
    order, unit = 8, 2 * math.pi / ORDER
    for constant in constants:
        t = quarter_turns(constant)[1] if abs(constant) > EASY else constant
        nearest = round(t / unit)
        if abs(t - nearest * unit) < 2 * SNAP:
            order = max(order, ORDER // math.gcd(nearest, ORDER))
    return order
