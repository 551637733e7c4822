"""Classical variables, stores and `while` loops: the four tellings of a circuit against a slow interpreter."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import assume, given
from qiskit.circuit import IfElseOp, QuantumCircuit, Store, WhileLoopOp
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Statevector

from qverify.errors import Undecidable
from qverify.semantics import defer, run
from qverify.semantics.judge import excess, sampled_counts
from tests.classical import interpret, program
from tests.strategies import from_seed, seeded, steady

MOST_WIRES = 14
SHOTS = 500


def vector(n, seed=1):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    return psi / np.linalg.norm(psi)


def ran(circuit, psi):
    """record -> density matrix, by the reference semantics."""
    found = run(circuit, {}, psi[None])
    return {record: sum(np.outer(v[0], v[0].conj()) for v in branches) for record, branches in found.items()}


def deferred_ends(circuit, psi):
    """record -> density matrix, from the state vector of the deferred form."""
    form = defer(circuit)
    n = form.circuit.num_qubits
    start = np.zeros(2**n, dtype=complex)
    start[: len(psi)] = psi
    end = Statevector(start).evolve(form.circuit).data.reshape((2,) * n)
    index = np.indices((2,) * n).reshape(n, -1)[::-1]  # of wire k in row k
    key = sum(index[wire] << bit for bit, wire in enumerate(form.records) if wire is not None) + 0 * index[0]
    outputs = sum(index[wire] << k for k, wire in enumerate(form.outputs))
    others = [wire for wire in range(n) if wire not in form.outputs]
    rest = sum((index[wire] << k for k, wire in enumerate(others)), 0 * index[0])
    table = np.zeros((key.max() + 1, len(psi), 2 ** len(others)), dtype=complex)
    table[key, outputs, rest] = end.ravel()
    return {record: rows @ rows.conj().T for record, rows in enumerate(table)}


def assert_alike(found, expected):
    zero = 0 * next(iter(expected.values()))
    for record in {*found, *expected}:
        np.testing.assert_allclose(found.get(record, zero), expected.get(record, zero), atol=1e-9)


def drawn(source, length=5):
    n = source.randint(1, 2)
    circuit = program(source, n, source.randint(1, 2), source.randint(2, length))
    psi = vector(n, source.randrange(10**6))
    return circuit, psi, interpret(circuit, np.outer(psi, psi.conj()))


@given(seeded())
@steady(100)
def test_a_random_circuit_with_variables_runs_as_the_interpreter_says(source):
    circuit, psi, expected = drawn(source, 7)
    assert_alike(ran(circuit, psi), expected)


@given(seeded())
@steady(60)
def test_a_random_circuit_with_variables_and_its_deferred_form_are_one_instrument(source):
    circuit, psi, expected = drawn(source)
    assume(defer(circuit).circuit.num_qubits <= MOST_WIRES)
    assert_alike(deferred_ends(circuit, psi), expected)


@pytest.mark.parametrize("seed", range(12))
def test_the_counts_of_qiskit_aer_are_explained_by_the_interpreter(seed):
    """Wrong with probability 1e-11 each."""
    circuit, _, _ = drawn(from_seed(seed))
    try:
        counts = sampled_counts(circuit, QuantumCircuit(circuit.num_qubits), SHOTS, seed)
    except Undecidable as refusal:
        assert "too many for qiskit-aer" in str(refusal)
        return
    zero = np.zeros((2**circuit.num_qubits,) * 2)
    zero[0, 0] = 1
    expected = {record: float(np.trace(rho).real) for record, rho in interpret(circuit, zero).items()}
    assert sum(counts.values()) == SHOTS
    assert excess(counts, expected, 1e-11)[0] == 0


def test_random_circuits_reach_what_is_hard():
    names, deferred = set(), 0
    for seed in range(60):
        circuit, _, _ = drawn(from_seed(seed))
        deferred += defer(circuit).circuit.num_qubits <= MOST_WIRES
        stack = [circuit]
        while stack:
            for item in stack.pop().data:
                names.add(item.operation.name)
                stack.extend(getattr(item.operation, "blocks", ()))
    assert {"store", "while_loop", "if_else", "switch_case", "for_loop", "box", "measure", "reset"} <= names
    assert deferred > 25


# ------------------------------------------------------------------------------ by hand


def counter(bound, width=3, step=1):
    """X as often as a counter says."""
    circuit = QuantumCircuit(1, 1)
    k = circuit.add_var("k", expr.lift(0, types.Uint(width)))
    with circuit.while_loop(expr.less(k, bound)):
        circuit.x(0)
        circuit.store(k, expr.add(k, step))
    circuit.measure(0, 0)
    return circuit


@pytest.mark.parametrize("bound", range(4))
def test_a_counter_turns_its_loop_as_often_as_it_says(bound):
    zero, circuit = np.array([1.0, 0.0]), counter(bound, 2)
    assert set(run(circuit, {}, zero[None])) == {bound % 2}
    assert_alike(deferred_ends(circuit, zero), {bound % 2: np.diag([1 - bound % 2, bound % 2])})


def test_a_sum_counts_modulo_its_width():
    circuit = QuantumCircuit(1, 4)
    a = circuit.add_var("a", expr.lift(7, types.Uint(3)))
    circuit.store(a, expr.add(a, 3))
    circuit.store(circuit.cregs[0], expr.cast(expr.mul(expr.sub(a, 3), 3), types.Uint(4)))
    assert list(run(circuit, {}, [[1, 0]])) == [5]  # 7 + 3 = 2, 2 - 3 = 7, 7 * 3 = 21 = 5 modulo 8


def test_a_bodys_own_variable_is_gone_when_it_ends():
    body = QuantumCircuit(1)
    inner = body.add_var("a", expr.lift(1, types.Uint(2)))
    body.store(inner, expr.add(inner, 1))
    circuit = QuantumCircuit(1, 2)
    a = circuit.add_var("a", expr.lift(1, types.Uint(2)))
    circuit.append(IfElseOp(expr.equal(a, 1), body), [0])
    circuit.store(circuit.cregs[0], a)
    assert list(run(circuit, {}, [[1, 0]])) == [1]
    assert_alike(deferred_ends(circuit, np.array([1.0, 0.0])), {1: np.diag([1.0, 0.0])})


def test_a_store_reads_before_it_writes():
    circuit = QuantumCircuit(1, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.store(circuit.cregs[0], expr.add(expr.bit_not(circuit.cregs[0]), circuit.cregs[0]))
    assert list(run(circuit, {}, [[1, 0]])) == [3]
    assert_alike(deferred_ends(circuit, np.array([1.0, 0.0])), {3: np.diag([0.0, 1.0])})


def _again(bits=1):
    """Repeat until success."""
    circuit = QuantumCircuit(1, bits)
    with circuit.while_loop((circuit.cregs[0], 0)):
        circuit.h(0)
        circuit.measure([0] * bits, range(bits))
    return circuit


def _never_counts():
    circuit = QuantumCircuit(1, 1)
    k = circuit.add_var("k", expr.lift(0, types.Uint(20)))
    with circuit.while_loop(expr.less(k, 5)):
        circuit.x(0)
    return circuit


def _counts_round():
    return counter(7, 3, 2)  # 0 2 4 6 0


def _inside_a_condition():
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        flag = circuit.add_var("flag", expr.lift(True))
        with circuit.while_loop(flag):
            circuit.x(1)
    return circuit


def _broken():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.break_loop()
    return circuit


def _million(width=20):
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(10**9)), circuit.for_loop(range(10**9)):
        pass
    return circuit


ENDLESS = [_again, lambda: _again(8), _never_counts, _counts_round, _inside_a_condition]


@pytest.mark.parametrize("make", [*ENDLESS, _broken, _million])
@pytest.mark.parametrize("telling", ["run", "defer", "aer"])
def test_a_loop_without_a_known_bound_is_undecided_at_once(make, telling):
    circuit, start = make(), time.perf_counter()
    psi = vector(circuit.num_qubits)
    with pytest.raises(Undecidable, match=r"bound|break|unrolled"):
        if telling == "run":
            run(circuit, {}, psi[None])
        elif telling == "defer":
            defer(circuit)
        else:
            sampled_counts(circuit, QuantumCircuit(circuit.num_qubits), 1, 1)
    assert time.perf_counter() - start < 1.0


def _unset():
    circuit = QuantumCircuit(1, 1)
    a = expr.Var.new("a", types.Bool())
    circuit.add_uninitialized_var(a)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.store(a, True)
    circuit.store(circuit.clbits[0], a)
    return circuit


def _set_in_both():
    circuit = QuantumCircuit(1, 1)
    a = expr.Var.new("a", types.Bool())
    circuit.add_uninitialized_var(a)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.store(a, False)
    with otherwise:
        circuit.store(a, True)
    circuit.store(circuit.clbits[0], a)
    return circuit


def _input():
    circuit = QuantumCircuit(1, 1)
    circuit.store(circuit.clbits[0], circuit.add_input("a", types.Bool()))
    return circuit


def _float():
    circuit = QuantumCircuit(1, 1)
    circuit.add_var("a", expr.lift(1.5))
    return circuit


def _stretch():
    circuit = QuantumCircuit(1, 1)
    circuit.add_stretch("s")
    return circuit


def _beyond():
    circuit = QuantumCircuit(1, 1)
    a = circuit.add_var("a", expr.lift(3, types.Uint(2)))
    circuit.store(circuit.clbits[0], expr.index(a, a))
    return circuit


def _divided():
    circuit = QuantumCircuit(1, 1)
    a = circuit.add_var("a", expr.lift(3, types.Uint(2)))
    circuit.store(a, expr.div(a, 2))
    return circuit


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_unset, "`a` may be read before"),
        (_input, "`a` is given from outside"),
        (_float, "`a` is a `Float"),
        (_stretch, "`s` is a stretch"),
        (_beyond, r"index is [23], beyond"),
        (_divided, "not supported"),
    ],
)
@pytest.mark.parametrize("tell", [lambda c: run(c, {}, [[1, 0]]), defer])
def test_what_has_no_known_value_is_undecided_by_name(make, said, tell):
    with pytest.raises(Undecidable, match=said):
        tell(make())


def test_a_variable_that_every_branch_sets_has_a_value():
    assert list(run(_set_in_both(), {}, [[1, 0]])) == [1]


def test_the_independent_interpreter_sees_a_wrong_store():
    right, wrong = counter(3), counter(3)
    index = next(i for i, item in enumerate(wrong.data) if isinstance(item.operation, WhileLoopOp))
    loop = wrong.data[index].operation
    body = loop.blocks[0].copy_empty_like()
    for item in loop.blocks[0].data:
        op = item.operation
        body.append(Store(op.lvalue, expr.add(op.lvalue, 2)) if isinstance(op, Store) else op, item.qubits)
    wrong.data[index] = wrong.data[index].replace(operation=WhileLoopOp(loop.condition, body))
    rho = np.diag([1.0, 0.0])
    assert set(interpret(right, rho)) != set(interpret(wrong, rho))


def test_a_loop_that_only_counts_needs_no_wires():
    assert defer(counter(3, 2)).circuit.num_qubits == 2  # the wire, and the measurement at the end


def test_a_loop_whose_condition_turns_false_on_every_path_ends_there():
    circuit = QuantumCircuit(1, 2)
    k = circuit.add_var("k", expr.lift(0, types.Uint(2)))
    circuit.measure(0, 0)
    with circuit.while_loop(expr.less(k, 3)):
        circuit.x(0)
        with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
            circuit.store(k, 3)
        with otherwise:
            circuit.store(k, 3)
    circuit.measure(0, 1)
    psi = vector(1)
    assert_alike(deferred_ends(circuit, psi), interpret(circuit, np.outer(psi, psi.conj())))
    assert defer(circuit).circuit.num_qubits == 8
