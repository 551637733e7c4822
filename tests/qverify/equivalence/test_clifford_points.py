"""Clifford points: every witness replays, and equal circuits never get one."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import Clifford as QiskitClifford
from qiskit.quantum_info import Pauli

from qverify.angle_text import parse_angle
from qverify.draws import product_state
from qverify.equivalence.clifford_points import CliffordWitness, _is_sharp, clifford_witness
from qverify.semantics import expectations
from qverify.semantics.rotations import steps
from tests.qverify.equivalence.test_pauli_form import BASIS, FAMILIES

FAULTS = ("cx dropped", "cx turned", "angle negated", "rotation on the wrong wire", "wrong parameter")


def broken(circuit: QuantumCircuit, fault: str) -> QuantumCircuit:
    """A compiled circuit with one gross fault in its middle."""
    kind = "cx" if fault.startswith("cx") else "rz"
    at = [
        k
        for k, item in enumerate(circuit.data)
        if item.operation.name == kind and (kind == "cx" or getattr(item.operation.params[0], "parameters", None))
    ]
    out, chosen = circuit.copy_empty_like(), at[len(at) // 2]
    other = circuit.data[at[0]].operation.params
    for k, item in enumerate(circuit.data):
        if k != chosen:
            out.append(item)
        elif fault == "cx turned":
            out.cx(item.qubits[1], item.qubits[0])
        elif fault == "angle negated":
            out.rz(-item.operation.params[0], item.qubits[0])
        elif fault == "rotation on the wrong wire":
            out.rz(item.operation.params[0], (circuit.find_bit(item.qubits[0]).index + 1) % circuit.num_qubits)
        elif fault == "wrong parameter":
            out.rz(other[0], item.qubits[0])
    return out


def witness(a: QuantumCircuit, b: QuantumCircuit, seed: int = 1) -> CliffordWitness | None:
    names = [p.name for p in a.parameters]
    return clifford_witness(list(steps(a)), list(steps(b)), a.num_qubits, names, np.random.default_rng(seed))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_gross_fault_has_a_witness_that_replays(family: str, fault: str) -> None:
    circuit = FAMILIES[family](5)
    other = broken(transpile(circuit, basis_gates=BASIS, optimization_level=1, seed_transpiler=4), fault)
    found = witness(circuit, other)
    assert found is not None
    values = {p: [v] for p, v in found.values.items()}
    before, after = (
        expectations(c, values, [found.observable], product_state(found.letters))[0, 0] for c in (circuit, other)
    )
    assert before == pytest.approx(1.0, abs=1e-9)
    assert after == pytest.approx(found.other, abs=1e-9)
    assert found.error < 1e-9


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_right_circuit_never_has_a_witness(family: str) -> None:
    circuit = FAMILIES[family](6)
    for level in range(4):
        compiled = transpile(circuit, basis_gates=BASIS, optimization_level=level, seed_transpiler=level)
        assert witness(circuit, compiled, seed=level) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_witness_at_a_hundred_qubits_replays_in_qiskits_tableau(fault: str) -> None:
    circuit = FAMILIES["su2"](100)
    other = broken(transpile(circuit, basis_gates=BASIS, optimization_level=1, seed_transpiler=4), fault)
    found = witness(circuit, other)
    assert found is not None
    values = []
    for c in (circuit, other):
        bound = c.assign_parameters({p: found.values[p.name] for p in c.parameters})
        values.append(expectation_in_tableau(bound, found))
    assert values == [1.0, found.other]


def expectation_in_tableau(circuit: QuantumCircuit, found: CliffordWitness) -> float:
    """<Q> after a Clifford circuit from a product state, through Qiskit's tableau."""
    n = circuit.num_qubits
    letter, k = found.observable[0], int(found.observable[1:])
    word = Pauli("I" * (n - 1 - k) + letter + "I" * k).evolve(QiskitClifford(as_cliffords(circuit)), frame="h")
    value = 1.0 if word.phase == 0 else -1.0
    for j in range(n):
        xz = (bool(word.x[j]), bool(word.z[j]))
        state = found.letters[j]
        axis = {"0": (False, True), "1": (False, True), "+": (True, False), "-": (True, False)}.get(
            state, (True, True)
        )
        if xz == (False, False):
            continue
        if xz != axis:
            return 0.0
        value *= -1.0 if state in "1-l" else 1.0
    return value


def as_cliffords(circuit: QuantumCircuit) -> QuantumCircuit:
    """The same circuit with rotations by quarter turns written as Clifford gates."""
    out = QuantumCircuit(circuit.num_qubits)
    for item in circuit.data:
        name, wires = item.operation.name, item.qubits
        at = [circuit.find_bit(q).index for q in wires]
        if name in ("rx", "ry", "rz"):
            turns = round(float(item.operation.params[0]) / (np.pi / 2)) % 4
            if name == "ry":
                out.sdg(at[0])
            if name in ("rx", "ry"):
                out.h(at[0])
            for _ in range(turns):
                out.s(at[0])
            if name in ("rx", "ry"):
                out.h(at[0])
            if name == "ry":
                out.s(at[0])
        else:
            getattr(out, name)(*at)
    return out


@pytest.mark.parametrize(
    ("text", "sharp"),
    [
        ("arctan(x)", True),
        ("arctan(x**2)", True),
        ("2*arctan(x) + y", True),
        ("x", False),
        ("arctan(x) + x", False),
        ("arctan(x + z)", False),
        ("sin(x)", False),
    ],
)
def test_huge_value_is_trusted_only_inside_a_flat_function(text: str, sharp: bool) -> None:
    """At 1e16 a multiple of pi/2 is mere rounding, and so is a difference of two such values."""
    values = {"x": 1e16, "y": np.pi / 2, "z": -1e16 + 2}
    assert _is_sharp(parse_angle(text, values), values, huge_allowed=False) == sharp
