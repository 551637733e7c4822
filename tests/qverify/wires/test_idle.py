"""`qverify idle`: what is called idle can go, what is complete misses nothing, schedules are those of the gates."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from math import pi

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Gate
from qiskit.circuit.library import CXGate, RZGate, SXGate
from qiskit.transpiler import InstructionProperties, Target

from benchmarks.cells import answered, chen_reused, chen_separate, mcmc
from benchmarks.wires_truth import wrong
from qverify.errors import Unusable
from qverify.wires import borrowed as borrowed_rows
from qverify.wires import kernels
from qverify.wires.asked import idle_of
from qverify.wires.borrowed import borrowed
from qverify.wires.durations import Assumed, FromTarget, entangling, layers
from qverify.wires.flat import flat_of
from qverify.wires.idle import Idle, Question, idle
from qverify.wires.kinds import ANY, MINUS, MIXED, NOTHING, ONE, PLUS, ZERO, Kind, entry
from qverify.wires.schedule import critical_path, planned
from tests.strategies import from_seed, static_circuit
from tests.subjects import subject_with


def asked(circuit: QuantumCircuit, **options) -> Idle:
    everything = frozenset(range(circuit.num_qubits))
    return idle(circuit, Question(everything, frozenset(range(circuit.num_clbits)), everything, **options))


def kinds(circuit: QuantumCircuit) -> dict[str, int]:
    return {kind: number for kind, number in asked(circuit).found.items() if number}


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_nothing_that_is_called_idle_is_needed_and_nothing_complete_is_missed(first: int) -> None:
    counts = Counter[str]()
    for number in range(first, first + 10):
        assert list(wrong(number, counts)) == []


@pytest.mark.parametrize("seed", range(25))
def test_layers_and_two_qubit_depth_are_those_of_qiskit(seed: int) -> None:
    source = from_seed(seed)
    circuit = static_circuit(source, source.randint(1, 5), source.randint(0, 30), composites=False)
    circuit.measure_all()
    circuit.global_phase = 0
    flat = flat_of(circuit)
    assert planned(flat, layers()).total == circuit.depth()
    assert planned(flat, entangling()).total == circuit.depth(
        lambda item: item.operation.num_qubits > 1 and item.operation.name != "barrier"
    )


@pytest.mark.parametrize("seed", range(10))
def test_critical_path_is_a_chain_from_start_to_end(seed: int) -> None:
    circuit = static_circuit(from_seed(seed), 4, 30, composites=False)
    flat = flat_of(circuit)
    plan = planned(flat, layers())
    rows = critical_path(flat, plan)
    assert plan.begins[rows].tolist() == list(range(len(rows)))
    assert len(rows) == plan.total
    assert all(set(flat.qubits(a)) & set(flat.qubits(b)) for a, b in pairwise(rows))


def test_rows_from_memory_are_those_from_python_objects() -> None:
    circuit = static_circuit(from_seed(3), 5, 400)
    circuit.add_bits(QuantumCircuit(0, 5).clbits)
    circuit.append(Gate("cx", 2, []), [0, 1])  # a gate of the same name that is another one
    circuit.append(CXGate(ctrl_state=0), [0, 1])
    circuit.measure([0, 1, 2], [2, 1, 0])
    circuit.delay(3, 0, "ns")
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.h(2)
    ours, theirs = flat_of(circuit), borrowed(circuit)
    for name in ("first", "wires", "bit_first", "bits", "top"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    assert [ours.name(i) for i in range(len(ours))] == [theirs.name(i) for i in range(len(theirs))]
    mine, other = ([f.kinds[c - 5] if c > 4 else c for c in f.code.tolist()] for f in (ours, theirs))
    assert mine == other
    assert (ours.delays, [e.name for e in ours.events.values()]) == (theirs.delays, ["if_else"])
    assert list(ours.events) == list(theirs.events)


def test_compiled_loops_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    circuit, _ = chen_reused()
    plain = asked(circuit)
    monkeypatch.setattr(kernels, "COMPILED_FROM", 0)
    monkeypatch.setattr(borrowed_rows, "FROM", 0)
    assert asked(circuit) == plain


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (Kind("cx", 2, 0, ()), (ZERO, ANY), (ZERO, ANY, True)),
        (Kind("cx", 2, 0, ()), (ANY, PLUS), (ANY, PLUS, True)),
        (Kind("cx", 2, 0, ()), (PLUS, MINUS), (MINUS, MINUS, False)),
        (Kind("cx", 2, 0, ()), (MIXED, ZERO), (MIXED, MIXED, False)),
        (Kind("cx", 2, 0, ()), (PLUS, ZERO), (ANY, ANY, False)),
        (Kind("swap", 2, 0, ()), (ONE, ANY), (ANY, ONE, False)),
        (Kind("crx", 2, 1, None), (ONE, ANY), (ONE, ANY, False)),
        (Kind("crx", 2, 1, None), (MIXED, PLUS), (MIXED, PLUS, True)),
    ],
)
def test_entry_of_a_gate(kind, before, after) -> None:
    found = entry(kind, before[0] | before[1] << 3)
    assert (found & 7, found >> 3 & 7, bool(found & NOTHING)) == after


def _bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.reset(0)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    return circuit


def test_each_kind_is_found_and_named() -> None:
    assert kinds(_bell()) == {"gate without effect": 1, "reset of a fresh wire": 1}
    wasted = QuantumCircuit(3, 1)
    wasted.cx(0, 1)  # the control is |0>
    wasted.h(0)
    wasted.h(0)
    wasted.rz(0.1, 1)
    wasted.rz(0.2, 1)
    wasted.measure(1, 0)
    wasted.h(0)
    wasted.measure(0, 0)
    found = asked(wasted)
    assert {k: v for k, v in found.found.items() if v} == {
        "untouched": 1, "constant": 1, "wider than used": 1, "gate without effect": 3, "certain outcome": 1,
        "unread measurement": 1, "rotations that merge": 1, "pair that cancels": 1,
    }  # fmt: skip
    first = next(f for f in found.findings if f.kind == "gate without effect")
    assert (first.where, first.reason) == ("cx q0, q1 (index 0)", "q0 is |0> and q1 is |0>")


def test_pairs_that_a_pair_uncovers_cancel_too_and_barriers_stand_between() -> None:
    nested = QuantumCircuit(1)
    for gate in "htth":
        getattr(nested, {"t": "t", "h": "h"}[gate])(0)
    nested.data[2] = nested.data[2].replace(operation=nested.data[1].operation.inverse())
    assert asked(nested).found["pair that cancels"] == 2
    apart = QuantumCircuit(1)
    apart.x(0)
    apart.barrier(0)
    apart.x(0)
    assert asked(apart).found["pair that cancels"] == 0


def test_angles_that_are_quarter_turns_are_known_and_others_are_not() -> None:
    circuit = QuantumCircuit(2)
    circuit.ry(pi, 0)
    circuit.ry(0.3, 1)
    ends = [use.ends_in for use in asked(circuit).qubits]
    assert ends == ["|1>", ""]


def test_opaque_gate_uses_everything_it_touches() -> None:
    circuit = QuantumCircuit(3)
    circuit.append(Gate("secret", 3, []), [0, 1, 2])
    found = idle(circuit, Question(frozenset({0}), frozenset(), frozenset(range(3))))
    assert [use.status for use in found.qubits] == ["busy"] * 3
    assert found.totals.two_qubit_gates == 1


def _target(cx: float | None = 3e-7, n: int = 2) -> Target:
    target = Target(num_qubits=n, dt=1e-9)
    target.add_instruction(SXGate(), {(k,): InstructionProperties(duration=4e-8) for k in range(n)})
    target.add_instruction(RZGate(0.0), {(k,): InstructionProperties(duration=0.0) for k in range(n)})
    target.add_instruction(CXGate(), {(0, 1): InstructionProperties(duration=cx)})
    return target


def _short() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.delay(10, 1)
    return circuit


def test_durations_come_from_a_target() -> None:
    found = asked(_short(), durations=FromTarget(_target()))
    assert found.totals.duration == pytest.approx(350)
    assert found.qubits[1].idle_fraction == pytest.approx(50 / 350)
    assert found.durations == "target"


@pytest.mark.parametrize(
    ("durations", "said"),
    [
        (lambda: FromTarget(_target(None)), "gives no duration for `cx` on qubits 0, 1"),
        (lambda: FromTarget(_target(-1e-9)), "it must be zero or more"),
        (lambda: FromTarget(Target(num_qubits=1)), "the target has 1 qubits"),
        (lambda: Assumed(two=-1.0), "a duration is a number, zero or more"),
        (Assumed, "no known length"),
    ],
)
def test_missing_and_negative_durations_are_one_sentence(durations, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        asked(_short(), durations=durations())


def test_branch_takes_its_latency_and_is_a_point_that_waits() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    found = asked(circuit)
    assert found.totals.duration == 1000 + 650 + 32
    assert [(w.bits, w.start) for w in found.feed_forward] == [((0,), 1000.0)]
    assert found.qubits[1].waits == pytest.approx(650 / 1682)


def test_reusable_qubits_end_before_others_begin() -> None:
    circuit = QuantumCircuit(2, 2)
    for k in range(2):
        circuit.h(k)
        circuit.measure(k, k)
    assert [(r.index, r.other) for r in asked(circuit).reusable] == [(0, (1,))]


def test_encodings_in_bodies_are_counted() -> None:
    found = answered(*mcmc())
    assert len(found.encodings["x"]) == 6
    assert (found.totals.two_qubit_gates, found.totals.live) == (9, 3)


def test_reused_registers_hold_the_same_gates_on_a_sixth_of_the_qubits() -> None:
    apart, reused = answered(*chen_separate()).totals, answered(*chen_reused()).totals
    assert (apart.live, reused.live) == (24, 4)
    assert apart.two_qubit_gates == reused.two_qubit_gates
    assert apart.busy_share < reused.busy_share


def test_claims_say_what_is_read_and_where_wires_start() -> None:
    circuit = QuantumCircuit(2)
    circuit.h([0, 1])
    assert [u.status for u in idle_of(subject_with(circuit, observables=["Z0"])).qubits] == ["busy", "dead"]
    assert idle_of(subject_with(circuit, observables=["Z0"])).input == "any"
    assert idle_of(subject_with(circuit)).input == "zero"


def test_compiled_circuit_has_no_pair_that_cancels() -> None:
    circuit = static_circuit(from_seed(5), 3, 20, composites=False)
    done = transpile(circuit, basis_gates=["cx", "rz", "sx", "x"], optimization_level=2, seed_transpiler=1)
    assert asked(done).found["pair that cancels"] == 0


def _command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qverify.cli", "idle", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_command_answers_in_the_promised_keys() -> None:
    done = _command("tests/refused/no_idle_qubits.qasm", "--format", "json")
    value = json.loads(done.stdout)
    assert done.returncode == 0
    assert [q["status"] for q in value["qubits"]] == ["busy", "busy", "untouched", "busy"]
    assert {"index", "status", "idle_fraction"} <= set(value["qubits"][0])
    assert {"reusable", "critical_path"} <= set(value)


def test_command_refuses_what_it_cannot_read_in_one_line() -> None:
    done = _command("tests/refused/nothing.qasm")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
