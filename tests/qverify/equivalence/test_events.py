"""Probabilities of events against the reference semantics; what is called different is different, and shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from qiskit import ClassicalRegister, QuantumCircuit, transpile

from benchmarks.feed_forward import fourier, iterative_phase_estimation
from qverify import load_subject
from qverify.draws import LETTERS, product_state
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.events import chance, telling_event
from qverify.equivalence.factors import Product
from qverify.equivalence.narrow import felt, steps_of
from qverify.equivalence.question import paired
from qverify.equivalence.records import draw, probability
from qverify.errors import Undecidable
from qverify.semantics import run
from tests.classical import program
from tests.strategies import dynamic_circuit, seeded, static_circuit, steady
from tests.subjects import subject_of, subject_with

TURN: dict[str, list[tuple[str]]] = {"X": [("h",)], "Y": [("sdg",), ("h",)], "Z": []}


def distribution(circuit: QuantumCircuit, letters: str) -> dict[int, float]:
    """The reference semantics."""
    ends = run(circuit, {}, product_state(letters))
    return {r: sum(float(np.vdot(v, v).real) for v in branches) for r, branches in ends.items()}


def word(source, n: int) -> str:
    return "".join(source.choice(LETTERS) for _ in range(n))


@steady(60)
@given(seeded())
def test_chance_of_any_bits_and_ends_is_that_of_the_reference_semantics(source) -> None:
    n, n_bits = source.randint(1, 4), source.randint(1, 4)
    circuit = dynamic_circuit(source, n, n_bits, source.randint(2, 12))
    letters = word(source, n)
    bits = {b: source.randrange(2) for b in range(n_bits) if source.random() < 0.6}
    ends = {k: (source.choice("XYZ"), source.randrange(2)) for k in range(n) if source.random() < 0.4}
    whole = circuit.copy()
    whole.add_register(ClassicalRegister(n, "ends"))
    wanted = dict(bits)
    for k, (basis, outcome) in ends.items():
        for (name,) in TURN[basis]:
            getattr(whole, name)(k)
        whole.measure(k, n_bits + k)
        wanted[n_bits + k] = outcome
    right = sum(
        p for r, p in distribution(whole, letters).items() if all(r >> b & 1 == v for b, v in wanted.items())
    )
    assert chance(circuit, letters, bits, ends) == pytest.approx(right, abs=1e-12)


@steady(8)
@given(seeded())
def test_what_is_left_out_is_not_felt(source) -> None:
    n, n_bits = source.randint(2, 4), 3
    circuit = dynamic_circuit(source, n, n_bits, source.randint(4, 14))
    asked = source.randrange(1, 2**n_bits)
    start = Product([product_state(letter)[0] for letter in word(source, n)])
    for record in range(2**n_bits):
        wanted = {b: record >> b & 1 for b in range(n_bits) if asked >> b & 1}
        steps = steps_of(circuit)
        all_of_it = probability([*steps], start, {**wanted})
        assert len(felt(steps, asked)) <= len(steps)
        everything = 0.0
        for rest in range(2**n_bits):
            whole = {**{b: rest >> b & 1 for b in range(n_bits)}, **wanted}
            if all(whole[b] == rest >> b & 1 for b in wanted):
                everything += probability(steps, start, whole).value
        assert all_of_it.value == pytest.approx(everything, abs=1e-11)


@steady(30)
@given(seeded())
def test_a_drawn_record_has_the_chance_of_its_path_or_more(source) -> None:
    circuit = dynamic_circuit(source, 3, 3, 10)
    start = Product([product_state(letter)[0] for letter in word(source, 3)])
    steps, rng = steps_of(circuit), np.random.default_rng(source.randrange(2**32))
    drawn = draw(steps, start, rng, likeliest=source.random() < 0.5)
    wanted = {b: drawn.values.get(b, 0) for b in range(3)}
    assert probability(steps, start, wanted).value >= 2.0**drawn.end.log2_weight - 1e-11


@steady(30)
@given(seeded())
def test_a_product_of_factors_is_the_state_vector(source) -> None:
    n = source.randint(1, 5)
    circuit = static_circuit(source, n, 14, composites=False)
    letters = word(source, n)
    state = Product([product_state(letter)[0] for letter in letters])
    for step in steps_of(circuit):
        state.apply(step.matrix, step.wires)  # type: ignore[union-attr]
    found = np.ones(())
    on: list[int] = []
    for wires, factor in state.factors.values():
        found, on = np.multiply.outer(found, factor), [*on, *wires]
    vector = np.moveaxis(found, range(n), [n - 1 - w for w in on]).reshape(-1) * 2 ** (state.log2_weight / 2)
    right = run(circuit, {}, product_state(letters))[0][0][0]
    assert abs(np.vdot(right, vector)) == pytest.approx(1.0, abs=1e-11)


def test_wires_that_are_not_entangled_leave_their_factor() -> None:
    state = Product([np.array([1.0, 0.0])] * 3)
    for step in steps_of(bell_and_back()):
        state.apply(step.matrix, step.wires)  # type: ignore[union-attr]
    assert sorted(wires for wires, _ in state.factors.values()) == [(0,), (1,), (2,)]


def bell_and_back() -> QuantumCircuit:
    out = QuantumCircuit(3)
    out.h(0)
    out.cx(0, 1)
    out.cx(0, 2)
    out.cx(0, 2)
    out.cx(0, 1)
    return out


def test_a_thousand_measured_and_reset_wires_take_no_memory() -> None:
    out = QuantumCircuit(2, 1000)
    for k in range(1000):
        out.reset(0)
        out.h(0)
        out.cx(0, 1)
        out.measure(0, k)
    found = chance(out, "00", dict.fromkeys(range(1000), 0))
    assert found == pytest.approx(2.0**-1000, rel=1e-9)


def test_a_register_too_entangled_is_undecided() -> None:
    out = QuantumCircuit(20, 1)
    for k in range(20):
        out.ry(0.3 + k, k)
    for k in range(20):
        out.cx(k, (k + 1) % 20)
        out.ry(0.1, k)
    for k in range(20):
        out.cx((k + 1) % 20, k)
    out.measure(0, 0)
    with pytest.raises(Undecidable, match="entangled"):
        chance(out, "0" * 20, {0: 1})


@pytest.mark.parametrize("notion", ["instrument", "outcomes"])
def test_one_inverted_condition_in_phase_estimation_is_found(notion: str) -> None:
    a, b = (subject_with(iterative_phase_estimation(16, 1.234, inverted=at)) for at in ((3, 0), None))
    found = decide(a, b, Question(notion))  # type: ignore[arg-type]
    assert (found.verdict, found.method) == ("different", "drawn events")
    assert found.distance is not None
    assert found.distance.lo > 1e-3
    assert decide(b, b, Question(notion)).verdict == "equivalent"  # type: ignore[arg-type]


def test_a_small_fault_behind_many_coins_is_found_by_an_input_that_makes_the_record_likely() -> None:
    errors: tuple[dict[tuple[int, int], float], ...] = ({(3, 20): 1e-3}, {})
    a, b = (subject_with(fourier(24, semiclassical=True, prepared=False, off=off)) for off in errors)
    found = decide(a, b, Question("outcomes"))
    assert (found.verdict, found.method) == ("different", "drawn events")
    assert found.counterexample is not None
    assert "(" in found.counterexample.input


@steady(3)
@given(seeded())
def test_no_event_tells_a_circuit_from_itself_compiled(source) -> None:
    a = dynamic_circuit(source, 2, 2, 5)
    b = transpile(a, basis_gates=["rz", "sx", "cx"], optimization_level=1, qubits_initially_zero=False)
    for notion in ("instrument",):
        pair = paired(subject_with(a), subject_with(b), Question(notion))  # type: ignore[arg-type]
        assert telling_event(pair, {}, 1e-8) is None


@pytest.mark.parametrize("notion", ["instrument", "channel", "outcomes"])
def test_a_counterexample_in_events_replays(tmp_path: Path, notion: str) -> None:
    head = 'OPENQASM 3; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; '
    (tmp_path / "a.qasm").write_text(head + "if (c[0]) { x q[1]; } c[1] = measure q[1];")
    (tmp_path / "b.qasm").write_text(head + "if (!c[0]) { x q[1]; } c[1] = measure q[1];")
    a, b = (load_subject(str(tmp_path / name)) for name in ("a.qasm", "b.qasm"))
    found = decide(a, b, Question(notion))  # type: ignore[arg-type]
    assert found.verdict == "different"
    case = found.counterexample
    if notion == "channel":  # a coin that is thrown away: only the records differ
        return
    assert case is not None
    done = subprocess.run(
        [sys.executable, "-c", case.snippet], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    lines = done.stdout.splitlines()
    exact = [float(line.split()[-1]) for line in lines if " probability " in line]
    seen = [float(line.split()[-1]) for line in lines if " frequency " in line]
    assert abs(exact[0] - exact[1]) > 0.1
    assert seen == pytest.approx(exact, abs=0.06)


def test_state_behind_a_record_is_told() -> None:
    a = subject_of("qubit[1] q; bit[1] c; h q[0]; c[0] = measure q[0];")
    b = subject_of("qubit[1] q; bit[1] c; h q[0]; c[0] = measure q[0]; reset q[0];")
    case = decide(a, b, Question("instrument")).counterexample
    assert case is not None
    assert "Bloch vectors (0, 0, 0)" in case.observed
    assert "Bloch vectors (0, 0, 1)" in case.expected


def test_a_rare_outcome_is_shown_by_its_bit_alone() -> None:
    head = "qubit[3] q; bit[2] c; rx(0.3) q[2]; "
    a, b = (subject_of(head + f"c[{k}] = measure q[2];") for k in (0, 1))
    for seed in range(4):
        case = decide(a, b, Question("instrument", input="zero", seed=seed)).counterexample
        assert case is not None
        assert case.record in (".0", ".1", "0.", "1.")


STORED = [
    ("x q[0]; c[0] = measure q[0]; c[0] = false;", "x q[0]; c[1] = measure q[0]; c[1] = false;"),
    ("x q[0]; c[0] = measure q[0]; c[1] = true;", "x q[0]; c[0] = true; c[1] = true;"),
    ("bool b = true; b = !b; if (b) { x q[0]; } c[0] = measure q[0];", "c[0] = measure q[0];"),
]


@pytest.mark.parametrize("wires", [1, 11])
@pytest.mark.parametrize(("a", "b"), STORED)
def test_what_is_assigned_is_not_passed_over(a: str, b: str, wires: int) -> None:
    sides = [subject_of(f"qubit[{wires}] q; bit[2] c; {body}") for body in (a, b)]
    with pytest.raises(Undecidable, match="classical"):
        steps_of(sides[0].circuit)
    assert decide(*sides, Question("outcomes", input="zero")).verdict != "different"


@steady(40)
@given(seeded())
def test_programs_with_variables_are_followed_rightly_or_not_at_all(source) -> None:
    circuit = program(source, 2, 2, 5)
    bits = {b: source.randrange(2) for b in range(circuit.num_clbits)}
    letters = word(source, circuit.num_qubits)
    try:
        found = chance(circuit, letters, bits)
        right = distribution(circuit, letters)
    except Undecidable:
        return
    wanted = sum(p for r, p in right.items() if all(r >> b & 1 == v for b, v in bits.items()))
    assert found == pytest.approx(wanted, abs=1e-12)


def test_outputs_are_told_from_the_bits_that_only_one_record_has() -> None:
    """As channels these are equal; a bit of the longer record is no output of the other."""
    a = subject_of("qubit[2] q; bit[1] c; h q[0]; c[0] = measure q[0];")
    b = subject_of("qubit[2] q; bit[3] c; h q[0]; c[2] = measure q[0]; c[1] = measure q[0];")
    for one, other in ((a, b), (b, a)):
        assert telling_event(paired(one, other, Question("channel")), {}, 1e-8, thorough=True) is None
        assert telling_event(paired(one, other, Question("instrument")), {}, 1e-8, thorough=True) is not None
