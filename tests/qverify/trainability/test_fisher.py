"""Fisher rank: closed forms, the generator formula as another way to the matrix, and redundant weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.circuit import Parameter, ParameterVector, QuantumCircuit
from qiskit.quantum_info import Statevector

from qverify.errors import Undecidable
from qverify.subject import Claims, make_subject
from qverify.trainability.families import family
from qverify.trainability.fisher import fisher_matrix, fisher_rank


def subject(circuit, features=(), zero=True):
    names = tuple(p.name for p in circuit.parameters)
    weights = tuple(p for p in names if p not in features)
    zeros = tuple(range(circuit.num_qubits)) if zero else ()
    claims = Claims(observables=("Z0",), weights=weights, features=features, zero_wires=zeros)
    return make_subject("c.qpy", circuit, names, claims=claims)


def rank(circuit, features=(), zero=True, seed=0):
    return fisher_rank(subject(circuit, features, zero), np.random.default_rng(seed))


def turns(*gates):
    qc = QuantumCircuit(1)
    for gate, name in gates:
        getattr(qc, gate)(Parameter(name), 0)
    return qc


def by_shifts(circuit, values):
    """4 Re(<d_j|d_k> - <d_j|psi><psi|d_k>) with d_k = psi(theta_k + pi) / 2, for turns that are used once."""
    at = lambda v: Statevector(circuit.assign_parameters(v)).data  # noqa: E731
    psi = at(values)
    D = np.array([at({**values, p: values[p] + math.pi}) / 2 for p in circuit.parameters])
    return 4 * np.real(D.conj() @ D.T - np.outer(D.conj() @ psi, psi.conj() @ D.T))


def random_turns(n, count, rng):
    qc, w = QuantumCircuit(n), ParameterVector("w", count)
    for p in w:
        kind = rng.choice(["rx", "ry", "rz", "rxx", "rzz"])
        wires = rng.permutation(n)[: 2 if len(kind) == 3 else 1]
        getattr(qc, kind)(p, *(int(k) for k in wires))
        qc.cx(*(int(k) for k in rng.permutation(n)[:2]))
    return qc


@pytest.mark.parametrize("seed", range(6))
def test_the_matrix_is_that_of_the_shifted_states(seed):
    rng = np.random.default_rng(seed)
    qc = random_turns(3, 8, rng)
    values = {p: float(rng.uniform(0, 6)) for p in qc.parameters}
    found = fisher_matrix(subject(qc), {p.name: v for p, v in values.items()})
    assert np.allclose(found, by_shifts(qc, values), atol=1e-11)
    full = max(
        np.linalg.matrix_rank(by_shifts(qc, {p: float(rng.uniform(0, 6)) for p in qc.parameters}), tol=1e-10)
        for _ in range(3)
    )
    assert rank(qc, seed=seed).rank == full


def test_rx_then_rz_have_the_metric_of_the_sphere():
    found = fisher_matrix(subject(turns(("rx", "a"), ("rz", "b"))), {"a": 0.7, "b": 0.2})
    assert np.allclose(found, np.diag([1.0, math.sin(0.7) ** 2]), atol=1e-12)


def test_a_slope_enters_squared_and_a_shared_weight_adds_up():
    qc, t = QuantumCircuit(2), Parameter("t")
    qc.ry(3 * t, 0)
    qc.ry(-2 * t, 1)
    assert fisher_matrix(subject(qc), {"t": 0.4})[0, 0] == pytest.approx(9 + 4, abs=1e-10)


def test_a_controlled_turn_has_its_own_matrix():
    """|+> on the control: half of the state turns, <G**2> - <G>**2 with G = |1><1| Y/2."""
    qc, t = QuantumCircuit(2), Parameter("t")
    qc.h(0)
    qc.cry(t, 0, 1)
    assert fisher_matrix(subject(qc), {"t": 0.9})[0, 0] == pytest.approx(0.5, abs=1e-11)


def test_of_two_equal_turns_the_later_is_redundant():
    found = rank(turns(("rx", "a"), ("rx", "b")))
    assert (found.rank, found.independent, found.redundant) == (1, ("a",), ("b",))
    assert found.is_clear


def test_a_turn_about_the_axis_of_the_input_is_redundant_until_the_input_is_free():
    qc = turns(("rz", "a"), ("ry", "b"), ("rz", "c"))
    assert rank(qc).redundant == ("a",)
    free = rank(qc, zero=False)
    assert free.rank == 3 and free.redundant == () and free.inputs == 8


def test_a_fed_feature_tells_weights_apart_that_one_state_does_not():
    """RX(x) moves |0> off the axis: the RZ after it is felt, and three weights of one wire are independent."""
    qc = QuantumCircuit(1)
    qc.rx(Parameter("x"), 0)
    for gate, name in (("rz", "a"), ("ry", "b"), ("rz", "c")):
        getattr(qc, gate)(Parameter(name), 0)
    assert rank(qc, features=("x",)).rank == 3


def test_a_general_block_on_two_zeros_has_the_rank_of_the_state_space():
    qc, _ = family("qmps")(2)
    found = rank(qc)
    assert found.rank == 2 * 4 - 2
    assert len(found.independent) == 6 and len(found.redundant) == 9 and found.is_clear
    assert rank(qc, zero=False).rank == 15


def test_the_independent_weights_alone_reach_the_same_rank():
    qc, _ = family("qttn")(4)
    first = rank(qc)
    fixed = qc.assign_parameters({name: 0.3 + 0.1 * k for k, name in enumerate(first.redundant)})
    assert rank(fixed).rank == first.rank == len(fixed.parameters)


def test_a_weight_that_only_turns_the_phase_is_redundant():
    qc = QuantumCircuit(1, global_phase=Parameter("g"))
    qc.ry(Parameter("t"), 0)
    found = rank(qc)
    assert (found.rank, found.redundant) == (1, ("g",))


def test_no_weights_have_rank_zero():
    found = rank(QuantumCircuit(2))
    assert (found.rank, found.independent, found.redundant, found.is_clear) == (0, (), (), True)


def test_what_it_does_not_reach_is_refused():
    measured = QuantumCircuit(1, 1)
    measured.measure(0, 0)
    curved = QuantumCircuit(1)
    curved.ry(Parameter("t").arctan(), 0)
    for circuit, words in (
        (measured, "no single state"),
        (QuantumCircuit(11), "11 qubits are too many"),
        (curved, "`t` enters an angle non-linearly"),
    ):
        with pytest.raises(Undecidable, match=words):
            rank(circuit)
