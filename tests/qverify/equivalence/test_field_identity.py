"""The identity test over a prime field: no false agreement, and the constants it knows agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2
from qiskit.circuit.random import random_circuit

from qverify.equivalence.distance import Side, distance
from qverify.equivalence.field_identity import field_identity
from qverify.equivalence.primes import ORDER, field_for
from qverify.errors import Undecidable

x, y = Parameter("x"), Parameter("y")
BASIS = ["rz", "sx", "x", "cx"]


def circuit(build, n: int = 2) -> QuantumCircuit:  # type: ignore[no-untyped-def]
    out = QuantumCircuit(n)
    build(out)
    return out


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_field_is_a_prime_with_its_roots(seed: str) -> None:
    field = field_for(seed)
    assert field.p.bit_length() == 256
    assert all(
        pow(base, field.p - 1, field.p) == 1 for base in (2, 3, 5, 7)
    )  # Fermat, another test than the code's
    assert pow(field.zeta, ORDER, field.p) == 1
    assert pow(field.zeta, ORDER // 2, field.p) == field.p - 1


def test_same_seed_meets_the_same_prime() -> None:
    assert field_for("pair") == field_for("pair") != field_for("other pair")


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_compiled_circuit_agrees_for_all_angles(level: int) -> None:
    one = efficient_su2(5, reps=2)
    found = field_identity(one, transpile(one, basis_gates=BASIS, optimization_level=level, seed_transpiler=2), "s")
    assert found is not None
    assert found.chance < 1e-12


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (lambda c: c.rz(x + 0.7, 0), lambda c: c.rz(x - 0.7, 0), False),
        (lambda c: c.rz(x + 0.3, 0), lambda c: (c.rz(x, 0), c.rz(0.1, 0), c.rz(0.2, 0)), True),
        (lambda c: c.rz((x**2).arctan(), 0), lambda c: c.rz(x.arctan(), 0), False),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x + 2 * math.pi, 0, 1), False),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x + 4 * math.pi, 0, 1), True),
        (lambda c: c.cx(0, 1), lambda c: c.cx(0, 1, ctrl_state=0), False),
        (lambda c: (c.rx(x / 2, 0), c.rx(x / 2, 0)), lambda c: c.rx(x, 0), True),
        (lambda c: (c.h(0), c.rz(x, 0), c.h(0)), lambda c: c.rx(x, 0), True),
        (lambda c: (c.ry(-math.pi / 2, 0), c.rz(x, 0), c.ry(math.pi / 2, 0)), lambda c: c.rx(x, 0), True),
        (lambda c: (c.ry(x, 0), c.rz(y, 0)), lambda c: (c.rz(y, 0), c.ry(x, 0)), False),
        (lambda c: c.ccz(0, 1, 2), lambda c: (c.h(2), c.ccx(0, 1, 2), c.h(2)), True),
        (lambda c: c.rx(x, 0), lambda c: c.rx(x + 1e-8, 0), False),
    ],
)
def test_pair_agrees_exactly_when_it_is_equal_for_all_angles(left, right, same: bool) -> None:  # type: ignore[no-untyped-def]
    assert (field_identity(circuit(left, 3), circuit(right, 3), "seed") is not None) == same


@pytest.mark.parametrize("block", range(6))
def test_random_circuits_never_agree_falsely(block: int) -> None:
    for seed in range(30 * block, 30 * block + 30):
        one, other = (
            random_circuit(3, 3, max_operands=2, seed=seed),
            random_circuit(3, 3, max_operands=2, seed=seed + 1),
        )
        rng = np.random.default_rng(seed)
        compiled = transpile(one, basis_gates=BASIS, optimization_level=int(rng.integers(3)), seed_transpiler=seed)
        for candidate in (other, compiled):
            if field_identity(one, candidate, str(seed)) is not None:
                assert distance(Side(one), Side(candidate), {}, "unitary").lo < 1e-9


def test_work_is_counted_before_it_is_done() -> None:
    wide = QuantumCircuit(24)
    wide.h(range(24))
    with pytest.raises(Undecidable, match="field operations are too many"):
        field_identity(wide, wide, "s")
