"""What `idle` asks about a subject: its outputs, what its wires start in, and the gates that read its features.

Outputs: the claimed observables; without that claim the final state of every wire not claimed discarded, and every
classical bit. Input: |0> on the claimed `zero_wires`; where nothing at all is claimed, on every wire, as a circuit
begins that is run by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from qiskit.circuit import ControlFlowOp, QuantumCircuit

from qverify.angles import angle_of, parameters_in
from qverify.structure import leaves, standard_class
from qverify.subject import Subject
from qverify.subject.claims import NO_CLAIMS
from qverify.wires.durations import Assumed, FromTarget
from qverify.wires.idle import Idle, Question, idle

Input = Literal["", "any", "zero"]


def outputs(subject: Subject) -> tuple[frozenset[int], frozenset[int]]:
    """(wires, bits) that are read at the end.

    Raises:
        Unusable: an observable cannot be read.
    """
    observables = subject.observables()
    if observables:
        wires = frozenset[int]().union(*(o.wires for o in observables))
        return wires, frozenset[int]().union(*(o.bits for o in observables))
    kept = set(range(subject.circuit.num_qubits)) - set(subject.claims.discarded_wires)
    return frozenset(kept), frozenset(range(subject.circuit.num_clbits))


def question_of(subject: Subject, durations: Assumed | FromTarget = Assumed(), given: Input = "") -> Question:  # noqa: B008  # frozen
    """What is asked about a subject. given: what wires start in, instead of what its claims say."""
    n = subject.circuit.num_qubits
    zero = frozenset(subject.claims.zero_wires) & frozenset(range(n))
    if given == "zero" or (not given and subject.claims == NO_CLAIMS):
        zero = frozenset(range(n))
    elif given == "any":
        zero = frozenset()
    wires, bits = outputs(subject)
    return Question(wires, bits, zero, durations, bool(subject.claims.observables), subject.lines)


def idle_of(subject: Subject, durations: Assumed | FromTarget = Assumed(), given: Input = "") -> Idle:  # noqa: B008  # frozen
    """What every qubit of a subject does; see `idle`.

    Raises:
        Unusable: as `idle`; an observable cannot be read.
    """
    return idle(subject.circuit, question_of(subject, durations, given), encodings(subject))


def encodings(subject: Subject) -> dict[str, tuple[str, ...]]:
    """The gates that read each claimed feature, in bodies of control flow too, in order."""
    if not subject.claims.features:
        return {}
    found: dict[str, list[str]] = {name: [] for name in subject.claims.features}
    for name, where in _readers(subject.circuit, list(range(subject.circuit.num_qubits)), subject.lines, None):
        if name in found:
            found[name].append(where)
    return {name: tuple(places) for name, places in found.items()}


def _readers(
    circuit: QuantumCircuit, wires: Sequence[int], lines: Sequence[int | None], top: int | None
) -> Iterator[tuple[str, str]]:
    """(parameter, where) of each gate that reads one; `wires`: the whole circuit's number of each of its own."""
    for leaf in leaves(circuit):
        at, on, op = leaf.top if top is None else top, [wires[k] for k in leaf.qubits], leaf.operation
        if isinstance(op, ControlFlowOp):
            for body in op.blocks:
                yield from _readers(body, on, lines, at)
        elif standard_class(op):
            line = lines[at] if at < len(lines) else None
            place = f"{op.name} {', '.join(f'q{w}' for w in on)} ({f'line {line}' if line else f'index {at}'})"
            names = frozenset[str]().union(*(parameters_in(angle_of(a)) for a in op.params))
            yield from ((name, place) for name in sorted(names))
