"""From a circuit and an observable to the chain of its second moments, or the reason why there is none.

    t = slope * theta + offset, theta of a law symmetric about its mean
      ->  a fixed turn by slope * mean + offset, and a symmetric one
    a turn that is uniform over whole periods takes in every fixed and data-driven part of its angle

What provably changes nothing is left out first (`sets`), so it cannot be in the way. Then every parameter must turn
one gate, fixed gates must be Clifford or satisfy the twirl condition (`eligible`), and gates driven by data either
prepare a wire (`starts`) or satisfy it too. Source: Heyraud et al., PRX Quantum 4, 040335 (2023), arXiv:2302.04649,
for Clifford angles; the conditions are proved in `eligible`. Cost: O(gates), about ten microseconds each.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, parameters_in
from qverify.errors import Undecidable
from qverify.reduction import quarter_turns
from qverify.subject import Observable
from qverify.trainability.chain import Chain, Dephase, Linear, Real, Reset, Step, Turn
from qverify.trainability.clifford_maps import is_identity, quarter_turn
from qverify.trainability.dead import letters_of_ends
from qverify.trainability.eligible import Ineligible, require_eligible
from qverify.trainability.ends import ends_of
from qverify.trainability.laws import UNIFORM, Law
from qverify.trainability.lower import Lowered, lowered
from qverify.trainability.raw import SNAP, Local, Raw, Rotate, Unknown
from qverify.trainability.sets import ALL, DIAGONAL, trimmed
from qverify.trainability.starts import Drawing, Prepared, averaged


def chain_of(
    circuit: QuantumCircuit,
    observable: Observable,
    weights: Sequence[str],
    *,
    laws: Mapping[str, Law] = {},
    features: Collection[str] = (),
    feature_range: tuple[float, float] = (-1.0, 1.0),
    zero_wires: Iterable[int] | None = None,
) -> Chain:
    """The chain of one observable.

    Args:
        weights: the parameters whose gradients are asked for; they become `Chain.names`.
        laws: of parameters that are no features; uniform over a turn where nothing is said.
        features: parameters that are data, uniform over `feature_range`, independent of each other.
        zero_wires: wires that start in |0>, the others in a random letter of 0 1 + - r l; all where None.

    Raises:
        Ineligible: the second moments are no sum over walks, and why.
        Undecidable: the circuit cannot be followed at all.
    """
    low = _lowered(circuit)
    ends = ends_of(observable, circuit.num_qubits, low.bits)
    wires = circuit.num_qubits + len(low.bits)
    zero = set(range(wires) if zero_wires is None else zero_wires)
    free = frozenset(range(circuit.num_qubits)) - zero
    label = _labels(circuit.num_qubits, low.bits)
    input_letters = [ALL if k in free else DIAGONAL for k in range(wires)]
    steps = trimmed(low.steps, letters_of_ends(ends, wires), input_letters)
    build = _Build(tuple(weights), dict(laws), frozenset(features), feature_range, free, label)
    build.refuse_shared(steps)
    for step in steps:
        build.add(step)
    start, draw = build.input(wires)
    chain = Chain(wires, build.names, tuple(build.steps), ends, start, draw)
    require_eligible(chain, free, label)
    return chain


def _lowered(circuit: QuantumCircuit) -> Lowered:
    try:
        return lowered(circuit)
    except Ineligible:
        raise
    except Undecidable as refusal:
        raise Ineligible(refusal.sentence) from refusal


class _Labels:
    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names

    def __call__(self, wire: int) -> str:
        return self.names.get(wire, str(wire))


def _labels(qubits: int, bits: Mapping[int, int]) -> _Labels:
    """How wires are called in a refusal."""
    return _Labels({wire: f"[bit {k}]" for k, wire in bits.items() if wire >= qubits})


@dataclass(frozen=True)
class _Angle:
    """An angle taken apart: what is fixed or data, and slope by weight."""

    rest: Angle
    slopes: tuple[tuple[str, float], ...]


@dataclass
class _Build:
    """One pass over the steps. prepared: the gates at the start of each wire, until it is closed."""

    names: tuple[str, ...]
    laws: dict[str, Law]
    features: frozenset[str]
    feature_range: tuple[float, float]
    free: frozenset[int]
    label: _Labels
    steps: list[Step] = field(default_factory=list)
    prepared: dict[int, list[Local | Rotate]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    rows: list[Angle] = field(default_factory=list)
    known: dict[tuple[Law, float], tuple[float, float, float, bool]] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {name: k for k, name in enumerate(self.names)}

    # -------------------------------------------------------------------------- parameters

    def refuse_shared(self, steps: Sequence[Raw]) -> None:
        """Every weight turns one gate, in an angle that is linear in it, and nothing is unknown."""
        at: dict[str, Rotate] = {}
        for step in steps:
            if isinstance(step, Unknown):
                raise Ineligible(f"{step.reason} (operation {step.top}, {self.on(step.wires)})")
            if not isinstance(step, Rotate):
                continue
            for atom, _ in step.angle.terms:
                if atom.kind != "parameter":
                    inner = parameters_in(Angle(0.0, ((atom, 1.0),))) - self.features
                    if inner:
                        raise Ineligible(
                            f"`{min(inner)}` enters the angle `{step.angle.text()}` of operation {step.top} on "
                            f"{self.on(step.wires)}, which is not linear in it"
                        )
                elif atom.name not in self.features:
                    before = at.setdefault(atom.name, step)
                    if before is not step:
                        raise Ineligible(self.shared(atom.name, before, step))

    def shared(self, name: str, a: Rotate, b: Rotate) -> str:
        """The sentence for a parameter that turns twice."""
        if a.top == b.top:
            return (
                f"`{name}` enters operation {a.top} on {self.on(b.wires)} as several rotations that share its angle"
            )
        return (
            f"`{name}` turns several gates, among them operation {a.top} on {self.on(a.wires)} and operation "
            f"{b.top} on {self.on(b.wires)}"
        )

    def on(self, wires: Iterable[int]) -> str:
        """Wires in words."""
        names = [self.label(k) for k in wires]
        return ("wire " if len(names) == 1 else "wires ") + ", ".join(names)

    def split(self, angle: Angle) -> _Angle:
        """An angle's weights apart from what is fixed or data."""
        slopes = tuple((a.name, c) for a, c in angle.terms if a.kind == "parameter" and a.name not in self.features)
        if not slopes:
            return _Angle(angle, ())
        rest = tuple((a, c) for a, c in angle.terms if a.kind != "parameter" or a.name in self.features)
        return _Angle(Angle(angle.constant, rest), slopes)

    def law(self, name: str, slope: float) -> tuple[float, float, float, bool]:
        """(E cos**2, E cos, centre, whether uniform) of slope * theta about its centre."""
        law = self.laws.get(name, UNIFORM)
        found = self.known.get((law, slope))
        if found is None:
            here = law.moments(slope, 0.0)
            uniform = here.cos == here.sin == here.sincos == 0.0 and here.cos2 == 0.5
            if not law.symmetric and not uniform:
                raise Ineligible(f"the law of `{name}` is not symmetric about its mean")
            centre = slope * law.mean
            about = here if uniform else law.moments(slope, -centre)
            found = self.known[law, slope] = about.cos2, about.cos, centre, uniform
        return found

    # -------------------------------------------------------------------------- steps

    def add(self, step: Raw) -> None:
        """One more step."""
        if isinstance(step, Rotate):
            parts = self.split(step.angle)
            if not parts.slopes and self.prepares(step):
                return
            self.closed.update(step.wires)
            self.turn(step, parts)
        elif isinstance(step, Local):
            if self.prepares(step):
                return
            if not is_identity(step.rows):
                self.steps.append(Linear(step.wires, step.rows))
        elif isinstance(step, Linear):
            self.closed.update(step.wires)
            if not is_identity(step.rows):
                self.steps.append(step)
        elif isinstance(step, Dephase | Reset):
            self.closed.add(step.wire)
            self.steps.append(step)

    def prepares(self, step: Local | Rotate) -> bool:
        """Whether a gate without weights stands at the start of its wire; if so it is kept there."""
        if len(step.wires) > 1 or step.wires[0] in self.closed:
            return False
        self.prepared.setdefault(step.wires[0], []).append(step)
        return True

    def turn(self, step: Rotate, parts: _Angle) -> None:
        """A rotation with its weights, and the fixed turn that is left of it."""
        constant, uniform = parts.rest.constant, False
        for name, slope in parts.slopes:
            stay, mean, centre, whole = self.law(name, slope)
            self.steps.append(Turn(step.wires, step.word, self.index.get(name, -1), slope, stay, mean))
            constant, uniform = constant + centre, uniform or whole
        if uniform:
            return
        if parts.rest.terms:
            self.steps.append(Turn(step.wires, step.word, -1, 0.0, math.nan, 0.0, len(self.rows)))
            self.rows.append(Angle(constant, parts.rest.terms))
            return
        quarters, rest = quarter_turns(constant)
        if abs(rest) > SNAP:
            self.steps.append(Turn(step.wires, step.word, -1, 0.0, math.cos(constant) ** 2, math.cos(constant)))
        elif quarters % 2:
            self.steps.append(Linear(step.wires, quarter_turn(step.word)))

    # -------------------------------------------------------------------------- input

    def input(self, wires: int) -> tuple[Real, Drawing | None]:
        """The input's squares, and what is drawn."""
        start = np.zeros((wires, 3))
        start[:, 2] = 1.0
        starts: dict[int, Prepared] = {}
        for wire, prepared in self.prepared.items():
            starts[wire] = tuple(prepared)
        places = self.places(starts)
        drawn: list[tuple[int, Prepared]] = []
        for wire, gates in sorted(starts.items()):
            if wire in self.free:
                continue
            alone = all(places[name] == 1 for g in gates for name in _features(g))
            row = averaged(gates, *self.feature_range) if alone else None
            start[wire] = math.nan if row is None else row
            if row is None:
                drawn.append((wire, gates))
        for wire in self.free:
            start[wire] = 1 / 3  # a random letter, whatever single-wire gates follow
        if not drawn and not self.rows:
            return start, None
        low, high = self.feature_range
        return start, Drawing(tuple(sorted(self.features)), low, high, tuple(self.rows), tuple(drawn))

    def places(self, starts: Mapping[int, Prepared]) -> dict[str, int]:
        """How many wires' starts and drawn turns each feature enters."""
        sets = [set().union(*(_features(g) for g in gates)) for gates in starts.values()]
        sets += [set(parameters_in(angle)) for angle in self.rows]
        return {name: sum(name in s for s in sets) for name in self.features}


def _features(gate: Local | Rotate) -> frozenset[str]:
    return parameters_in(gate.angle) if isinstance(gate, Rotate) else frozenset()
