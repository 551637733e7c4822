"""Weights that provably no observable feels, by Pauli sets from both ends of the circuit.

With O_k the observable pulled back to just after gate k, exp(-i t Q / 2), and rho_k the state there,

    d<O>/dt = (i/2) tr([Q, O_k] rho_k)

which vanishes for all angles if no string P of O_k anticommutes with Q while Q P is a string of rho_k. Both sets
are over-approximated (`sets`), so "dead" is proved and "not proved dead" says nothing. A parameter in several gates
is dead if it is dead in each. Classical bits are wires; a part that has no rotation form makes everything possible
on its wires. Cost: O(gates).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from qiskit.circuit import QuantumCircuit

from qverify.angles import parameters_in
from qverify.errors import Undecidable
from qverify.subject import Observable, Subject
from qverify.trainability.chain import Chain, Dephase, End, Reset, Turn
from qverify.trainability.clifford_maps import CODES
from qverify.trainability.lower import Lowered, lowered
from qverify.trainability.raw import Rotate, Unknown
from qverify.trainability.sets import ALL, DIAGONAL, ONLY_I, back, felt, forward


def proved_dead(subject: Subject) -> frozenset[str]:
    """The claimed weights that none of the claimed observables depends on, for any angles.

    Wires claimed as `zero_wires` start in |0>, the others in anything. Where classical variables or loops without a
    known bound keep the circuit from being followed, the empty set.
    """
    claims = subject.claims
    return dead_weights(subject.circuit, subject.observables(), claims.weights, claims.zero_wires)


def dead_weights(
    circuit: QuantumCircuit,
    observables: Iterable[Observable],
    weights: Collection[str],
    zero_wires: Collection[int] | None = None,
) -> frozenset[str]:
    """The same of a circuit; all wires start in |0> where `zero_wires` is None."""
    try:
        low = lowered(circuit)
    except Undecidable:
        return frozenset()
    wires = circuit.num_qubits
    zero = set(range(wires) if zero_wires is None else zero_wires)
    names: set[str] = set()
    for observable in observables:
        after = letters_of(observable, low)
        before = [DIAGONAL if k in zero or k >= wires else ALL for k in range(len(after))]
        for step in _felt(low.steps, after, before):
            names |= step.names if isinstance(step, Unknown) else parameters_in(step.angle)
    return frozenset(weights) - names


def letters_of(observable: Observable, low: Lowered) -> list[int]:
    """The letters of an observable's strings, one set a wire."""
    letters = [0] * low.wires
    for term in observable.terms:
        on: dict[int, int] = {}
        for kind, k in term.factors:
            if kind == "M" and k not in low.bits:
                continue  # a bit that nothing writes is constant
            wire = low.bits[k] if kind == "M" else k
            on[wire] = DIAGONAL if kind == "P" else 1 << CODES["Z" if kind == "M" else kind]
        for wire in range(len(letters)):
            letters[wire] |= on.get(wire, ONLY_I)
    return letters


def dead_names(chain: Chain) -> frozenset[str]:
    """The names of a chain whose gradient is identically zero, as far as sets can tell."""
    before = [ALL if row[0] != row[0] else ONLY_I | _positive(row) for row in chain.start.tolist()]
    alive = {step.parameter for step in _felt(chain.steps, letters_of_ends(chain.ends, chain.wires), before)}
    return frozenset(name for k, name in enumerate(chain.names) if k not in alive)


def _positive(row: Sequence[float]) -> int:
    """The letters whose component of the Bloch vector is not surely 0; rows are X, Y, Z."""
    return sum(1 << code for code, value in zip((1, 3, 2), row, strict=True) if value != 0.0)


def letters_of_ends(ends: Iterable[End], wires: int) -> list[int]:
    """The letters that the ends have on each wire."""
    letters = [0] * wires
    for end in ends:
        for wire in range(wires):
            if wire not in end.letters:
                letters[wire] |= ONLY_I
        for wire, weights in end.letters.items():
            letters[wire] |= sum(1 << code for code, at in zip((0, 1, 3, 2), weights, strict=True) if at > 0.0)
    return letters


def _felt(steps: Sequence[Any], after: list[int], before: list[int]) -> list[Any]:
    """The rotations and unknown parts whose parameters the observable may feel."""
    arriving: list[tuple[int, ...]] = []
    for step in steps:
        forward(step, before)
        if isinstance(step, Turn | Rotate):
            arriving.append(tuple([before[k] for k in step.wires]))
    found: list[Any] = []
    for step in reversed(steps):
        if isinstance(step, Turn | Rotate):
            state = arriving.pop()
            seen = tuple([after[k] for k in step.wires])
            if back(step, after) and felt(step.word, seen, state):
                found.append(step)
        elif back(step, after) and isinstance(step, Unknown):
            found.append(step)
        if isinstance(step, Dephase | Reset) and not after[step.wire]:
            break  # no string is left: whatever came before has no effect
    return found
