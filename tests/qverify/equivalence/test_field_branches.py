"""Exact branches against density matrices: equal exactly when the maps are, for every notion."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter

from qverify.equivalence.distance import Side, distance
from qverify.equivalence.field_branches import Ends, same_maps
from qverify.errors import Undecidable
from qverify.semantics import defer
from qverify.semantics.binding import bind
from tests.classical import program
from tests.strategies import from_seed
from tests.subjects import subject_of

x, y = Parameter("x"), Parameter("y")
NOTIONS = ("instrument", "channel", "outcomes")
ONE, TWO = (["h", "s", "sdg", "x", "y", "z", "sx"], ["cx", "cz", "swap"])


def grown(source: Random, n: int, n_bits: int, length: int, depth: int = 0) -> QuantumCircuit:
    """A circuit with gates, measurements, resets and nested branches; angles in two parameters."""
    out = QuantumCircuit(n, n_bits)
    for _ in range(length):
        k, j = source.sample(range(n), 2)
        bit = source.randrange(n_bits)
        kind = source.randrange(8 if depth < 2 else 6)
        if kind < 2:
            getattr(out, source.choice(ONE))(k)
        elif kind == 2:
            getattr(out, source.choice(TWO))(k, j)
        elif kind == 3:
            angle = source.choice([x, y, x + y, 2 * x - 0.5, -y, 0.3])
            getattr(out, source.choice(["rx", "ry", "rz"]))(angle, k)
        elif kind == 4:
            out.measure(k, bit)
        elif kind == 5:
            out.reset(k) if source.random() < 0.4 else out.cp(source.choice([x, math.pi / 4]), k, j)
        else:
            inner = [grown(source, n, n_bits, source.randint(1, 3), depth + 1) for _ in range(2)]
            if kind == 6:
                out.if_else((out.clbits[bit], source.randrange(2)), *inner, out.qubits, out.clbits)
            else:
                out.if_test((out.clbits[bit], source.randrange(2)), inner[0], out.qubits, out.clbits)
    return out


def damaged(circuit: QuantumCircuit, source: Random) -> QuantumCircuit:
    """One operation dropped, or a small rotation, a measurement or a reset put in."""
    at, out = source.randrange(len(circuit.data) + 1), circuit.copy_empty_like()
    how = source.randrange(4)
    for k, item in enumerate(circuit.data):
        if k == at:
            if how == 0:
                continue
            if how == 1:
                getattr(out, source.choice(["rx", "ry", "rz"]))(source.choice([1e-3, 0.5, math.pi]), 0)
            elif how == 2:
                out.measure(0, 0)
            else:
                out.reset(1)
        out.append(item)
    return out


def apart(a: QuantumCircuit, b: QuantumCircuit, notion: str) -> float:
    """The largest distance at three drawn points; each lower bound is a proof of difference there."""
    rng, found = np.random.default_rng(5), 0.0
    for _ in range(3):
        at = {"x": float(rng.uniform(-4, 4)), "y": float(rng.uniform(-4, 4))}
        sides = [Side(bind(circuit, {p: at[p.name] for p in circuit.parameters})) for circuit in (a, b)]
        found = max(found, distance(*sides, {}, notion).lo)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("block", range(5))
def test_agreement_is_equality_of_maps(block: int) -> None:
    different = 0
    for seed in range(12 * block, 12 * block + 12):
        source = Random(seed)  # noqa: S311
        one = grown(source, 2 + seed % 2, 2, 7)
        other = damaged(one, source) if seed % 3 else grown(source, 2 + seed % 2, 2, 3)
        for notion in NOTIONS:
            same = same_maps(Ends(one), Ends(other), notion, "seed") is not None  # type: ignore[arg-type]
            assert same == (apart(one, other, notion) < 1e-10), (seed, notion)
            different += not same
    assert different > 5


@pytest.mark.parametrize("seed", range(12))
def test_deferred_form_is_the_same_with_its_ancillas(seed: int) -> None:
    one = grown(Random(seed), 2, 2, 6)  # noqa: S311
    deferred = defer(one)
    whole = QuantumCircuit(deferred.circuit.num_qubits, one.num_clbits)
    whole.compose(deferred.circuit, inplace=True)
    for bit, wire in enumerate(deferred.records):
        if wire is not None:
            whole.measure(wire, bit)
    ends = list(deferred.outputs)
    if ends != sorted(ends):
        pytest.skip("its wires end in another order")
    rest = [k for k in range(whole.num_qubits) if k not in ends]
    try:
        found = same_maps(Ends(one), Ends(whole, deferred.ancillas, rest), "instrument", "seed")
    except Undecidable:
        pytest.skip("too many paths for a test")
    assert found is not None
    assert found.chance < 1e-12


def test_compiled_dynamic_circuit_is_the_same_for_all_angles() -> None:
    one = grown(Random(7), 3, 2, 10)  # noqa: S311
    other = transpile(one, basis_gates=["rz", "sx", "x", "cx", "reset"], optimization_level=1, seed_transpiler=1)
    assert same_maps(Ends(one), Ends(other), "instrument", "seed") is not None


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        # a phase that depends on the branch only, and a diagonal gate before the measurement: unobservable
        ("h q[0]; c[0] = measure q[0]; if (c[0]) { z q[0]; }", "h q[0]; c[0] = measure q[0];", ()),
        ("h q[0]; rz(0.3) q[0]; c[0] = measure q[0];", "h q[0]; c[0] = measure q[0];", ()),
        # a missing record, a trailing reset, a flipped post-measurement state, swapped labels, a leading reset
        ("h q[0]; c[0] = measure q[0];", "h q[0];", ("instrument", "channel", "outcomes")),
        ("h q[0]; c[0] = measure q[0]; reset q[0];", "h q[0]; c[0] = measure q[0];", ("instrument", "channel")),
        ("c[0] = measure q[0]; x q[0];", "c[0] = measure q[0];", ("instrument", "channel")),
        (
            "c[0] = measure q[0]; c[1] = measure q[1];",
            "c[1] = measure q[0]; c[0] = measure q[1];",
            ("instrument", "outcomes"),
        ),
        ("reset q[0]; c[0] = measure q[0];", "c[0] = measure q[0];", ("instrument", "channel", "outcomes")),
    ],
)
def test_each_notion_tells_what_it_should(left: str, right: str, told: tuple[str, ...]) -> None:
    sides = [Ends(subject_of(f"qubit[2] q; bit[2] c; {body}").circuit) for body in (left, right)]
    assert tuple(n for n in NOTIONS if same_maps(*sides, n, "seed") is None) == told  # type: ignore[arg-type]


def test_loop_variable_and_switch_are_followed() -> None:
    loop = "input float[64] a; qubit q; bit[2] c; for int k in [1:3] { rx(a * k) q; c[0] = measure q; }"
    flat = "input float[64] a; qubit q; bit[2] c; " + "".join(
        f"rx(a * {k}) q; c[0] = measure q;" for k in (1, 2, 3)
    )
    sides = [Ends(subject_of(body).circuit) for body in (loop, flat)]
    assert same_maps(*sides, "instrument", "seed") is not None
    wrong = Ends(subject_of(flat.replace("a * 2", "a * 3")).circuit)
    assert same_maps(sides[0], wrong, "instrument", "seed") is None


def test_more_paths_than_allowed_are_undecidable() -> None:
    many = QuantumCircuit(3, 1)
    for _ in range(20):
        many.h(0)
        many.reset(0)
        many.h(0)
        many.measure(0, 0)
    with pytest.raises(Undecidable, match="too many paths"):
        same_maps(Ends(many), Ends(many), "instrument", "seed")


def _turned(circuit: QuantumCircuit, angle: float) -> QuantumCircuit:
    out = QuantumCircuit(circuit.num_qubits, circuit.num_clbits)
    out.rx(x, 0)
    out.compose(circuit, inplace=True)
    out.rx(angle, 0)
    return out


@pytest.mark.parametrize("seed", range(25))
def test_a_program_with_variables_is_its_deferred_form_and_not_a_changed_one(seed: int) -> None:
    circuit = program(from_seed(seed), 1, 1, 3)
    deferred = defer(circuit)
    if deferred.circuit.num_qubits > 9:
        pytest.skip("the deferred form is too wide here")
    plain, whole = Ends(_turned(circuit, 0.3)), _turned(deferred.measured(), 0.3)
    other = _turned(deferred.measured(), 0.31)
    assert same_maps(plain, Ends(whole, deferred.ancillas, deferred.ancillas), "instrument", "s") is not None
    assert same_maps(plain, Ends(other, deferred.ancillas, deferred.ancillas), "instrument", "s") is None


def test_an_endless_loop_has_no_exact_branches() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
        circuit.measure(0, 0)
    with pytest.raises(Undecidable, match="bound"):
        same_maps(Ends(circuit), Ends(circuit), "instrument", "s")
