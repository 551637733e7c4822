"""Narrower circuits: the same records and outputs by brute force, never wider, as wide as said; names are kept."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import ClassicalRegister, Clbit, Instruction, Parameter, QuantumCircuit
from qiskit.circuit.classical import expr, types
from qiskit_aer import AerSimulator

from qverify.errors import Undecidable
from qverify.semantics import instrument
from qverify.wires.lives import lives
from qverify.wires.lives_chart import chart
from qverify.wires.reuse import order
from qverify.wires.rewrite import Narrowed, Span, narrowed
from tests.strategies import ARITIES, dynamic_circuit, parameters, seeded, static_circuit, steady

KNOWN_TO_AER = {
    "CXGate",
    "CZGate",
    "HGate",
    "RXGate",
    "RYGate",
    "RZGate",
    "RZZGate",
    "SwapGate",
    "CCXGate",
    "TGate",
}


def measured(source: Random, most: int = 6) -> QuantumCircuit:
    """Gates with parameters, then measurements of most wires."""
    n = source.randint(2, most)
    circuit = static_circuit(source, n, source.randint(1, 12), parameters=parameters(source.randint(0, 2)))
    circuit.add_register(ClassicalRegister(n, "m"))
    for k in source.sample(range(n), n):
        if source.random() < 0.85:
            circuit.measure(k, source.randrange(n) if source.random() < 0.1 else k)
    return circuit


def reduced(circuit: QuantumCircuit, values: dict[str, float], kept: list[int]) -> dict[int, np.ndarray]:
    """The unnormalised state of the kept wires for each record, from |0...0>."""
    n = circuit.num_qubits
    rest = [k for k in range(n) if k not in kept]
    found = instrument(circuit, values, zero=range(n), discard=rest)
    return {r: sum(np.outer(v, v.conj()) for v in k.reshape(len(k), -1)) for r, k in found.items()}


def assert_same(circuit: QuantumCircuit, found: Narrowed, values: dict[str, float]) -> None:
    one = reduced(circuit, values, list(found.outputs))
    other = reduced(found.circuit, values, list(range(len(found.outputs))))
    nothing = np.zeros_like(next(iter(one.values())))
    for record in {*one, *other}:
        assert np.allclose(one.get(record, nothing), other.get(record, nothing), atol=1e-9)


def check(circuit: QuantumCircuit, source: Random) -> None:
    discarded = [k for k in range(circuit.num_qubits) if source.random() < 0.3]
    keeps = source.choice(["unmeasured", "nothing"])
    try:
        found = narrowed(circuit, discarded, keeps)
    except Undecidable as why:
        assert "nothing can be reused, because" in why.sentence
        return
    assert found.circuit.num_qubits <= circuit.num_qubits
    assert (found.circuit.clbits, found.circuit.cregs) == (circuit.clbits, circuit.cregs)
    assert [p.name for p in found.circuit.parameters] == [p.name for p in circuit.parameters]
    if found.circuit.num_qubits == circuit.num_qubits:
        assert found.circuit is circuit
        return
    assert found.circuit.num_qubits == found.order.width
    assert_same(circuit, found, {p.name: source.uniform(-3, 3) for p in circuit.parameters})
    for a in found.after:
        assert not any(
            b.wire == a.wire and b is not a and b.first <= a.last and a.first <= b.last for b in found.after
        )
    seen = lives(circuit, discarded, keeps)
    assert found.order.width <= order(seen.cones, seen.kept, small=0).width


@given(seeded())
@steady(90)
def test_measured_circuit_is_the_same_on_fewer_wires(source: Random) -> None:
    check(measured(source), source)


@given(seeded())
@steady(90)
def test_dynamic_circuit_is_the_same_on_fewer_wires(source: Random) -> None:
    check(dynamic_circuit(source, source.randint(2, 5), source.randint(1, 4), source.randint(2, 12)), source)


def with_feed_forward(source: Random) -> QuantumCircuit:
    """Gates that qiskit-aer knows, measurements, and branches on bits that were measured."""
    n = source.randint(3, 5)
    gates = {k: v for k, v in ARITIES.items() if k in KNOWN_TO_AER}
    circuit = QuantumCircuit(n, n)
    for k in range(n):
        part = static_circuit(source, n, source.randint(0, 2), composites=False, gates=gates)
        circuit.compose(part, inplace=True)
        circuit.ry(source.uniform(-3, 3), k)
        circuit.measure(k, k)
        if k + 1 < n:
            with circuit.if_test((source.randrange(k + 1), source.randrange(2))):
                circuit.rx(source.uniform(-3, 3), k + 1)
    return circuit


@given(seeded())
@steady(10)
def test_qiskit_aer_finds_the_same_records(source: Random) -> None:
    """Chance of a false alarm: below 1e-9 for each circuit (Hoeffding's bound on every record)."""
    circuit = with_feed_forward(source)
    exact, found, shots = reduced(circuit, {}, []), narrowed(circuit, keeps="nothing"), 2048
    counts = AerSimulator(seed_simulator=7).run(found.circuit, shots=shots).result().get_counts()
    shares = {int(word, 2): number / shots for word, number in counts.items()}
    slack = math.sqrt(math.log(2 * 2**circuit.num_clbits / 1e-9) / (2 * shots))
    for record in {*shares, *exact}:
        likely = float(np.real(exact[record][0, 0])) if record in exact else 0.0
        assert abs(shares.get(record, 0.0) - likely) <= slack


@pytest.mark.parametrize("n", [3, 40, 300])
def test_bernstein_vazirani_needs_two_wires(n: int) -> None:
    circuit = QuantumCircuit(n + 1, n)
    circuit.x(n)
    circuit.h(range(n + 1))
    for k in range(0, n, 2):
        circuit.cx(k, n)
    circuit.barrier()
    circuit.h(range(n))
    circuit.measure(range(n), range(n))
    found = narrowed(circuit)
    assert (found.circuit.num_qubits, found.outputs) == (2, (n,))
    assert found.order.is_least
    if n == 3:
        assert_same(circuit, found, {})


def test_names_conditions_variables_and_loose_bits_are_kept() -> None:
    a, b = ClassicalRegister(1, "first"), ClassicalRegister(2, "second")
    circuit = QuantumCircuit(4)
    circuit.add_register(a, b)
    circuit.add_bits([Clbit()])
    flag = circuit.add_var("flag", expr.lift(False))
    late, early = Parameter("z"), Parameter("a")
    circuit.ry(late, 0)
    circuit.measure(0, a[0])
    circuit.store(flag, expr.lift(a[0]))
    with circuit.if_test(expr.equal(b, 0)):
        circuit.rx(early, 1)
    with circuit.if_test(expr.lift(flag)):
        circuit.x(2)
    circuit.measure(1, b[0])
    circuit.measure(2, 3)
    found = narrowed(circuit)
    assert found.circuit.num_qubits == 2  # where there are variables, branches keep their order with all bits
    assert [r.name for r in found.circuit.cregs] == ["first", "second"]
    assert found.circuit.clbits == circuit.clbits
    assert [v.name for v in found.circuit.iter_declared_vars()] == ["flag"]
    assert [v.type for v in found.circuit.iter_declared_vars()] == [types.Bool()]
    assert_same(circuit, found, {"z": 0.4, "a": 1.1})


def test_reset_ends_a_life_and_unmeasured_wires_are_kept_in_order() -> None:
    circuit = QuantumCircuit(4, 3)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.reset(0)  # what follows is another life
    circuit.h(3)
    circuit.cx(3, 2)
    circuit.x(0)
    circuit.measure(0, 1)
    circuit.h(1)
    circuit.measure(1, 2)
    found = narrowed(circuit)
    assert (found.outputs, found.circuit.num_qubits) == ((2, 3), 2)
    assert_same(circuit, found, {})
    assert narrowed(circuit, keeps="nothing").circuit.num_qubits == 1


def test_gates_that_nothing_feels_are_left_out_unless_they_hold_a_parameter() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h([0, 1])
    circuit.measure([0, 1], [0, 1])
    circuit.swap(0, 1)
    assert narrowed(circuit, keeps="nothing").circuit.num_qubits == 1
    assert narrowed(circuit, discarded=[0, 1]).circuit.count_ops()["h"] == 2
    before = QuantumCircuit(2, 2)
    before.h([0, 1])
    before.cz(0, 1)  # a phase that no measurement of Z feels
    before.measure([0, 1], [0, 1])
    assert narrowed(before).circuit.num_qubits == 1
    circuit.cry(Parameter("x"), 0, 1)
    assert len(narrowed(circuit, keeps="nothing").circuit.parameters) == 1


def test_opaque_instruction_uses_all_that_it_touches() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.append(Instruction("mystery", 2, 1, []), [0, 1], [0])
    circuit.measure([0, 1, 2], [0, 1, 2])
    assert narrowed(circuit).circuit.num_qubits == 2


def test_nothing_to_reuse_is_one_sentence() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    with pytest.raises(Undecidable, match="nothing can be reused, because no wire ends in a measurement"):
        narrowed(circuit)
    whole = QuantumCircuit(3, 3)
    for k, j in ((0, 1), (1, 2), (0, 2)):
        whole.iswap(k, j)
    whole.measure(range(3), range(3))
    found = narrowed(whole)
    assert found.circuit is whole  # no narrower order: it is written as it is
    assert found.before == found.after


def test_chart_shows_every_life_on_its_wire() -> None:
    spans = [Span(0, 0, 0, 4), Span(0, 7, 5, 9), Span(1, 12, 2, 9)]
    assert chart(spans, 3) == ["0 ├0──┤├7──┤", "1 ··├12────┤", "2 ··········"]
    assert chart(spans, 3, columns=5) == ["0 ├0├7┤", "1 ·├12┤", "2 ·····"]
    assert chart(spans, 30, rows=2)[-1].strip() == "and 28 more"
    assert chart([], 2) == ["0 ··", "1 ··"]
