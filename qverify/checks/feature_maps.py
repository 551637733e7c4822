"""Every feature enters through exactly the gates that the claims list, in that order.

Why: an angle fed the wrong feature, or `atan(x)` where `atan(x**2)` was meant, is still a valid circuit.
Formula: the list of (gate, canonical angle, wires) of all operations whose angle contains the feature equals the
claimed list; canonical angles are compared coefficient by coefficient.
Source: Chen, Yoo, Fang 2020, arXiv:2009.01783 (the encoding RY(arctan x), RZ(arctan x^2)).
Limits: syntactic, after canonical forms; an encoding written in other gates must be claimed as those gates, and one
inside a branch or a loop cannot be claimed, so it fails.
Fails: `ry(arctan(x1)) q0` where `ry(arctan(x0)) q0` is claimed.
Fix: feed the claimed feature, or correct the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.angle_text import parse_angle
from qverify.angles import Angle, angle_of, parameters_in
from qverify.check import check
from qverify.errors import Unusable
from qverify.finding import Evidence
from qverify.structure import leaves, standard_class
from qverify.subject import Subject

_ENTRY = re.compile(r"\s*(\w+)\((.*)\)\s+q(\d+)((?:\s*,\s*q\d+)*)\s*$")
Entry = tuple[str, tuple[Angle, ...], tuple[int, ...]]


@check(claims=("feature_maps",), requires=("well_formed",))
def feature_maps(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Count the features whose entries differ from the claim."""
    faults = []
    for feature in subject.claims.features:
        claimed = [_parse(text, subject) for text in subject.claims.feature_maps.get(feature, ())]
        present = list(_entries(subject, feature))
        if [entry for entry, _ in present] != claimed:
            faults.append(_fault(feature, present, claimed))
    yield Evidence(
        quantity="features that enter otherwise than claimed",
        lo=len(faults),
        hi=len(faults),
        unit="1",
        where="; ".join(faults[:3]) or "all features",
        method="canonical angles compared gate by gate",
        strength="proof",
    )


def _entries(subject: Subject, feature: str) -> Iterator[tuple[Entry, int | None]]:
    """Every place where the feature enters, with its line; inside a branch or loop the name says so."""
    for entry, top in _all_entries(subject.circuit, ""):
        if any(feature in parameters_in(angle) for angle in entry[1]):
            yield entry, None if top is None else subject.lines[top]


def _all_entries(circuit: QuantumCircuit, inside: str) -> Iterator[tuple[Entry, int | None]]:
    yield (f"gphase{inside}", (angle_of(circuit.global_phase),), ()), None
    for leaf in leaves(circuit):
        op = leaf.operation
        if standard_class(op):
            yield (f"{op.name}{inside}", tuple(angle_of(p) for p in op.params), leaf.qubits), leaf.top
        for body in getattr(op, "blocks", ()):
            for (name, angles, wires), _ in _all_entries(body, f" inside {op.name}"):
                yield (name, angles, tuple(leaf.qubits[k] for k in wires)), leaf.top


def _parse(text: str, subject: Subject) -> Entry:
    match = _ENTRY.match(text)
    if not match:
        raise Unusable(f"`{text}` in `feature_maps` is no gate; write for example `ry(arctan(x0)) q0`")
    angles = tuple(parse_angle(part, subject.parameters) for part in match[2].split(","))
    wires = tuple(int(k) for k in re.findall(r"\d+", match[3] + match[4]))
    return match[1], angles, wires


def _fault(feature: str, present: list[tuple[Entry, int | None]], claimed: list[Entry]) -> str:
    for k, (entry, line) in enumerate(present):
        if k >= len(claimed) or entry != claimed[k]:
            place = f"line {line}: " if line else ""
            wanted = _text(claimed[k]) if k < len(claimed) else "nothing more"
            return f"{place}`{feature}` enters through {_text(entry)}, claimed is {wanted}"
    return f"`{feature}` never enters through {_text(claimed[len(present)])}"


def _text(entry: Entry) -> str:
    gate, angles, wires = entry
    return f"`{gate}({', '.join(a.text() for a in angles)}) {', '.join(f'q{k}' for k in wires)}`"
