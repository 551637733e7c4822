"""Cluster cancellation: its interval always holds the truth, and one fault's distance comes out exactly."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import UnitaryGate, efficient_su2, real_amplitudes
from qiskit.transpiler import CouplingMap

from qverify.equivalence import clusters
from qverify.equivalence.clusters import ClusterResult, compare_bound
from qverify.equivalence.distance import Side, distance
from qverify.errors import Undecidable
from qverify.layout import layout_undone
from tests.qverify.equivalence.test_pauli_form import BASIS, qlstm
from tests.strategies import angle, gate, static_circuit

TOLERANCE = 1e-8


def bound(circuit: QuantumCircuit, seed: int = 0) -> QuantumCircuit:
    angles = np.random.default_rng(seed).uniform(-math.pi, math.pi, circuit.num_parameters)
    return circuit.assign_parameters(angles)


def compiled(circuit: QuantumCircuit, level: int, line: bool = False) -> QuantumCircuit:
    coupling = CouplingMap.from_line(circuit.num_qubits) if line else None
    other = transpile(
        circuit, basis_gates=BASIS, coupling_map=coupling, optimization_level=level, seed_transpiler=1
    )
    return layout_undone(other)


def faulty(circuit: QuantumCircuit, source: Random) -> QuantumCircuit:
    """A rotation put in, a gate dropped, turned or moved, or wires permuted at the end."""
    out, n = circuit.copy_empty_like(), circuit.num_qubits
    kind, at = source.randrange(4), source.randrange(max(1, len(circuit.data)))
    for index, item in enumerate(circuit.data):
        if index != at or kind == 3:
            out.append(item)
        elif kind == 0:
            out.append(item)
            getattr(out, source.choice(["rx", "ry", "rz"]))(10.0 ** -source.randint(1, 8), source.randrange(n))
        elif kind == 1 and item.operation.num_qubits <= n:
            out.append(item.operation, source.sample(range(n), item.operation.num_qubits))
    if kind == 3:
        a, b = source.sample(range(n), 2)
        out.swap(a, b)
    return out


def checked(a: QuantumCircuit, b: QuantumCircuit, **more: int) -> ClusterResult:
    """The result, after comparing everything in it with dense matrices."""
    found = compare_bound(a, b, tolerance=TOLERANCE, **more)
    truth = distance(Side(a), Side(b), {}, "unitary")
    assert found.lo <= truth.hi + 1e-14
    assert truth.lo <= found.hi + 1e-14
    assert (found.verdict == "equal") == (found.hi <= TOLERANCE)
    assert (found.verdict == "different") == (found.lo > TOLERANCE)
    U, V = (Side(side).map({}, "unitary")[0][0] for side in (a, b))
    overlap = np.vdot(U, V)
    phase = overlap / abs(overlap) if abs(overlap) > 1e-9 else 1.0
    sine2 = np.linalg.norm(U * phase - V) ** 2 / len(U) / 2  # 1 - |tr| / d, without cancellation
    infidelity = sine2 * (2 - sine2)
    assert found.infidelity.lo <= infidelity + 1e-12
    assert infidelity <= found.infidelity.hi + 1e-12
    return found


@pytest.mark.parametrize("block", range(12))
def test_interval_holds_the_truth_for_compiled_and_damaged_circuits(block: int) -> None:
    stuck = 0
    for seed in range(25 * block, 25 * block + 25):
        source = Random(seed)  # noqa: S311  # the same circuits in every run
        one = static_circuit(source, 2 + seed % 5, source.randint(2, 14))
        other = compiled(one, seed % 4, line=seed % 3 == 0)
        if seed % 2:
            other = faulty(other, source)
        found = checked(one, other)
        stuck += found.verdict == "stuck"
    assert stuck == 0


@pytest.mark.parametrize("block", range(4))
def test_small_clusters_and_little_effort_never_give_a_wrong_answer(block: int) -> None:
    """Circuits with two faults, and limits that stop the walks half-way."""
    for seed in range(20 * block, 20 * block + 20):
        source = Random(1000 + seed)  # noqa: S311  # the same circuits in every run
        one = QuantumCircuit(6)
        for _ in range(40):
            op = gate(source, 2, angle)
            one.append(op, source.sample(range(6), op.num_qubits))
        other = faulty(faulty(compiled(one, 1), source), source)
        checked(one, other, max_cluster=2 + seed % 4, max_operations=10 ** (4 + seed % 5))


@pytest.mark.parametrize("block", range(4))
def test_hops_and_light_cones_never_give_a_wrong_answer(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A middle that may hold next to nothing, so that small circuits need what wide ones need."""
    for seed in range(15 * block, 15 * block + 15):
        source = Random(2000 + seed)  # noqa: S311  # the same circuits in every run
        one = static_circuit(source, source.randint(3, 6), source.randint(5, 25))
        other = compiled(one, seed % 4)
        for _ in range(seed % 4):
            other = faulty(other, source)
        monkeypatch.setattr(clusters, "WIDEST_MIDDLE", 1 + seed % 3)
        monkeypatch.setattr(clusters, "RELAXED", source.choice([(3e-6, 1e-3), (1e-4, 0.3), (0.1, 2.0)]))
        checked(one, other, max_cluster=2 + seed % 3)


@pytest.mark.parametrize("axis", ["rx", "ry", "rz"])
@pytest.mark.parametrize("exponent", range(1, 9))
def test_distance_of_one_extra_rotation_is_exact_at_any_width(axis: str, exponent: int) -> None:
    t = 10.0**-exponent
    circuit = bound(efficient_su2(12, reps=2, entanglement="circular"))
    other, middle = circuit.copy_empty_like(), len(circuit.data) // 2
    for index, item in enumerate(circuit.data):
        other.append(item)
        if index == middle:
            getattr(other, axis)(t, 5)
    found = compare_bound(circuit, compiled(other, 1), tolerance=t / 10)
    truth = 2 * math.sin(t / 4)
    assert found.verdict == "different"
    assert found.lo <= truth <= found.hi
    assert found.hi - found.lo < 1e-10
    assert found.infidelity.lo <= math.sin(t / 2) ** 2 <= found.infidelity.hi
    assert found.where


@pytest.mark.parametrize("family", ["qlstm", "su2", "real"])
@pytest.mark.parametrize("line", [False, True])
def test_fifty_qubits_compiled_are_equal_and_a_dropped_cnot_is_found(family: str, line: bool) -> None:
    built = {
        "qlstm": lambda: qlstm(50, 2),
        "su2": lambda: efficient_su2(50, reps=2, entanglement="circular"),
        "real": lambda: real_amplitudes(50, reps=2),
    }[family]()
    circuit = bound(built)
    other = compiled(circuit, 2, line)
    assert compare_bound(circuit, other).verdict == "equal"
    at = [k for k, item in enumerate(other.data) if item.operation.name == "cx"][60]
    dropped = other.copy_empty_like()
    for k, item in enumerate(other.data):
        if k != at:
            dropped.append(item)
    found = compare_bound(circuit, dropped)
    assert found.verdict == "different"
    assert found.lo == pytest.approx(math.sqrt(2), abs=1e-9)
    assert found.infidelity.lo == pytest.approx(0.75, abs=1e-9)


def test_defects_far_apart_are_bounded_from_both_sides() -> None:
    circuit = bound(real_amplitudes(20, reps=3))
    other = circuit.copy()
    other.rz(1e-3, 19)
    other.data.insert(0, other.data[0].replace(operation=QuantumCircuit(1).rx(1e-5, 0)[0].operation))
    found = compare_bound(circuit, other)
    assert found.verdict == "different"
    assert found.lo <= 2 * math.sin(1e-3 / 4) + 0.5e-5
    assert found.hi >= 2 * math.sin(1e-3 / 4) - 0.5e-5
    assert found.hi - found.lo < 2.1e-5


def test_tolerance_separates_equal_from_different() -> None:
    circuit, other = QuantumCircuit(3), QuantumCircuit(3)
    for c in (circuit, other):
        c.h(0)
        c.cx(0, 1)
        c.cx(1, 2)
    other.rz(4e-6, 1)  # at distance 2 sin(1e-6)
    assert compare_bound(circuit, other, tolerance=2.001e-6).verdict == "equal"
    assert compare_bound(circuit, other, tolerance=1.999e-6).verdict == "different"


def test_same_pair_gives_the_same_result_every_time() -> None:
    circuit = bound(qlstm(10, 2))
    other = compiled(circuit, 3, line=True)
    other.rx(1e-5, 3)
    assert len({str(compare_bound(circuit, other)) for _ in range(3)}) == 1


def test_unrelated_circuits_within_little_effort_are_stuck_and_say_so() -> None:
    one, other = (bound(efficient_su2(30, reps=3, entanglement="circular"), seed) for seed in (1, 2))
    found = compare_bound(one, other, max_operations=3_000_000)
    assert found.verdict == "stuck"
    assert found.lo <= TOLERANCE < found.hi
    assert found.message
    assert found.operations < 40_000_000


def test_matrices_given_as_they_are_compare() -> None:
    circuit, other = QuantumCircuit(3), QuantumCircuit(3)
    circuit.rxx(0.3, 0, 2)
    circuit.ry(0.2, 1)
    matrix = QuantumCircuit(2)
    matrix.rxx(0.3, 0, 1)
    from qiskit.quantum_info import Operator

    other.append(UnitaryGate(Operator(matrix).data), [2, 0])
    other.ry(0.2, 1)
    assert compare_bound(circuit, other).verdict == "equal"


def test_exchanged_output_wires_are_different_at_any_width() -> None:
    circuit = bound(real_amplitudes(50, reps=2))
    other = circuit.copy()
    for k in range(49):
        other.swap(k, k + 1)
    found = compare_bound(circuit, other)
    assert found.verdict == "different"
    assert found.lo > 0.99


def test_two_faults_one_behind_the_other_are_seen_from_a_light_cone() -> None:
    circuit = bound(qlstm(30, 3))
    other = compiled(circuit, 1)
    at = [k for k, item in enumerate(other.data) if item.operation.name == "cx"]
    dropped = other.copy_empty_like()
    for k, item in enumerate(other.data):
        if k not in (at[20], at[50]):
            dropped.append(item)
    found = compare_bound(circuit, dropped)
    assert found.verdict == "different"
    assert found.lo > 0.5


def test_circuit_without_gates_equals_its_swaps_undone() -> None:
    other = QuantumCircuit(40)
    other.swap(0, 39)
    other.swap(39, 0)
    assert compare_bound(QuantumCircuit(40), other).verdict == "equal"


def measured() -> QuantumCircuit:
    out = QuantumCircuit(2, 1)
    out.measure(0, 0)
    return out


def with_parameter() -> QuantumCircuit:
    out = QuantumCircuit(2)
    out.rz(Parameter("x"), 0)
    return out


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (QuantumCircuit(3), "do not compare"),
        (measured(), "`measure`"),
        (with_parameter(), "bind them"),
    ],
)
def test_what_is_no_bound_circuit_of_gates_is_undecidable(other: QuantumCircuit, said: str) -> None:
    with pytest.raises(Undecidable, match=said):
        compare_bound(QuantumCircuit(2), other)


def test_circuits_without_wires_are_undecidable() -> None:
    with pytest.raises(Undecidable, match="without wires"):
        compare_bound(QuantumCircuit(0), QuantumCircuit(0))
