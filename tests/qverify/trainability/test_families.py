"""Families: the published circuits, one gate a weight, closed forms, and the published classes of the networks.

The oracle is exact and independent: second moments carried backwards as a dict of Pauli strings, where a wire that
no earlier gate touches is closed with the weights of |0>.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest
from qiskit.circuit import QuantumCircuit

from qverify.angles import angle_of, parameters_in
from qverify.errors import Unusable
from qverify.load import load_circuit
from qverify.subject.observables import parse_observable
from qverify.trainability.families import FAMILIES, family, hardware_efficient, qmera, qmps, qttn, ry_product
from qverify.trainability.moment import Moment
from qverify.trainability.scaling import classify

LN2 = math.log(2)
WORDS = {"rx": "X", "ry": "Y", "rz": "Z", "rxx": "XX", "ryy": "YY", "rzz": "ZZ"}
BITS = {"X": (1, 0), "Y": (1, 1), "Z": (0, 1)}


def gates_of(circuit):
    index = {q: k for k, q in enumerate(circuit.qubits)}
    return [
        (item.operation.name, tuple(index[q] for q in item.qubits), [p.name for p in item.operation.params])
        for item in circuit.data
    ]


def second_moment(circuit, observable, name=None):
    """E f**2, or E (d f / d name)**2, for uniform angles; RX RY RZ RXX RYY RZZ CZ CX only, from |0...0>."""
    gates = gates_of(circuit)
    first = {}
    for at, (_, wires, _) in enumerate(gates):
        for wire in wires:
            first.setdefault(wire, at)
    (term,) = parse_observable(observable, circuit.num_qubits, 0).terms
    x = z = 0
    for letter, wire in term.factors:
        x, z = x | BITS[letter][0] << wire, z | BITS[letter][1] << wire
    strings = {(x, z): 1.0}
    for at in reversed(range(len(gates))):
        kind, wires, params = gates[at]
        after = Counter()
        for (x, z), weight in strings.items():
            if kind == "cz":
                a, b = wires
                after[x, z ^ (x >> a & 1) << b ^ (x >> b & 1) << a] += weight
                continue
            if kind == "cx":
                a, b = wires
                after[x ^ (x >> a & 1) << b, z ^ (z >> b & 1) << a] += weight
                continue
            letters = [BITS[letter] for letter in WORDS[kind]]
            turned = sum((x >> w & 1) * q + (z >> w & 1) * p for w, (p, q) in zip(wires, letters, strict=True)) % 2
            if not turned:
                if params != [name]:
                    after[x, z] += weight
                continue
            moved = (
                x ^ sum(p << w for w, (p, _) in zip(wires, letters, strict=True)),
                z ^ sum(q << w for w, (_, q) in zip(wires, letters, strict=True)),
            )
            after[x, z] += weight / 2
            after[moved] += weight / 2
        closed = sum(1 << w for w, start in first.items() if start == at)
        strings = Counter()
        for (x, z), weight in after.items():
            if not x & closed:  # |0> knows Z and I
                strings[x, z & ~closed] += weight
    return sum(strings.values())


def points_of(build, name, sizes):
    out = []
    for n in sizes:
        value = math.log2(second_moment(*build(n), name))
        out.append((n, Moment(value, value, value, "exact")))
    return out


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("n", [2, 4, 8])
def test_every_weight_is_a_parameter_of_its_own_in_one_gate(name, n):
    chosen = family(name)
    circuit, observable = chosen(n)
    assert circuit.num_qubits == n
    parse_observable(observable, n, 0)
    uses = Counter(
        p for item in circuit.data for angle in item.operation.params for p in parameters_in(angle_of(angle))
    )
    weights = {p: k for p, k in uses.items() if not chosen.features or not p.startswith(chosen.features)}
    assert set(weights.values()) == {1}
    assert chosen.focus(n) in weights
    assert len(uses) == len(circuit.parameters)


def test_the_vqc_at_four_qubits_is_the_published_circuit():
    published = load_circuit(Path("circuits/chen2020/forget.qasm").read_bytes(), "forget.qasm").circuit
    built, _ = family("qlstm")(4)
    names = sorted(p.name for p in built.parameters)
    assert names == sorted(p.name for p in published.parameters)
    spell = lambda circuit: [  # noqa: E731
        (kind, wires, [angle_of(p).text() for p in item.operation.params])
        for (kind, wires, _), item in zip(plain(circuit), circuit.data, strict=True)
    ]
    by_wire = lambda circuit: sorted(spell(circuit), key=lambda g: g[1])  # noqa: E731
    assert Counter(map(str, spell(built))) == Counter(map(str, spell(published)))
    entangling = [g for g in spell(built) if len(g[1]) == 2]
    assert entangling == [g for g in spell(published) if len(g[1]) == 2]
    assert [g for g in by_wire(built) if len(g[1]) == 1] == [g for g in by_wire(published) if len(g[1]) == 1]


def plain(circuit):
    index = {q: k for k, q in enumerate(circuit.qubits)}
    return [(item.operation.name, tuple(index[q] for q in item.qubits), None) for item in circuit.data]


def test_the_oracle_agrees_with_closed_forms():
    z = "Z0 Z1 Z2 Z3"
    assert second_moment(ry_product(4)[0], z) == 2**-4
    assert second_moment(ry_product(4)[0], z, "theta_0") == 2**-4
    layers = hardware_efficient(1, layers=3)[0]
    assert second_moment(layers, "Z0") == 1 / 3 + 2 / 3 * 4.0**-3
    assert second_moment(layers, "Z0", "ry_0_0") == 1 / 3 + 1 / 6 * 4.0**-2
    assert second_moment(hardware_efficient(4, layers=4)[0], "Z0", "ry_0_0") == pytest.approx(0.172195, abs=5e-7)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("qmps", (4, 8, 12, 16, 24, 32, 48, 64)), ("qttn", (4, 8, 16, 32, 64, 128)), ("qmera", (4, 8, 16, 32, 64))],
)
def test_a_tensor_network_has_its_published_class_at_the_canonical_centre(name, sizes):
    chosen = family(name)
    found = classify(points_of(chosen, chosen.focus(4), sizes), 1.0)
    assert found.klass == chosen.expected, found.reason
    assert found.qubits[1] >= 64


def test_the_last_block_of_a_staircase_has_no_plateau():
    """What decays is the distance from the measured wire, not the number of wires."""
    sizes = (4, 8, 16, 32, 64)
    last = [(n, points_of(qmps, f"b{n - 2}_xx", (n,))[0][1]) for n in sizes]
    assert classify(last, 1.0).klass == "constant"


def test_a_block_of_the_staircase_decays_nearly_as_between_haar_blocks():
    """Haar: 2/5 a block, 0.4; these 15 uniform angles come to 0.417."""
    values = [second_moment(*qmps(n), "b0_xx") for n in (16, 17)]
    assert values[1] / values[0] == pytest.approx(2 / 5, abs=0.02)


def test_disentanglers_take_part_in_what_is_measured():
    circuit, observable = qmera(16)
    assert second_moment(circuit, observable, "b0_xx") != second_moment(*qttn(16), "b0_xx")


def test_trees_have_one_block_fewer_than_wires_and_depth_log_n():
    for n in (2, 3, 5, 8, 16, 21):
        blocks, depth = layered(qttn(n)[0])
        assert blocks == n - 1
        assert depth == math.ceil(math.log2(n))
    assert layered(qmps(9)[0]) == (8, 8)
    assert layered(qmera(16)[0])[0] == 15 + (1 + 3 + 7)


def layered(circuit: QuantumCircuit):
    """Blocks, and how many lie one after another."""
    at, blocks = [0] * circuit.num_qubits, 0
    for kind, wires, _ in gates_of(circuit):
        if kind == "rxx":
            blocks += 1
            level = max(at[w] for w in wires) + 1
            for w in wires:
                at[w] = level
    return blocks, max(at)


def test_every_wire_of_a_network_is_reached():
    for build in (qmps, qttn, qmera):
        circuit, _ = build(8)
        assert {w for _, wires, _ in gates_of(circuit) for w in wires} == set(range(8))


def test_layers_are_given_after_a_colon():
    circuit, observable = family("hea_global:3")(4)
    assert len(circuit.parameters) == 2 * 4 * 3
    assert observable == "Z0 Z1 Z2 Z3"
    assert family("hea:3").expected == "constant"
    assert len(family("hea")(5)[0].parameters) == 50


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: family("tree"), "there is no family `tree`"),
        (lambda: family("qmps:3"), "asks for layers"),
        (lambda: family("hea:0"), "asks for layers"),
        (lambda: family("qmps")(1), "begins at 2 qubits, but 1"),
        (lambda: family("qmera")(12), "power of two"),
        (lambda: family("hea")(3000), "18000000 parameters"),
    ],
)
def test_what_is_no_member_is_refused(ask, words):
    with pytest.raises(Unusable, match=words):
        ask()
