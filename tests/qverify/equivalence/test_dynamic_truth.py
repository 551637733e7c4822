"""Generated circuits that measure and branch: no wrong answer; and the oracle against closed forms.

The pairs, the oracle and the mutants are those of `benchmarks/dynamic_truth.py` and `dynamic_mutants.py`, which
run thousands of them.
"""

from __future__ import annotations

import math
import warnings
from itertools import product
from random import Random

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Clbit, Parameter, Qubit

from benchmarks.dynamic_mutants import judged as judged_mutant
from benchmarks.dynamic_mutants import mutants, originals
from benchmarks.dynamic_pairs.build import circuit_of
from benchmarks.dynamic_pairs.conditions import built, drawn, negated, rewritten, value
from benchmarks.dynamic_pairs.distances import Asked, truth
from benchmarks.dynamic_pairs.draw import sketch
from benchmarks.dynamic_pairs.judge import Record, judged
from benchmarks.dynamic_pairs.memory import holds
from benchmarks.dynamic_pairs.oracle import evolved, traced
from benchmarks.dynamic_pairs.pairs import KEEPING, MISTAKES, kind_of, pair
from benchmarks.dynamic_pairs.replay import replayed
from benchmarks.dynamic_pairs.sketch import Sketch, read_by
from benchmarks.dynamic_pairs.standard import teleportation
from benchmarks.dynamic_pairs.table import line, table
from benchmarks.feed_forward import iterative_phase_estimation
from qverify.equivalence.answer import Answer, DistanceInterval
from qverify.finding import Counterexample

# every second kind of change that keeps what a circuit does, and every sixth mistake
NUMBERS = [*range(0, 2 * len(KEEPING), 4), *range(1, 2 * len(MISTAKES), 12)]
BLOCKS = 6


def quietly(number: int) -> Record:
    """Qiskit's compiler warns of things that are no concern here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judged(number, salt="few", widest=3)


# ------------------------------------------------------------------------------ the checker


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_generated_pair_is_answered_wrongly(block: int) -> None:
    found = [quietly(number) for number in NUMBERS[block::BLOCKS]]
    assert not [line(r) for r in found if r.faults]
    assert sum(r.verdict == "undecided" for r in found) <= 1
    assert {r.truly for r in found if r.kind in KEEPING} <= {"equal"}


@pytest.mark.parametrize("name", ["mcmc/forget.qasm", "teleportation", "reset and reuse", "forget or keep"])
def test_no_mutant_survives_and_none_is_accused(name: str) -> None:
    original, words = originals()[name], []
    for k, (kind, where, mutant) in enumerate(list(mutants(name, original, 1))[::8]):
        notion = ("instrument", "channel", "outcomes")[k % 3]
        said = judged_mutant((name, kind, where), original, mutant, notion, "any")
        assert (said.faults, said.verdict != "crash") == ((), True), said.name
        words.append(said.verdict)
    assert {"equivalent", "different"} <= set(words)


# ------------------------------------------------------------------------------ the benchmark


def test_every_kind_of_change_has_its_turn() -> None:
    assert {kind_of(number) for number in range(200)} == {*KEEPING, *MISTAKES}


def test_same_number_is_the_same_pair() -> None:
    one, other = pair(7), pair(7)
    assert (one.a, one.b, one.asked) == (other.a, other.b, other.asked)
    assert pair(7, salt="another").a != one.a


@pytest.mark.parametrize(
    ("verdict", "interval", "fault"),
    [
        ("equivalent", (0.0, 0.0), "false equivalent"),
        ("different", (1.0, 2.0), "false different"),
        ("undecided", (1.9999, 2.0), "interval missed"),
    ],
)
def test_judge_catches_a_checker_that_is_wrong(
    verdict: str, interval: tuple[float, float], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Answer(verdict, "instrument", "any", "stub", "none", distance=DistanceInterval("", *interval))  # type: ignore[arg-type]
    monkeypatch.setattr("benchmarks.dynamic_pairs.judge.decide", lambda *_: said)
    monkeypatch.setattr("benchmarks.dynamic_pairs.judge.SPECIAL", (0.0,))
    found = [quietly(number) for number in range(16)]
    assert sum(fault in r.faults for r in found) >= 3
    assert any(fault in text for text in table(found))


@pytest.mark.parametrize("seed", range(16))
def test_body_layouts_change_nothing(seed: int) -> None:
    one = sketch(Random(seed), 2, 6, ())  # noqa: S311
    sides = [circuit_of(one, (), style) for style in (1, 2)]
    assert truth(*sides, {}, Asked("instrument", "zero")).hi < 1e-9


def test_two_readings_of_conditions_agree_and_rewriting_keeps_them() -> None:
    """The generator evaluates its trees, the oracle Qiskit's; and a negated test is the opposite."""
    where = Sketch(1, 4, (("c", (2, 0, 3)), ("d", (1, 2)), ("e", (0, 1, 2))), ())
    bits = {k: Clbit() for k in range(4)}
    registers = {
        r: ClassicalRegister(name=name, bits=[bits[b] for b in held])
        for r, (name, held) in enumerate(where.registers)
    }
    places = {bit: k for k, bit in bits.items()}
    for seed in range(60):
        source = Random(seed)  # noqa: S311
        tree = drawn(source, where, (0, 1, 2, 3))
        same, opposite = rewritten(source, tree, where), negated(source, tree, where)
        for record in product((0, 1), repeat=4):
            told = bool(value(tree, dict(enumerate(record)), where))
            for other, expected in ((tree, told), (same, told), (opposite, not told)):
                if other is not None:
                    assert holds(built(other, bits, registers), record, places) == expected, (seed, other)
        assert read_by(tree, where).reads <= {0, 1, 2, 3}


def test_replay_computes_the_probabilities_that_a_counterexample_names() -> None:
    one, other = of(lambda c: (c.h(0), c.measure(0, 0))), of(lambda c: (c.ry(1.0, 0), c.measure(0, 0)))
    for told, word in ((math.sin(0.5) ** 2, "reproduced"), (0.3, "not reproduced")):
        case = Counterexample({}, "0", "1", f"probability {told:.9g} of this record", "probability 0.5", "")
        said = Answer("different", "outcomes", "any", "stub", "numerical", counterexample=case)
        assert replayed(one, other, Asked("outcomes", "any"), said) == word
    after = "probability 0.5 of measuring 0 on wire 0 in X at the end"
    case = Counterexample({}, "+", ".", after, "probability 1", "")
    said = Answer("different", "channel", "any", "stub", "numerical", counterexample=case)
    dephased, same = of(lambda c: c.measure(0, 0)), of(lambda _: None)
    assert replayed(same, dephased, Asked("channel", "any"), said) == "reproduced"


# ------------------------------------------------------------------------------ the oracle


def of(build, n: int = 1, bits: int = 1) -> QuantumCircuit:  # type: ignore[no-untyped-def]
    out = QuantumCircuit(n, bits)
    build(out)
    return out


def probabilities(circuit: QuantumCircuit, values: dict[str, float] | None = None) -> dict[tuple[int, ...], float]:
    """Of every record, from |0...0>."""
    psi = np.eye(2**circuit.num_qubits, 1, dtype=np.complex128)[:, 0]
    found = evolved(circuit, values or {}, psi, circuit.num_qubits)
    every = tuple(range(circuit.num_qubits))
    return {record: float(traced(rho, every)[0, 0].real) for record, rho in found.items()}


def test_teleportation_is_the_identity_channel() -> None:
    start, end = of(lambda c: c.reset([1, 2]), 3, 2), of(lambda c: c.reset([0, 1]), 3, 2)
    sent = start.compose(teleportation().assign_parameters([0.7])).compose(end)
    turned = start.compose(of(lambda c: c.ry(0.7, 0), 3, 2))
    swapped = turned.compose(of(lambda c: c.swap(0, 2), 3, 2)).compose(end)
    assert truth(sent, swapped, {}, Asked("channel", "any")).hi < 1e-9
    assert truth(sent, turned.compose(end), {}, Asked("channel", "any")).lo > 0.5


def test_records_of_teleportation_are_uniform() -> None:
    found = probabilities(teleportation(), {"theta": 1.1})
    assert found == pytest.approx(dict.fromkeys(product((0, 1), repeat=2), 0.25))


@pytest.mark.parametrize("angle", [0.3, 1.0, 3.0])
def test_probability_of_a_rotated_wire(angle: float) -> None:
    found = probabilities(of(lambda c: (c.ry(angle, 0), c.measure(0, 0))))
    assert found[(1,)] == pytest.approx(math.sin(angle / 2) ** 2)


@pytest.mark.parametrize("k", range(8))
def test_phase_estimation_of_an_exact_phase_is_sure(k: int) -> None:
    found = probabilities(iterative_phase_estimation(3, 2 * math.pi * k / 8))
    assert max(found.values()) == pytest.approx(1.0)
    record = max(found, key=lambda r: found[r])
    assert sum(bit << j for j, bit in enumerate(record)) == k


@pytest.mark.parametrize(
    ("left", "right", "notion", "distance"),
    [
        # ||id - dephasing|| = ||(rho - Z rho Z) / 2|| = 1, seen where the record is not
        (lambda c: c.measure(0, 0), lambda _: None, "channel", 1.0),
        (lambda c: c.reset(0), lambda _: None, "channel", 2.0),
        (lambda c: c.rz(0.4, 0), lambda _: None, "instrument", 2 * math.sin(0.2)),
        (lambda c: c.measure(0, 0), lambda c: (c.x(0), c.measure(0, 0)), "outcomes", 1.0),
        # effects (1 +- Z) / 2 and (1 +- (Z cos t + X sin t)) / 2
        (lambda c: c.measure(0, 0), lambda c: (c.ry(0.4, 0), c.measure(0, 0)), "outcomes", math.sin(0.2)),
        (lambda c: c.measure(0, 0), lambda c: (c.rz(0.4, 0), c.measure(0, 0)), "instrument", 0.0),
        (lambda c: c.measure(0, 0), lambda c: (c.measure(0, 0), c.rz(0.4, 0)), "channel", 0.0),
    ],
)
def test_distance_is_the_closed_form(left, right, notion: str, distance: float) -> None:  # type: ignore[no-untyped-def]
    found = truth(of(left), of(right), {}, Asked(notion, "any"))
    assert found.lo - 1e-9 <= distance <= found.hi + 1e-9
    assert found.hi - found.lo < 1e-6 + 0.5 * distance


def test_distance_from_zero_sees_only_what_zero_shows() -> None:
    one, other = of(lambda c: c.reset(0)), of(lambda _: None)
    assert truth(one, other, {}, Asked("instrument", "zero")).hi < 1e-9
    assert truth(one, other, {}, Asked("instrument", "any")).lo > 1.9


def test_wires_that_only_one_side_has_start_in_zero_and_are_traced_out() -> None:
    plain = of(lambda c: c.measure(0, 0), 2)
    copied = of(lambda c: (c.cx(0, 2), c.measure(2, 0)), 3)
    assert truth(plain, copied, {}, Asked("instrument", "any", (2,), (2,))).hi < 1e-9


def test_wide_circuits_are_told_apart_by_drawn_inputs() -> None:
    plain = of(lambda c: (c.cx(0, 4), c.measure(4, 0)), 5)
    moved = of(lambda c: (c.cx(0, 4), c.rx(1e-4, 3), c.measure(4, 0)), 5)
    asked = Asked("instrument", "any")
    assert truth(plain, plain, {}, asked).lo == 0.0
    assert 1e-6 < truth(plain, moved, {}, asked).lo <= 2 * math.sin(0.5e-4)
    assert truth(plain, moved, {}, Asked("outcomes", "any")).lo < 1e-10


def test_loop_variable_and_default_case_are_followed() -> None:
    a, k = Parameter("a"), Parameter("k")
    looped, plain = QuantumCircuit(1, 1), QuantumCircuit(1, 1)
    with looped.for_loop((1, 2, 3), k):
        looped.rx(a * k, 0)
    plain.rx(6 * a, 0)
    assert truth(looped, plain, {"a": 0.37}, Asked("instrument", "any")).hi < 1e-9
    switched = QuantumCircuit([Qubit()], ClassicalRegister(2, "c"))
    with switched.switch(switched.cregs[0]) as case:
        with case(1, 2):
            switched.h(0)
        with case(case.DEFAULT):
            switched.x(0)
    switched.measure(0, 1)
    assert probabilities(switched) == pytest.approx({(0, 1): 1.0})
