"""Drawing angles and inputs, and shrinking what fails, by hypothesis.

A search measures a defect at drawn cases and keeps the largest; where that exceeds what rounding explains,
hypothesis looks for the simplest case whose defect is at least half as large. No bound enters: judging comes later.
Inputs are product states, written as one letter a wire, wire 0 first:  0 1 + - r l  (r, l = (|0> +- i|1>)/sqrt 2).
Product states span the operators, so two linear maps that agree on all of them are equal.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

import numpy as np
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from numpy.random import Generator
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle
from qverify.domain import defined, partial_angles
from qverify.errors import Undecidable
from qverify.subject import Subject

T = TypeVar("T")
LETTERS = "01+-rl"
_R = math.sqrt(0.5)
_STATES = {"0": (1, 0), "1": (0, 1), "+": (_R, _R), "-": (_R, -_R), "r": (_R, 1j * _R), "l": (_R, -1j * _R)}
_TURNS = [k * math.pi / 4 for k in (0, 2, 4, -2, 1, -1, 3, -3)]
MAX_WIRES = 16
TRIALS = 64
UNDEFINED = "its angles are undefined for most values; claim `features` and `feature_range`"


def product_state(letters: str) -> NDArray[np.complex128]:
    """The state vector of a word of letters, wire 0 first; shape (1, 2**len)."""
    psi: NDArray[np.complex128] = np.ones(1, dtype=np.complex128)
    for letter in letters:
        psi = np.asarray(np.kron(_STATES[letter], psi), dtype=np.complex128)
    return psi[None]


def weights() -> st.SearchStrategy[float]:
    """A trained angle in radians: simple fractions of a turn first, then anything in two turns."""
    anything = st.floats(-2 * math.pi, 2 * math.pi, allow_subnormal=False)
    return st.one_of(st.sampled_from(_TURNS), anything.map(lambda t: round(t, 6)), anything)


def values(subject: Subject, *others: QuantumCircuit) -> st.SearchStrategy[dict[str, float]]:
    """A value for every parameter: features from the claimed range, all others as angles.

    Every angle of the subject, and of other circuits in the same parameters, is defined there.
    """
    low, high = subject.claims.feature_range
    simple = [v for v in (0.0, 0.5, 1.0, -0.5, -1.0) if low <= v <= high]
    feature = st.one_of(*([st.sampled_from(simple)] if simple else []), st.floats(low, high, allow_subnormal=False))
    features = set(subject.claims.features)
    drawn = st.fixed_dictionaries({p: feature if p in features else weights() for p in subject.parameters})
    angles = _partial((subject.circuit, *others))
    return drawn.filter(lambda at: bool(defined(angles, at))) if angles else drawn


def _partial(circuits: tuple[QuantumCircuit, ...]) -> tuple[Angle, ...]:
    return tuple(angle for circuit in circuits for angle in partial_angles(circuit))


def any_values(subject: Subject, rng: Generator, *others: QuantumCircuit) -> dict[str, float]:
    """One value for every parameter, plainly random: features from the claimed range, others within two turns.

    Much faster than a search where there are hundreds of parameters.

    Raises:
        Undecidable: the angles are undefined for most values.
    """
    low, high = subject.claims.feature_range
    features, angles = set(subject.claims.features), _partial((subject.circuit, *others))
    for _ in range(TRIALS):
        drawn = rng.uniform(-1.0, 1.0, len(subject.parameters))
        at = {
            p: float(low + (high - low) * (u + 1) / 2 if p in features else 2 * math.pi * u)
            for p, u in zip(subject.parameters, drawn, strict=True)
        }
        if not angles or defined(angles, at):
            return at
    raise Undecidable(UNDEFINED)


def inputs(n: int, zero: tuple[int, ...] = ()) -> st.SearchStrategy[str]:
    """A product input on n wires, those in `zero` in |0>.

    Raises:
        Undecidable: too many wires for state vectors.
    """
    if n > MAX_WIRES:
        raise Undecidable(f"{n} wires are too many for state vectors (at most {MAX_WIRES})")
    letters = st.sampled_from(LETTERS)
    return st.tuples(*(st.just("0") if k in set(zero) else letters for k in range(n))).map("".join)


@dataclass(frozen=True)
class Worst(Generic[T]):
    """The largest defect found, where, and the simplest case that shows one at least half as large.

    case: None where no defect exceeds the rounding floor. tried: number of cases.
    """

    defect: float
    at: T
    case: T | None
    tried: int


def search(
    cases: st.SearchStrategy[T], defect: Callable[[T], float], rng: Generator, *, floor: float, examples: int
) -> Worst[T]:
    """The worst of `examples` drawn cases.

    Args:
        defect: the size of the fault at one case, >= 0; NaN counts as infinite.
        floor: what rounding alone explains; below it nothing is shrunk.
    """
    found: list[tuple[float, T]] = []

    def measured(case: T) -> float:
        value = defect(case)
        return math.inf if math.isnan(value) else value

    options = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        derandomize=False,
    )

    @seed(int(rng.integers(2**63)))
    @options
    @given(cases)
    def draw(case: T) -> None:
        found.append((measured(case), case))

    try:
        draw()
    except Unsatisfiable:
        raise Undecidable(UNDEFINED) from None
    largest, at = max(found, key=lambda item: item[0])
    if largest <= floor:
        return Worst(largest, at, None, len(found))
    enough = max(floor, largest / 2)
    shrinking = settings(options, max_examples=20 * examples, phases=(Phase.generate, Phase.shrink))
    random = Random(int(rng.integers(2**63)))  # noqa: S311  # reproducible draws, no secret
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            simplest = find(cases, lambda case: measured(case) > enough, settings=shrinking, random=random)
    except NoSuchExample:
        simplest = at  # unshrunk
    return Worst(largest, at, simplest, len(found))
