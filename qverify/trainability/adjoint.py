"""Gradients by all parameters of a circuit of gates at once, by the adjoint method on state vectors.

    psi = U_L ... U_1 psi_0,   mu = <psi| O;   then for k = L ... 1:   psi <- U_k^dagger psi,
    d_theta <O> += 2 Re  mu (d U_k / d theta) psi,   mu <- mu U_k

One state and one costate an observable are held for each point, whatever the number of gates: gates are undone by
their inverse. Gates outside the backward cone of the observables are left out, and so are the wires that none of
the others touches. Measurements at the end are taken into the observable: M_k is Z on the measured wire, and X or Y
there has mean 0. Exact up to rounding (about 1e-16 a gate).
Source: Jones and Gacon, arXiv:2009.02823 (2020). Cost: O(gates * 2**wires * (1 + observables)) a point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
)
from qiskit.circuit.library import GlobalPhaseGate

from qverify.errors import Undecidable
from qverify.semantics.loops import MAX_UNROLLED
from qverify.semantics.run import bodies
from qverify.structure import Leaf, is_dynamic, leaves, measures_only_at_the_end
from qverify.subject import Observable
from qverify.subject.observables import Term
from qverify.trainability.slopes import Gate, Values, gate_of
from qverify.trainability.tensors import Amplitudes, apply, observed, overlaps, product_inputs

Real = NDArray[np.float64]
MAX_WIRES = 20
AMPLITUDES = 2**20  # complex numbers in flight


class Gradients(NamedTuple):
    """<O> and its gradient at each point.

    values: shape (B, observables). gradients: shape (B, names, observables), observable's unit a unit of the name.
    """

    values: Real
    gradients: Real


class Cone(NamedTuple):
    """The part of a circuit of gates that some observables feel, on wires 0 ... width - 1.

    wires: the circuit's number of each of them.
    """

    gates: tuple[Gate, ...]
    observables: tuple[Observable, ...]
    wires: tuple[int, ...]


def adjoint_gradients(
    circuit: QuantumCircuit,
    values: Values,
    names: Sequence[str],
    observables: Sequence[Observable],
    inputs: Sequence[str] | None = None,
) -> Gradients:
    """<O> and d <O> / d name of a circuit of gates, for every point, name and observable.

    Args:
        values: parameter name -> shape (B,), radians or the feature's unit, for every parameter of the circuit.
        inputs: for each point a word of the letters of `qverify.draws`, wire 0 first; |0...0> when None.

    Raises:
        Undecidable: more than MAX_WIRES wires in the cone, an operation that is no gate, or too many gates.
    """
    cone = cone_of(circuit, observables)
    count = max((np.size(v) for v in values.values()), default=1) if inputs is None else len(inputs)
    words = ["0" * circuit.num_qubits] * count if inputs is None else inputs
    kept = ["".join(word[k] for k in cone.wires) for word in words]
    columns = {name: np.broadcast_to(np.asarray(v, dtype=np.float64), (count,)) for name, v in values.items()}
    size = points_at_once(2 ** len(cone.wires) * (1 + len(observables)) + 4 * len(cone.gates))
    chunks = [
        _adjoint(cone, {p: v[at : at + size] for p, v in columns.items()}, names, kept[at : at + size])
        for at in range(0, count, size)
    ]
    return Gradients(np.concatenate([c.values for c in chunks]), np.concatenate([c.gradients for c in chunks]))


def points_at_once(numbers: int) -> int:
    """How many points to hold at once when each takes so many complex numbers."""
    return max(1, AMPLITUDES // numbers)


def cost(circuit: QuantumCircuit, observables: Sequence[Observable]) -> int:
    """Updates of one amplitude that one point takes; what `max_effort` counts."""
    cone = cone_of(circuit, observables)
    return (1 << len(cone.wires)) * max(1, len(cone.gates)) * (2 + 2 * len(observables))


def _adjoint(cone: Cone, values: Mapping[str, Real], names: Sequence[str], words: Sequence[str]) -> Gradients:
    psi = product_inputs(words)
    matrices = [gate.matrix(values) for gate in cone.gates]
    for gate, matrix in zip(cone.gates, matrices, strict=True):
        apply(matrix, psi, gate.wires)
    kets = [observed(observable, 0, psi) for observable in cone.observables]
    found = np.stack([np.einsum("kib,kib->b", psi.conj(), ket).real for ket in kets], axis=-1)
    costate = np.stack(kets).conj()  # (M, 1, 2**n, B)
    gradients = np.zeros((len(words), len(names), len(cone.observables)))
    place = {name: k for k, name in enumerate(names)}
    for gate, matrix in zip(reversed(cone.gates), reversed(matrices), strict=True):
        pull_back(gate, matrix, psi, costate, values, place, gradients)
    return Gradients(found, gradients)


def pull_back(  # state, costate and what they are pulled through
    gate: Gate,
    matrix: Amplitudes,
    psi: Amplitudes,
    costate: Amplitudes,
    values: Values,
    place: Mapping[str, int],
    gradients: Real,
) -> None:
    """Take state and costate back through a gate, in place, and add its part of the gradient.

    Args:
        psi, costate: shapes (K, 2**n, B) and (M, K, 2**n, B); the costate conjugated.
        place: name -> column of `gradients`, whose shape is (B, names, M).
    """
    apply(gate.undoing(matrix), psi, gate.wires)
    derivatives = gate.derivatives(values, [name for name in place if name in gate.names()])
    if derivatives:
        pattern = np.any([d.any(axis=0) for _, d in derivatives], axis=0)
        R = overlaps(costate, psi, gate.wires, pattern)
        for name, derivative in derivatives:
            spread = np.broadcast_to(derivative, (psi.shape[-1], *pattern.shape))
            gradients[:, place[name], :] += 2 * np.einsum("bij,ijmb->bm", spread, R).real
    apply(matrix.swapaxes(1, 2), costate.reshape(-1, *psi.shape[1:]), gate.wires)


# ------------------------------------------------------------------------------ what is felt


def cone_of(circuit: QuantumCircuit, observables: Sequence[Observable]) -> Cone:
    """The gates that some observable may feel, on as many wires as they touch; `Raises` as `adjoint_gradients`."""
    if not reaches(circuit):
        raise Undecidable(
            "it measures, resets or branches before its end, which the adjoint method does not follow"
        )
    measured = {leaf.clbits[0]: leaf.qubits[0] for leaf in _measurements(circuit)}
    read = [_before_measurement(observable, measured) for observable in observables]
    live = set().union(*(observable.wires for observable in read))
    kept: list[Gate] = []
    for gate in reversed(list(static_gates(circuit))):
        if not live.isdisjoint(gate.wires):
            live.update(gate.wires)
            kept.append(gate)
    if len(live) > MAX_WIRES:
        raise Undecidable(f"{len(live)} qubits are too many for sampling on state vectors (at most {MAX_WIRES})")
    wires = tuple(sorted(live))
    number = {wire: k for k, wire in enumerate(wires)}
    moved = tuple(
        Gate(tuple(number[w] for w in g.wires), g.formula, g.angles, g.control_state, g.given) for g in kept[::-1]
    )
    return Cone(moved, tuple(_renumbered(observable, number) for observable in read), wires)


def reaches(circuit: QuantumCircuit) -> bool:
    """Whether a circuit is gates, followed by measurements at most."""
    return not is_dynamic(circuit) or measures_only_at_the_end(circuit)


def _measurements(circuit: QuantumCircuit) -> Iterator[Leaf]:
    return (leaf for leaf in leaves(circuit) if isinstance(leaf.operation, Measure))


def _before_measurement(observable: Observable, measured: Mapping[int, int]) -> Observable:
    """The observable pulled back through measurements, bit -> wire; a bit that nothing writes is 0."""
    wires = frozenset(measured.values())
    terms: list[Term] = []
    for term in observable.terms:
        letters = {k: kind for kind, k in term.factors if kind != "M"}
        if any(kind in "XY" and k in wires for k, kind in letters.items()):
            continue
        for wire in (measured[k] for kind, k in term.factors if kind == "M" and k in measured):
            if letters.get(wire) == "Z":
                del letters[wire]
            else:
                letters.setdefault(wire, "Z")  # |0><0| Z = |0><0|
        terms.append(Term(term.coefficient, tuple((letters[k], k) for k in sorted(letters))))
    return Observable(observable.text, tuple(terms))


def _renumbered(observable: Observable, number: Mapping[int, int]) -> Observable:
    terms = (Term(t.coefficient, tuple((kind, number[k]) for kind, k in t.factors)) for t in observable.terms)
    return Observable(observable.text, tuple(terms))


def static_gates(circuit: QuantumCircuit) -> Iterator[Gate]:
    """The gates in order, composites opened and loops unrolled; measurements are passed over.

    Raises:
        Undecidable: it resets or branches, an operation is not known, or there are too many.
    """
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    for done, gate in enumerate(_gates(circuit, wires, {})):
        if done >= MAX_UNROLLED:
            raise Undecidable(f"more than {MAX_UNROLLED} operations once its loops are unrolled")
        yield gate


def _gates(circuit: QuantumCircuit, wires: Mapping[Any, int], loop: Mapping[str, float]) -> Iterator[Gate]:
    for item in circuit.data:
        op, where = item.operation, tuple(wires[q] for q in item.qubits)
        if isinstance(op, Barrier | Delay | Measure | GlobalPhaseGate):
            continue
        if isinstance(op, ControlFlowOp):
            if not isinstance(op, ForLoopOp | BoxOp):
                raise Undecidable(f"`{op.name}` branches, which the adjoint method does not follow")
            for turn in bodies(op, 0, {}):
                inner = dict(zip(turn.body.qubits, where, strict=True))
                yield from _gates(turn.body, inner, {**loop, **turn.parameter})
            continue
        gate = gate_of(op, where, loop)
        if gate is not None:
            yield gate
            continue
        definition = opened(op)
        yield from _gates(definition, dict(zip(definition.qubits, where, strict=True)), loop)


def opened(op: Operation) -> QuantumCircuit:
    """What a composite operation consists of.

    Raises:
        Undecidable: nobody knows.
    """
    if isinstance(op, Reset | Store):
        raise Undecidable(f"`{op.name}` is no gate, and the adjoint method follows gates alone")
    definition = getattr(op, "definition", None)
    if definition is None:
        raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
    return definition
