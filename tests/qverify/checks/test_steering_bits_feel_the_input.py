"""The check `steering_bits_feel_the_input`: coins by proof, by exact arithmetic, and what is no coin."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import Parameter, QuantumCircuit

from tests.oracles import LETTERS, evolve, kron_all
from tests.strategies import seeded, steady
from tests.subjects import judged, subject_of, subject_with

CHECK = "steering_bits_feel_the_input"
HEAD = "input float[64] x; input float[64] a; input float[64] b; qubit[2] q; bit[2] c; "
CLAIMS = {"features": ["x"], "weights": ["a", "b"], "zero_wires": [0]}
STEER = "c[1] = measure q[0]; if (c[1]) { ry(b) q[1]; }"
TELEPORT = (
    "qubit[3] q; bit[2] c; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1];"
    "if (c[1]) { x q[2]; } if (c[0]) { z q[2]; }"
)


@pytest.mark.parametrize(
    "gates",
    [
        "ry(x) q[0];",  # a feature
        "cx q[1], q[0]; ry(a) q[0];",  # the state of the other wire
        "ry(a * x) q[0];",
        "h q[0]; cx q[0], q[1]; ry(a) q[1]; cx q[1], q[0];",
        "ry(a) q[0]; cx q[0], q[1]; ry(b) q[0]; cx q[0], q[1]; ry(a) q[0];",  # interference makes it felt
    ],
)
def test_bit_that_feels_what_comes_in_passes(gates: str) -> None:
    assert judged(CHECK, subject_of(HEAD + gates + STEER, **CLAIMS)).verdict == "pass"


@pytest.mark.parametrize(
    ("gates", "strength"),
    [
        ("ry(a) q[0];", "proof"),
        ("cx q[0], q[1]; ry(a) q[0];", "proof"),  # the trap: a control in |0>
        ("ry(x) q[0]; c[0] = measure q[0]; reset q[0]; cx q[0], q[1]; ry(a) q[0];", "proof"),
        ("ry(x) q[0]; c[0] = measure q[0]; if (c[0]) { x q[0]; } cx q[0], q[1]; ry(a) q[0];", "proof"),
        # P(1) depends on the bit before, and on nothing else
        ("ry(x) q[0]; c[0] = measure q[0]; reset q[0]; if (c[0]) { ry(a) q[0]; } else { ry(b) q[0]; }", "proof"),
        ("ry(x) q[0]; ry(a) q[0]; ry(-x) q[0];", "exact"),
        ("h q[0]; cx q[0], q[1]; cx q[0], q[1]; ry(a) q[0];", "exact"),
        ("cx q[1], q[0]; cx q[1], q[0]; ry(a) q[0];", "exact"),
    ],
)
def test_coin_fails_and_is_named(gates: str, strength: str) -> None:
    found = judged(CHECK, subject_of(HEAD + gates + STEER, **CLAIMS))
    (evidence,) = found.finding.evidence
    assert found.verdict == "fail"
    assert evidence.where.startswith("measure q0 -> c1 (line 3), whose probability of 1 is ")
    assert "steers if on c1 (line 3)" in evidence.where
    assert evidence.strength == strength
    assert evidence.counterexample is not None


def test_two_inputs_of_the_counterexample_have_the_same_chance() -> None:
    subject = subject_of(HEAD + "cx q[0], q[1]; ry(a) q[0]; " + STEER, **CLAIMS)
    example = judged(CHECK, subject).finding.evidence[0].counterexample
    assert example is not None
    first, second = example.input.split(" and ")
    assert first != second
    p, q = (float(word.strip(",")) for word in example.observed.split() if word[0].isdigit())
    assert p == pytest.approx(q, abs=1e-9) == pytest.approx(np.sin(example.values["a"] / 2) ** 2, abs=1e-5)


def test_parameter_that_nobody_calls_a_weight_may_be_an_input() -> None:
    body = HEAD + "ry(a) q[0]; " + STEER
    assert judged(CHECK, subject_of(body, zero_wires=[0])).verdict == "pass"
    assert judged(CHECK, subject_of(body, zero_wires=[0], weights=["a", "b", "x"])).verdict == "fail"


def test_teleportation_is_no_coin() -> None:
    assert judged(CHECK, subject_of(TELEPORT, zero_wires=[1, 2])).verdict == "pass"


def test_outcome_that_only_the_state_left_feels_is_undecided_where_features_are_claimed() -> None:
    body = HEAD + "ry(a) q[0]; cx q[0], q[1]; ry(x) q[1]; " + STEER
    found = judged(CHECK, subject_of(body, **CLAIMS))
    assert found.verdict == "inconclusive"
    assert "only the state it leaves feels the outcome" in found.finding.evidence[0].where


def test_copy_of_a_bit_is_no_coin() -> None:
    assert judged(CHECK, subject_of(HEAD + "ry(x) q[0]; c[0] = measure q[0]; " + STEER, **CLAIMS)).verdict == "pass"


def test_coin_that_steers_nothing_passes() -> None:
    body = HEAD + "ry(a) q[0]; c[1] = measure q[0]; ry(x) q[1]; c[0] = measure q[1]; if (c[0]) { x q[1]; }"
    assert judged(CHECK, subject_of(body, **CLAIMS)).verdict == "pass"


def test_coin_is_proved_at_any_width_and_the_rest_is_undecided_there() -> None:
    wide = "qubit[30] q; bit c; reset q[0]; {} h q[0]; c = measure q[0]; if (c) {{ x q[1]; }}"
    assert judged(CHECK, subject_of(wide.format("cx q[0], q[1];"))).verdict == "fail"
    assert judged(CHECK, subject_of(wide.format("cx q[1], q[0];"))).verdict == "inconclusive"


def test_dependence_beside_what_is_seen() -> None:
    bodies = [f"{HEAD} ry(a + {slope} * x) q[0]; {STEER}" for slope in ("1e-3", "1e-7")]
    verdicts = [judged(CHECK, subject_of(body, **CLAIMS)).verdict for body in bodies]
    assert verdicts == ["pass", "inconclusive"]


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "ry(a) q[0]; " + STEER, **CLAIMS)
    assert judged(CHECK, subject, at_most=1).verdict == "pass"
    assert judged(CHECK, subject, at_most=0).verdict == "fail"


@pytest.mark.parametrize(
    ("body", "claims"),
    [
        ("qubit q; h q;", {}),
        ("qubit q; bit c; h q; c = measure q;", {}),
        ("qubit[2] q; bit c; h q[0]; c = measure q[0]; if (c) { x q[1]; }", {"zero_wires": [0, 1]}),
    ],
)
def test_circuit_without_a_branch_or_without_an_input_is_not_applicable(
    body: str, claims: dict[str, object]
) -> None:
    assert judged(CHECK, subject_of(body, **claims)).verdict == "not_applicable"


def is_coin(circuit: QuantumCircuit) -> bool:
    """By density matrices: the chance of 1 and the state left on wire 1, for some features and inputs."""
    chances, gaps = [], [0.0]
    for x, letter in itertools.product((-0.8, 0.1, 0.7), "01+r"):
        bound = circuit.assign_parameters({"x": x, "a": 0.77, "b": 1.9}, strict=False)
        psi = kron_all([LETTERS["0"][:, None], LETTERS[letter][:, None]])
        ends = evolve(bound, (psi @ psi.conj().T)[None])
        left = [ends.get(k, np.zeros((1, 4, 4)))[0].reshape(2, 2, 2, 2).trace(axis1=1, axis2=3) for k in (0, 1)]
        p = [np.trace(rho).real for rho in left]
        chances.append(p[1])
        if min(p) > 1e-9:
            gaps.append(float(np.abs(left[0] / p[0] - left[1] / p[1]).max()))
    return max(chances) - min(chances) < 1e-9 and max(gaps) < 1e-9 and 1e-9 < chances[0] < 1 - 1e-9


@steady(40)
@given(seeded())
def test_random_block_is_called_a_coin_exactly_if_density_matrices_say_so(source) -> None:
    x, a, b = (Parameter(name) for name in "xab")
    circuit = QuantumCircuit(2, 1)
    for _ in range(source.randint(1, 5)):
        kind = source.choice(["to", "from", "from", "a", "b", "x", "h", "reset", "other"])
        if kind in ("to", "from"):
            circuit.cx(*((1, 0) if kind == "to" else (0, 1)))
        elif kind == "reset":
            circuit.reset(0)
        elif kind == "h":
            circuit.h(0)
        elif kind == "other":
            circuit.ry(b, 1)
        else:
            circuit.ry({"a": a, "b": b, "x": x}[kind], 0)
    circuit.measure(0, 0)
    coin = is_coin(circuit)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.rz(x, 1)
    weights = [p.name for p in circuit.parameters if p.name != "x"]
    evidence = judged(
        CHECK, subject_with(circuit, features=["x"], weights=weights, zero_wires=[0])
    ).finding.evidence
    assert evidence[0].lo == coin
