"""Weights proved dead: none has a gradient, found by displacing it at random points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import ControlModifier, Gate, Parameter, ParameterVector, QuantumCircuit, library
from qiskit.circuit.annotated_operation import AnnotatedOperation
from qiskit.circuit.classical import expr
from qiskit.quantum_info import Operator

from qverify.draws import product_state
from qverify.semantics import expectations
from qverify.subject import Claims, make_subject
from qverify.trainability import proved_dead
from tests.oracles import observable_matrix
from tests.strategies import sources, steady

GATES = ["CXGate", "CZGate", "HGate", "SGate", "TGate", "SwapGate", "iSwapGate", "CHGate", "CCXGate", "ECRGate"]
TURNED = [
    "RXGate",
    "RYGate",
    "RZGate",
    "PhaseGate",
    "RZZGate",
    "RXXGate",
    "RZXGate",
    "CRZGate",
    "CRXGate",
    "CPhaseGate",
]


def subject(circuit, observables, weights=None):
    names = tuple(p.name for p in circuit.parameters)
    claims = Claims(weights=names if weights is None else weights, observables=observables)
    return make_subject("c.qpy", circuit, names, claims=claims)


def felt(circuit, observable, seed):
    """The weights whose displacement moves <O>, by Qiskit's operators at random points and inputs."""
    rng, n = np.random.default_rng(seed), circuit.num_qubits
    matrix = observable_matrix(observable, n)
    names = list(circuit.parameters)
    out = set()
    for _ in range(3):
        at = rng.uniform(0, 2 * np.pi, len(names))
        psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
        psi /= np.linalg.norm(psi)

        def value(point, psi=psi):
            out = Operator(circuit.assign_parameters(dict(zip(names, point, strict=True)))).data @ psi
            return np.vdot(out, matrix @ out).real

        for k, name in enumerate(names):
            if abs(value(at) - value(at + np.eye(len(names))[k] * rng.uniform(1, 3))) > 1e-9:
                out.add(name.name)
    return out


OBSERVABLES = [
    ("Z0", [(1, {0: "Z"})]),
    ("X0", [(1, {0: "X"})]),
    ("Y1", [(1, {1: "Y"})]),
    ("Z0 Z1", [(1, {0: "Z", 1: "Z"})]),
    ("0.5*Z0 - X1", [(0.5, {0: "Z"}), (-1, {1: "X"})]),
    ("P0[0]", [(1, {0: "P"})]),
    ("zeros", [(1, {0: "P", 1: "P", 2: "P"})]),
]


@given(sources())
@steady(50)
def test_no_weight_with_a_gradient_is_proved_dead(source):
    circuit, count = QuantumCircuit(3), 0
    for _ in range(source.randint(2, 10)):
        name = source.choice(GATES + 2 * TURNED)
        kind = getattr(library, name)
        if name in TURNED:
            made = kind(Parameter(f"w{count}") * source.choice([1, 1, -2, 0.3]))
            count += 1
        else:
            made = kind()
        if getattr(made, "num_ctrl_qubits", 0) and source.random() < 0.3:
            made = made.to_mutable()
            made.ctrl_state = 0
        circuit.append(made, source.sample(range(3), made.num_qubits))
    text, terms = source.choice(OBSERVABLES)
    dead = proved_dead(subject(circuit, (text,)))
    assert not dead & felt(circuit, terms, 7)


def hea(n, layers):
    """Per layer RY and RZ on each qubit, then a line of CZ."""
    w = ParameterVector("w", 2 * n * layers)
    circuit, k = QuantumCircuit(n), 0
    for _ in range(layers):
        for q in range(n):
            circuit.ry(w[k], q)
            circuit.rz(w[k + 1], q)
            k += 2
        for q in range(n - 1):
            circuit.cz(q, q + 1)
    return circuit


def test_every_dead_weight_of_the_hardware_efficient_circuit_is_found():
    circuit = hea(3, 3)
    names = {p.name for p in circuit.parameters}
    dead = proved_dead(subject(circuit, ("Z0",)))
    assert dead == names - felt(circuit, [(1, {0: "Z"})], 3)
    assert 0 < len(dead) < len(names)


def one_gate_after(make):
    w = Parameter("w")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    make(circuit, w)
    return circuit


@pytest.mark.parametrize(
    ("make", "observable", "dead"),
    [
        (lambda c, w: c.rz(w, 0), "Z0", True),
        (lambda c, w: c.rz(w, 0), "X0", False),
        (lambda c, w: c.rx(w, 0), "Z0", False),
        (lambda c, w: c.ry(w, 1), "Z0", True),
        (lambda c, w: c.cp(w, 0, 1), "Z0", True),
        (lambda c, w: c.rzz(w, 0, 1), "Z0 Z1", True),
        (lambda c, w: c.rxx(w, 0, 1), "Z0 Z1", True),
        (lambda c, w: c.rxx(w, 0, 1), "Z0", False),
        (lambda c, w: (c.ry(w, 1), c.swap(0, 1)), "Z0", False),
        (lambda c, w: (c.ry(w, 1), c.swap(0, 1)), "Z1", True),
    ],
)
def test_the_last_gate_before_an_observable_is_dead_where_it_commutes(make, observable, dead):
    assert bool(proved_dead(subject(one_gate_after(make), (observable,)))) is dead


def test_a_weight_in_two_gates_is_felt_when_one_of_them_is():
    w = Parameter("w")
    circuit = QuantumCircuit(1)
    circuit.ry(w, 0)
    circuit.rz(w, 0)
    assert proved_dead(subject(circuit, ("Z0",))) == frozenset()


def test_a_weight_is_felt_when_one_of_several_observables_feels_it():
    circuit = one_gate_after(lambda c, w: c.ry(w, 1))
    assert proved_dead(subject(circuit, ("Z0", "Z1"))) == frozenset()


def test_a_weight_of_an_operation_that_nobody_knows_is_not_called_dead():
    w = Parameter("w")
    opaque, annotated = QuantumCircuit(2), QuantumCircuit(2)
    opaque.append(Gate("mystery", 1, [w]), [0])
    annotated.append(AnnotatedOperation(library.RYGate(w), ControlModifier(1)), [1, 0])
    for circuit in (opaque, annotated):
        assert proved_dead(subject(circuit, ("Z0",), ("w",))) == frozenset()


def dynamic(build, bits=1):
    circuit = QuantumCircuit(2, bits)
    build(circuit, Parameter("w"))
    return circuit


def under(circuit, gate, *arguments):
    with circuit.if_test((circuit.clbits[0], 1)):
        getattr(circuit, gate)(*arguments)


@pytest.mark.parametrize(
    ("build", "observable", "dead"),
    [
        (lambda c, w: (c.ry(w, 1), c.measure(0, 0)), "Z0", True),
        (lambda c, w: (c.ry(w, 0), c.measure(0, 0)), "M0", False),
        (lambda c, w: (c.measure(0, 0), c.ry(w, 0)), "M0", True),
        (lambda c, w: (c.h(0), c.rz(w, 0), c.measure(0, 0), c.h(0)), "Z0", True),  # the phase is lost
        (lambda c, w: (c.ry(w, 0), c.reset(0)), "Z0", True),
        (lambda c, w: (c.ry(w, 0), c.measure(0, 0), under(c, "x", 1)), "Z1", False),
        (lambda c, w: (c.ry(w, 0), c.measure(0, 0), under(c, "z", 1)), "Z1", True),
        (lambda c, w: (c.h(0), c.measure(0, 0), under(c, "ry", w, 1)), "Z1", False),
        (lambda c, w: (c.h(0), c.measure(0, 0), under(c, "ry", w, 1)), "Z0", True),
        (lambda c, w: (c.ry(w, 0), c.measure(0, 0), under(c, "reset", 1)), "Z1", False),
    ],
)
def test_a_circuit_that_measures_is_followed_through_its_bits(build, observable, dead):
    circuit = dynamic(build)
    assert bool(proved_dead(subject(circuit, (observable,)))) is dead
    at = {"w": np.linspace(0, 6, 7)}
    psi = product_state("+r")
    values = expectations(circuit, at, [observable], psi)
    if dead:
        assert np.ptp(values) < 1e-12


def test_a_circuit_with_classical_variables_is_not_decided():
    circuit = QuantumCircuit(2, 1)
    circuit.ry(Parameter("w"), 1)
    circuit.store(circuit.clbits[0], expr.lift(True))
    assert proved_dead(subject(circuit, ("Z0",))) == frozenset()


def test_what_the_input_does_not_feel_is_dead():
    circuit = QuantumCircuit(2)
    circuit.rz(Parameter("w"), 0)
    circuit.h(0)
    circuit.cz(0, 1)
    names = tuple(p.name for p in circuit.parameters)
    free = make_subject("c.qpy", circuit, names, claims=Claims(weights=names, observables=("Z0",)))
    zero = make_subject("c.qpy", circuit, names, claims=Claims(weights=names, observables=("Z0",), zero_wires=(0,)))
    assert proved_dead(free) == frozenset()
    assert proved_dead(zero) == frozenset({"w"})


def qlstm(n, depth, data):
    """As the block of the QLSTM: an encoder, then a ring of CX and three rotations a wire; w weights, x data."""
    circuit, count = QuantumCircuit(n), 0
    for q in range(n) if data else ():
        x = Parameter(f"x{q}")
        circuit.h(q)
        circuit.ry(x.arctan(), q)
        circuit.rz((x * x).arctan(), q)
    for _ in range(depth):
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
        for q in range(n):
            for gate in ("rz", "ry", "rz"):
                getattr(circuit, gate)(Parameter(f"w{count:02}"), q)
                count += 1
    return circuit


@pytest.mark.parametrize(("n", "data", "dead"), [(4, False, 16), (6, False, 26), (4, True, 12)])
def test_the_block_of_the_qlstm_has_as_many_dead_weights_as_it_should(n, data, dead):
    circuit = qlstm(n, 2, data)
    names = tuple(p.name for p in circuit.parameters)
    weights = tuple(name for name in names if name[0] == "w")
    claims = Claims(weights=weights, observables=("Z0",), zero_wires=tuple(range(n)))
    found = proved_dead(make_subject("c.qpy", circuit, names, claims=claims))
    assert len(found) == dead
    rng = np.random.default_rng(2)
    at = {name: rng.uniform(0, 2 * np.pi, 3) for name in names}
    for name in found:
        moved = at | {name: at[name] + 1.0}
        np.testing.assert_allclose(
            expectations(circuit, at, ["Z0"]), expectations(circuit, moved, ["Z0"]), atol=1e-12
        )


def test_a_dead_weight_has_no_effect_on_the_expectation_value_of_the_reference_semantics():
    circuit = one_gate_after(lambda c, w: c.rz(w, 0))
    at = np.linspace(0, 6, 7)
    np.testing.assert_allclose(expectations(circuit, {"w": at}, ["Z0"]), 0, atol=1e-15)
