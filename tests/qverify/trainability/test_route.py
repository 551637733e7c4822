"""The routing table: every closed form of the field, every route by name, refusals, and intervals that hold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from qiskit.circuit import Parameter, ParameterVector, QuantumCircuit

from qverify.errors import Undecidable, Unusable
from qverify.subject.observables import parse_observable
from qverify.trainability import route
from qverify.trainability.families import family, hardware_efficient, ry_product, ry_product_local
from qverify.trainability.laws import parse_law
from qverify.trainability.looks import _next
from qverify.trainability.moment import ZERO, Moment
from qverify.trainability.route import Question, respond
from qverify.trainability.widths import less
from tests.qverify.trainability.test_families import second_moment

SURE = 1 - 1e-9
ROTATIONS = ("rz", "ry", "rz")
TREES = {
    2: [(0, 1)],
    4: [(1, 3), (0, 1), (2, 3)],
    8: [(3, 7), (1, 3), (5, 7), (0, 1), (2, 3), (4, 5), (6, 7)],
}


def ask(circuit, text, seed=1, weights=None, **options):
    names = weights or tuple(p.name for p in circuit.parameters if not p.name.startswith("x"))
    laws = {name: parse_law(law) for name, law in options.pop("laws", {}).items()}
    options.setdefault("confidence", SURE)
    read = parse_observable(text, circuit.num_qubits, circuit.num_clbits)
    return respond(circuit, Question(read, names, laws, **options), np.random.default_rng(seed))


def of(answer, name):
    return answer.variances[answer.names.index(name)]


def close(moment, truth, relative=1e-10):
    return (
        moment.lo <= truth * (1 + 1e-12) <= moment.hi * (1 + 2e-12)
        and abs(moment.value - truth) <= relative * truth
    )


def z_string(n):
    return " ".join(f"Z{k}" for k in range(n))


# ------------------------------------------------------------------------------ closed forms


@pytest.mark.parametrize("n", [1, 3, 8, 120])
def test_a_product_of_ry_with_the_global_cost(n):
    found = ask(ry_product(n)[0], "zeros")
    assert close(found.cost, (3 / 8) ** n)
    assert all(close(m, (3 / 8) ** (n - 1) / 8) for m in found.variances)


@pytest.mark.parametrize("n", [1, 3, 40])
def test_a_product_of_ry_with_the_local_cost(n):
    found = ask(*ry_product_local(n))
    assert close(found.cost, 1 / 4 + 1 / (8 * n))
    assert all(close(m, 1 / (8 * n**2)) for m in found.variances)


@pytest.mark.parametrize("n", [2, 8, 60])
def test_a_product_of_ry_with_z_on_every_wire(n):
    found = ask(ry_product(n)[0], z_string(n))
    assert all(close(m, 2.0**-n) for m in (found.cost, *found.variances))


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_rx_and_rz_on_one_wire(layers):
    circuit, w = QuantumCircuit(1), ParameterVector("w", 2 * layers)
    for k in range(layers):
        circuit.rx(w[2 * k], 0)
        circuit.rz(w[2 * k + 1], 0)
    found = ask(circuit, "Z0")
    assert close(found.cost, 1 / 3 + 2 / 3 * 4.0**-layers)
    assert close(of(found, "w[0]"), 1 / 3 + 1 / 6 * 4.0 ** -(layers - 1))
    assert f"w[{2 * layers - 1}]" in found.dead


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_deep_circuit_is_a_random_unitary(n):
    D, layers = 2**n, 200
    circuit, _ = hardware_efficient(n, layers)
    middle = f"ry_{layers // 2}_0"
    found = ask(circuit, "Z0")
    assert close(found.cost, 1 / (D + 1))
    assert close(of(found, middle), D**2 / (2 * (D - 1) * (D + 1) ** 2))
    assert close(ask(circuit, "zeros").cost, (D - 1) / (D**2 * (D + 1)) + 1 / D**2)


def haar_blocks(n, pairs, repeats=48):
    """Blocks of general two-qubit gates, repeated until each is a 2-design; `b3_24` turns in the middle of b3."""
    circuit = QuantumCircuit(n)
    for block, (i, j) in enumerate(pairs):
        for again in range(repeats):
            for wire in (i, j):
                for k, kind in enumerate(ROTATIONS):
                    getattr(circuit, kind)(Parameter(f"s{block}_{again}_{wire}_{k}"), wire)
            circuit.rxx(Parameter(f"b{block}_{again}"), i, j)
            circuit.ryy(Parameter(f"y{block}_{again}"), i, j)
            circuit.rzz(Parameter(f"z{block}_{again}"), i, j)
    return circuit


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_staircase_of_random_blocks(blocks):
    found = ask(haar_blocks(blocks + 1, [(i, i + 1) for i in range(blocks)]), f"Z{blocks}")
    spread = [1 / 9 + 4 / 45 * 0.4 ** (m - 1) for m in range(1, blocks + 1)]
    assert close(found.cost, spread[-1])
    for j in range(1, blocks + 1):
        assert close(of(found, f"b{j - 1}_24"), 0.4 ** (blocks - j) * (8 / 15) * spread[j - 1])


@pytest.mark.parametrize("n", [2, 4, 8])
def test_the_root_of_a_tree_of_random_blocks_falls_like_a_power(n):
    found = ask(haar_blocks(n, TREES[n]), f"Z{n - 1}")
    assert close(of(found, "b0_24"), 4 / 15 * n ** -math.log2(2.5))


@pytest.mark.parametrize("n", [2, 4])
def test_deep_matchgates_fall_like_a_power(n):
    circuit = QuantumCircuit(n)
    for layer in range(40 * n):
        for k in range(n):
            circuit.rz(Parameter(f"z{layer}_{k}"), k)
        for k in range(n - 1):
            circuit.rxx(Parameter(f"x_{layer}_{k}"), k, k + 1)
    found = ask(circuit, "Z0", weights=tuple(p.name for p in circuit.parameters))
    assert close(found.cost, 1 / (2 * n - 1))


@pytest.mark.parametrize(
    ("law", "second", "first"),
    [
        ("normal(0, 0.6)", (1 - math.exp(-2 * 0.36)) / 2, 0.0),
        ("normal(0.7, 0.3)", (1 - math.cos(1.4) * math.exp(-0.18)) / 2, math.sin(0.7) * math.exp(-0.045)),
        ("uniform(-0.5, 0.5)", 1 / 2 - math.sin(1.0) / 2, 0.0),
        ("arctan(normal(0, 1))", 1 - math.sqrt(math.pi / 2) * math.exp(0.5) * math.erfc(math.sqrt(0.5)), 0.0),
    ],
)
def test_other_laws_of_one_turn(law, second, first):
    """f = cos t: Var d f = E sin**2 - (E sin)**2."""
    found = ask(ry_product(1)[0], "Z0", laws={"theta_0": law})
    assert close(found.variances[0], second - first**2)
    assert found.method.startswith("exact transfer")


def test_a_feature_at_the_start_needs_no_sampling():
    """x uniform over [-1, 1]: RY(x) RY(w) has f = cos(x + w)."""
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("x0"), 0)
    circuit.ry(Parameter("w"), 0)
    found = ask(circuit, "Z0", features=("x0",))
    assert close(found.variances[0], 0.5)


# ------------------------------------------------------------------------------ routes


def test_a_small_cone_is_exact_however_wide_the_circuit_is():
    found = ask(hardware_efficient(30, 3)[0], "Z0")
    assert found.route[-1].startswith("exact transfer of all")
    small = hardware_efficient(6, 3)[0]
    assert close(of(found, "ry_1_0"), second_moment(small, "Z0", "ry_1_0"))


@pytest.mark.parametrize("n", [3, 30])
def test_a_staircase_is_exact_at_any_width(n):
    circuit, text = family("qmps")(n)
    found = ask(circuit, text)
    assert found.method.startswith("exact transfer")
    assert close(found.cost, second_moment(circuit, text))
    assert close(of(found, "b0_xx"), second_moment(circuit, text, "b0_xx"))


def test_too_many_steps_for_the_exact_transfer_are_walked(monkeypatch):
    monkeypatch.setattr(route, "EXACT_EFFORT", 100)
    found = ask(hardware_efficient(4, 3)[0], "Z0", relative_error=0.2)
    assert "take too long" in found.route[1]
    assert found.method.startswith("Pauli walk")


def test_terms_of_small_cones_are_exact_one_by_one():
    circuit, _ = hardware_efficient(14, 2)
    found = ask(circuit, " + ".join(f"{k + 1}*Z{k}" for k in range(14)))
    assert "each of 14 terms" in found.method
    assert found.confidence == 1.0
    truth = sum((k + 1) ** 2 * second_moment(circuit, f"Z{k}", "ry_1_5") for k in range(14))
    assert close(of(found, "ry_1_5"), truth)


def test_a_wide_cone_is_walked_and_every_interval_holds():
    circuit, _ = hardware_efficient(9, 2)
    text = "Z0 Z2 Z5 Z8"
    found = ask(circuit, text, relative_error=0.1)
    assert found.method.startswith("Pauli walk")
    assert found.variances[found.largest].sided == "two"
    for name in ("ry_0_0", "rz_1_3", "ry_1_6"):
        truth = second_moment(circuit, text, name)
        m = of(found, name)
        assert m.lo <= truth <= m.hi
        assert (m == ZERO) == (name in found.dead)
    assert found.cost.lo <= second_moment(circuit, text) <= found.cost.hi


def test_rare_walks_give_way_to_the_tensor_train():
    found = ask(hardware_efficient(40, 2)[0], z_string(40))
    assert found.route[-2].startswith("walks too rare")
    assert found.method.startswith("tensor train")
    assert found.variances[found.largest].sided == "exact"


@pytest.mark.parametrize("focus", ["", "ry_0_3"])
def test_rare_walks_of_deep_circuits_are_twisted(monkeypatch, focus):
    circuit, text = hardware_efficient(20, 3)[0], z_string(20)
    truth = ask(circuit, text)
    assert truth.method.startswith("tensor train")

    def no_train(chain):
        raise Undecidable("none today")

    monkeypatch.setattr(route, "_train", no_train)
    found = ask(circuit, text, confidence=0.999, focus=focus)
    assert found.method.startswith("twisted sampling")
    assert "no tensor train: none today" in found.route
    assert found.cost.lo <= truth.cost.value <= found.cost.hi
    for a, b in zip(found.variances, truth.variances, strict=True):
        assert a.lo <= b.value * (1 + 1e-9)
        assert b.value <= a.hi * (1 + 1e-9)
    known = [k for k, m in enumerate(found.variances) if m.log2_lo > -math.inf]
    assert len(known) == 1 if focus else len(known) > 50
    assert all(abs(found.variances[k].log2 - truth.variances[k].log2) < 0.5 for k in known[:1])


def test_too_many_angles_keep_the_walks_upper_ends(monkeypatch):
    monkeypatch.setattr(route, "MOST_TURNS", 10)
    monkeypatch.setattr(route, "SHALLOW", 0)
    found = ask(hardware_efficient(30, 2)[0], z_string(30))
    assert found.method.startswith("Pauli walk")
    assert any(step.startswith("no twisted sampling") for step in found.route)
    assert any(step.startswith("no tensor train: more than 0") for step in found.route)
    top = found.variances[found.largest]
    assert top.lo == 0.0 < top.hi < 1e-2


def repeated():
    """RY(w) RY(w) and a wire that nobody reads: f = cos 2 w."""
    circuit, w = QuantumCircuit(2), Parameter("w")
    circuit.ry(w, 0)
    circuit.ry(w, 0)
    circuit.ry(Parameter("v"), 1)
    return circuit


def test_shared_angles_are_sampled():
    found = ask(repeated(), "Z0")
    assert found.route[0].startswith("no Pauli walks: `w` turns several gates")
    assert found.method.startswith("exact gradients")
    assert found.cost.lo <= 0.5 <= found.cost.hi
    assert of(found, "w").lo <= 2.0 <= of(found, "w").hi
    assert found.dead == {"v"}
    assert of(found, "v") == ZERO


def test_dead_weights_of_sampled_circuits_are_proved():
    """RZ(v) RZ(v) before Z: its drawn gradients are 0 up to rounding, and its variance is exactly 0."""
    circuit, v = repeated(), Parameter("u")
    circuit.rz(v, 0)
    circuit.rz(v, 0)
    assert "u" in ask(circuit, "Z0").dead


def test_where_means_hide_the_variance_gradients_are_sampled(monkeypatch):
    monkeypatch.setattr(route, "EXACT_EFFORT", 0)
    monkeypatch.setattr(route, "SHALLOW", -1)
    n, mean, sd = 3, 0.3, 0.02
    laws = {f"theta_{k}": f"normal({mean}, {sd})" for k in range(n)}
    found = ask(ry_product(n)[0], z_string(n), laws=laws, relative_error=0.5)
    double, single = math.exp(-2 * sd**2), math.exp(-(sd**2) / 2)
    sin2, cos2 = (1 - math.cos(2 * mean) * double) / 2, (1 + math.cos(2 * mean) * double) / 2
    sin, cos = math.sin(mean) * single, math.cos(mean) * single
    truth = sin2 * cos2 ** (n - 1) - (sin * cos ** (n - 1)) ** 2
    assert any(step.startswith("means hide the variance: Pauli walk") for step in found.route)
    assert found.method.startswith("exact gradients")
    assert all(m.lo <= truth <= m.hi for m in found.variances)


def test_zeros_that_sets_do_not_see_are_proved_by_the_exact_transfer():
    """CX CX is the identity to walks, not to sets."""
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    circuit.cx(0, 1)
    circuit.ry(Parameter("b"), 1)
    circuit.cx(0, 1)
    circuit.cx(0, 1)
    circuit.cx(0, 1)
    circuit.cx(0, 1)
    found = ask(circuit, "Z0")
    assert all((m == ZERO) == (name in found.dead) for name, m in zip(found.names, found.variances, strict=True))


def test_weights_fixed_by_their_laws_are_not_called_dead():
    found = ask(ry_product(1)[0], "Z0", laws={"theta_0": "fixed(0)"})
    assert found.variances[0].hi < 1e-12
    assert not found.dead


def test_an_observable_that_is_a_number_has_only_dead_weights():
    found = ask(hardware_efficient(3, 2)[0], "2*I")
    assert found.cost.value == pytest.approx(4.0)
    assert found.dead == set(found.names)


def test_products_below_floats_are_no_proofs():
    """RY and a dephasing measurement, 1200 times: E f**2 = 2**-1200."""
    circuit = QuantumCircuit(1, 1)
    for k in range(1200):
        circuit.ry(Parameter(f"w{k}"), 0)
        circuit.measure(0, 0)
    found = ask(circuit, "Z0")
    assert not found.dead
    assert all(m.log2_hi >= -1200 for m in (found.cost, *found.variances))


# ------------------------------------------------------------------------------ questions that do not fit


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": ()}, "no weight is named"),
        ({"weights": ("theta_9",)}, "`theta_9` is no parameter"),
        ({"laws": {"theta_9": parse_law("uniform")}}, "`theta_9` is no parameter"),
        (
            {"laws": {"theta_1": parse_law("uniform")}, "features": ("theta_1",)},
            "a feature, uniform over its range",
        ),
        ({"focus": "theta_1"}, "to be followed and is no weight"),
        ({"observable": parse_observable("1e200*Z0", 2, 0)}, "no square among floats"),
        ({"observable": parse_observable("1e-200*Z0", 2, 0)}, "no square among floats"),
    ],
)
def test_what_does_not_fit_is_refused(change, words):
    question = Question(parse_observable("Z0", 2, 0), ("theta_0",))
    with pytest.raises(Unusable, match=words):
        respond(ry_product(2)[0], replace(question, **change), np.random.default_rng(0))


def test_a_wide_circuit_with_shared_angles_is_refused_with_both_reasons():
    circuit, w = QuantumCircuit(40), Parameter("w")
    for k in range(39):
        circuit.ry(w, k)
        circuit.cx(k, k + 1)
    with pytest.raises(Undecidable, match=r"no Pauli walks: `w` turns.*no sampling of gradients: 40 qubits"):
        ask(circuit, "Z39")


# ------------------------------------------------------------------------------ intervals


def test_the_same_seed_gives_the_same_answer():
    circuit, _ = family("hea:3")(10)
    assert ask(circuit, "Z0 Z5 Z9", seed=3) == ask(circuit, "Z0 Z5 Z9", seed=3)


def test_simultaneous_intervals_of_stopped_walks_hold_at_every_seed():
    """At confidence 1 - 1e-9 each: 20 seeds, one failure has a chance below 1e-7."""
    circuit, _ = hardware_efficient(9, 2)
    text = "Z0 Z4 Z8"
    names = ("ry_0_0", "ry_1_4", "rz_0_3")
    truth = {name: second_moment(circuit, text, name) for name in names}
    for seed in range(20):
        found = ask(circuit, text, seed, relative_error=0.3)
        assert all(of(found, name).lo <= truth[name] <= of(found, name).hi for name in names)


def test_variances_far_below_floats_are_not_zero():
    square = Moment(-2000.0, -2000.5, -1999.5)
    mean = Moment(-2001.0, -2001.0, -2001.0, "exact")
    found = less(square, mean)
    assert found.log2 == pytest.approx(-2001.0)
    assert found.log2_lo == pytest.approx(-2001.0 + math.log2(2**0.5 - 1))
    assert found.log2_hi == pytest.approx(-2001.0 + math.log2(2**1.5 - 1))


def test_the_maximum_has_the_highest_of_all_upper_ends():
    found = ask(ry_product(2)[0], "Z0")
    wide = replace(found, variances=(Moment(-2.0, -2.1, -1.9), Moment(-3.0, -4.0, -1.0)))
    assert wide.largest == 0
    assert wide.top == Moment(-2.0, -2.1, -1.0)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0.04, 4),  # known
        (0.09, 2),  # two doublings of the walks narrow it by two
        (0.4, 3),  # as good as it gets
        (4.0, 4),  # hopeless
        (math.inf, 4),  # nothing seen, and little room
    ],
)
def test_sizes_that_cannot_suffice_are_left_out(width, expected):
    assert _next([64, 128, 256, 512], 0, width, 0.05) == expected


def test_much_room_is_used_even_where_nothing_was_seen():
    assert _next([64 << k for k in range(8)], 0, math.inf, 0.05) == 1
