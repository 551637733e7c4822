"""Digests: equal for the same content however it is named or stored, different after any change of meaning."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from qiskit import qasm3, qpy
from qiskit.circuit import (
    CircuitInstruction,
    ClassicalRegister,
    Clbit,
    ControlledGate,
    IfElseOp,
    Parameter,
    QuantumCircuit,
    QuantumRegister,
    Qubit,
    library,
)
from qiskit.circuit.classical import expr, types

from qverify.digest import byte_digest, digest_of
from qverify.load import load_circuit
from qverify.semantics import instrument
from qverify.subject import Claims, Reference, make_subject
from qverify.subject.canonical import circuit_digest
from tests.strategies import dynamic_circuit, from_seed, parameters, seeded, sources, static_circuit, steady

ROOT = Path(__file__).parents[3]


def digest(circuit, names=None):
    return circuit_digest(circuit, tuple(p.name for p in circuit.parameters) if names is None else names)


def through_qpy(circuit):
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    return load_circuit(stream.getvalue(), "c.qpy").circuit


def rich(theta=None, *, names="abc", bit=0, wanted=1):
    """A circuit with a bit of everything."""
    theta = Parameter("theta") if theta is None else theta
    q, c = QuantumRegister(3, names[0]), ClassicalRegister(2, names[1])
    circuit = QuantumCircuit(q, c, name=names[2], global_phase=0.25)
    circuit.h(0)
    circuit.ry(2 * theta + 0.5, 1)
    circuit.append(library.CRXGate(0.3, ctrl_state=0), [0, 2])
    circuit.measure(0, bit)
    circuit.reset(0)
    with circuit.if_test((circuit.clbits[bit], wanted)) as otherwise:
        circuit.x(1)
    with otherwise:
        circuit.rz(theta, 2)
    with circuit.switch(c) as case:
        with case(2):
            circuit.y(0)
        with case(case.DEFAULT):
            circuit.z(0)
    part = QuantumCircuit(2)
    part.h(0)
    part.cx(0, 1)
    circuit.append(part.to_gate(label=names), [2, 0])
    return circuit


def test_rebuilding_a_circuit_gives_the_same_digest():
    assert digest(rich()) == digest(rich())


def test_names_and_labels_are_no_content():
    assert digest(rich()) == digest(rich(names="xyz"))
    labelled = QuantumCircuit(1, metadata={"by": "someone"})
    labelled.append(library.XGate(label="flip"), [0])
    plain = QuantumCircuit(1)
    plain.x(0)
    assert digest(labelled) == digest(plain)


def test_another_process_with_another_hash_seed_gives_the_same_digest():
    program = (
        "from tests.qverify.subject.test_canonical import rich, digest\n"
        "from tests.strategies import dynamic_circuit, from_seed\n"
        "print(digest(rich()), *(digest(dynamic_circuit(from_seed(k), 2, 3, 6)) for k in range(8)))\n"
    )
    seen = set()
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        seen.add(done.stdout)
    here = [digest(rich()), *(digest(dynamic_circuit(from_seed(k), 2, 3, 6)) for k in range(8))]
    assert seen == {" ".join(here) + "\n"}


@given(seeded())
@steady(60)
def test_a_qpy_round_trip_keeps_the_digest_of_a_dynamic_circuit(source):
    circuit = dynamic_circuit(source, 2, 3, 5)
    assert digest(through_qpy(circuit)) == digest(circuit)


@given(sources())
@steady(40)
def test_a_qpy_round_trip_keeps_the_digest_of_a_parametric_circuit(source):
    circuit = static_circuit(source, 4, 8, parameters=parameters(3))
    assert digest(through_qpy(circuit)) == digest(circuit)


def test_an_openqasm_3_round_trip_keeps_the_digest():
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(2, "c"))
    circuit.h(0)
    circuit.ry(2 * a + b / 3, 1)
    circuit.cx(0, 2)
    circuit.cp(0.1, 1, 2)
    circuit.measure(0, 1)
    with circuit.if_test((circuit.clbits[1], 1)) as otherwise:
        circuit.x(1)
        circuit.reset(0)
    with otherwise:
        circuit.rz(b, 2)
    with circuit.if_test((circuit.cregs[0], 2)):
        circuit.swap(0, 1)
    with circuit.for_loop(range(2)):
        circuit.sx(0)
    read = load_circuit(qasm3.dumps(circuit).encode(), "c.qasm").circuit
    assert digest(read) == digest(circuit)


# ------------------------------------------------------------------------------ what must change it


def _conditioned(*, wanted=1, bit=0, extra=True):
    c = QuantumCircuit(2, 2)
    c.measure(0, bit)
    if extra:
        c.reset(0)
    with c.if_test((c.clbits[bit], wanted)):
        c.x(1)
    return c


def _part(inside):
    part = QuantumCircuit(1, name="part")
    inside(part)
    c = QuantumCircuit(1)
    c.append(part.to_gate(), [0])
    return c


def _with(build, n=2, **options):
    c = QuantumCircuit(n, **options)
    build(c)
    return c


def _controlled(definition):
    """A controlled gate whose definition need not follow from its base gate."""
    inner = QuantumCircuit(2)
    definition(inner)
    gate = ControlledGate("odd", 2, [], num_ctrl_qubits=1, definition=inner, base_gate=library.RYGate(0.1))
    return _with(lambda c: c.append(gate, [0, 1]))


def _named(first, second):
    """Parameters whose names read like expressions."""
    a, b, odd = Parameter("a"), Parameter("b"), Parameter("a + b")
    values = {"sum": a + b, "name": odd}
    return _with(lambda c: (c.rx(values[first], 0), c.rx(values[second], 1)))


UP = math.nextafter(0.3, 1)
PAIRS = {
    "a gate": (_with(lambda c: c.h(0)), _with(lambda c: c.x(0))),
    "the wires of a gate": (_with(lambda c: c.cx(0, 1)), _with(lambda c: c.cx(1, 0))),
    "the order of gates": (_with(lambda c: (c.h(0), c.x(0))), _with(lambda c: (c.x(0), c.h(0)))),
    "an angle by one ulp": (_with(lambda c: c.rx(0.3, 0)), _with(lambda c: c.rx(UP, 0))),
    "a coefficient by one ulp": (
        _with(lambda c: c.rx(0.3 * Parameter("t"), 0)),
        _with(lambda c: c.rx(UP * Parameter("t"), 0)),
    ),
    "a constant in an expression by one ulp": (
        _with(lambda c: c.rx(Parameter("t") + 0.3, 0)),
        _with(lambda c: c.rx(Parameter("t") + UP, 0)),
    ),
    "the sign of an angle": (_with(lambda c: c.rx(0.3, 0)), _with(lambda c: c.rx(-0.3, 0))),
    "a function in an expression": (
        _with(lambda c: c.rx(Parameter("t").arctan(), 0)),
        _with(lambda c: c.rx((Parameter("t") ** 2).arctan(), 0)),
    ),
    "a control state": (
        _with(lambda c: c.append(library.CXGate(), [0, 1])),
        _with(lambda c: c.append(library.CXGate(ctrl_state=0), [0, 1])),
    ),
    "the value of a condition": (_conditioned(), _conditioned(wanted=0)),
    "the bit of a measurement and condition": (_conditioned(), _conditioned(bit=1)),
    "a reset": (_conditioned(), _conditioned(extra=False)),
    "a composite gate's definition": (_part(lambda c: c.x(0)), _part(lambda c: c.y(0))),
    "a composite gate's phase": (
        _part(lambda c: c.x(0)),
        _part(lambda c: (c.x(0), setattr(c, "global_phase", 0.1))),
    ),
    "a controlled gate's definition": (_controlled(lambda c: c.cx(0, 1)), _controlled(lambda c: c.cz(0, 1))),
    "the global phase": (QuantumCircuit(1), QuantumCircuit(1, global_phase=0.1)),
    "the number of wires": (QuantumCircuit(1), QuantumCircuit(2)),
    "the number of bits": (QuantumCircuit(1), QuantumCircuit(1, 1)),
    "a barrier": (_with(lambda c: c.barrier()), QuantumCircuit(2)),
    "a matrix": (
        _with(lambda c: c.unitary(np.eye(2), 0)),
        _with(lambda c: c.unitary(np.diag([1, np.exp(1e-15j)]), 0)),
    ),
    "names that read like expressions": (_named("sum", "name"), _named("name", "sum")),
    "a parameter's place": (
        _with(lambda c: (c.rx(Parameter("a"), 0), c.rx(Parameter("b"), 1))),
        _with(lambda c: (c.rx(Parameter("b"), 0), c.rx(Parameter("a"), 1))),
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_the_digest_changes_with(what):
    left, right = PAIRS[what]
    assert digest(left) == digest(left.copy())
    assert digest(left) != digest(right)


def test_the_digest_changes_with_the_order_of_the_parameters():
    circuit = PAIRS["a parameter's place"][0]
    assert digest(circuit, ("a", "b")) != digest(circuit, ("b", "a"))


def looped(indices):
    circuit = QuantumCircuit(1)
    with circuit.for_loop(indices):
        circuit.x(0)
    return circuit


def test_a_range_and_its_numbers_are_one_loop_and_a_huge_range_costs_nothing():
    assert digest(looped(range(3))) == digest(looped((0, 1, 2))) != digest(looped((0, 2, 1)))
    assert digest(looped(range(10**12))) != digest(looped(range(10**12 + 1)))


def test_a_phase_of_a_whole_turn_is_none():
    turned = QuantumCircuit(1, global_phase=-1e-17)
    assert turned.global_phase == 2 * math.pi  # what rounding leaves of the remainder
    assert digest(turned) == digest(QuantumCircuit(1)) == digest(through_qpy(turned))


def test_a_register_condition_depends_on_the_order_of_its_bits():
    found = set()
    for order in ((0, 1), (1, 0)):
        bits = [Clbit(), Clbit()]
        register = ClassicalRegister(bits=[bits[k] for k in order])
        circuit = QuantumCircuit([Qubit()], bits, register)
        with circuit.if_test((register, 1)):
            circuit.x(0)
        found.add(digest(circuit))
    assert len(found) == 2


def test_spellings_of_one_condition_have_one_digest():
    found = set()
    for spell in (lambda b: (b, 1), expr.lift, lambda b: expr.logic_not(expr.logic_not(b))):
        circuit = QuantumCircuit(1, 1)
        with circuit.if_test(spell(circuit.clbits[0])):
            circuit.x(0)
        found.add(digest(circuit))
    assert len(found) == 1


def _edits(source, circuit):
    """Every circuit that differs from this one in one random place of one kind."""
    at = source.randrange(len(circuit.data))
    item = circuit.data[at]
    op = item.operation
    kinds = ["drop", "double", "phase", "widen"]
    if item.qubits and len(item.qubits) > 1 and not hasattr(op, "blocks") and op.name != "barrier":
        kinds.append("wires")
    if op.name == "measure" and circuit.num_clbits > 1:
        kinds.append("bit")
    if isinstance(op, IfElseOp) and isinstance(op.condition, tuple):
        kinds.append("condition")
    if op.params and all(isinstance(p, float) for p in op.params) and op.name != "unitary":
        kinds.append("angle")
    kind = source.choice(kinds)
    edited = circuit.copy_empty_like()
    if kind == "phase":
        edited.global_phase += 0.125
    if kind == "widen":
        edited.add_bits([Qubit()])
    for k, each in enumerate(circuit.data):
        new = each
        if k == at and kind == "drop":
            continue
        if k == at and kind == "double":
            edited.append(each)
        elif k == at and kind == "wires":
            new = CircuitInstruction(op, each.qubits[1:] + each.qubits[:1], each.clbits)
        elif k == at and kind == "bit":
            other = next(c for c in circuit.clbits if c != each.clbits[0])
            new = CircuitInstruction(op, each.qubits, [other])
        elif k == at and kind == "condition":
            target, value = op.condition
            changed = IfElseOp((target, not value if isinstance(value, bool) else value ^ 1), *op.params)
            new = CircuitInstruction(changed, each.qubits, each.clbits)
        elif k == at and kind == "angle":
            changed = op.to_mutable()
            changed.params = [*op.params[:-1], math.nextafter(op.params[-1], 100)]
            new = CircuitInstruction(changed, each.qubits, each.clbits)
        edited.append(new)
    return kind, edited


@given(seeded())
@steady(150)
def test_any_single_edit_of_a_random_circuit_changes_its_digest(source):
    circuit = dynamic_circuit(source, 2, 2, source.randint(1, 6))
    kind, edited = _edits(source, circuit)
    assert digest(circuit) == digest(circuit.copy()), kind
    assert digest(edited) != digest(circuit), kind


@given(seeded())
@steady(40)
def test_circuits_of_one_digest_are_one_instrument(source):
    circuit = dynamic_circuit(source, 2, 2, 4)
    again = through_qpy(circuit)
    assert digest(again) == digest(circuit)
    first, second = instrument(circuit, {}), instrument(again, {})
    assert list(first) == list(second)
    for record in first:
        np.testing.assert_allclose(first[record], second[record], atol=1e-12)


# ------------------------------------------------------------------------------ digests of values and subjects


def test_a_digest_is_sha_256_of_canonical_json():
    import hashlib

    text = json.dumps(["qverify-content-1", {"a": 1, "b": [2.5]}], sort_keys=True, separators=(",", ":"))
    assert digest_of({"b": [2.5], "a": 1}) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert byte_digest(b"abc") == "sha256:" + hashlib.sha256(b"abc").hexdigest()


def test_a_number_that_is_none_has_no_digest():
    with pytest.raises(ValueError, match="JSON"):
        digest_of(math.nan)


def test_a_claim_and_the_content_of_its_reference_are_part_of_a_subject():
    circuit, other = QuantumCircuit(1), QuantumCircuit(1, global_phase=0.5)
    references = [Reference("r.qasm", c, (), circuit_digest(c, ())) for c in (circuit, other)]
    made = [
        make_subject("c", circuit, ()),
        make_subject("c", circuit, (), claims=Claims(kind="unitary")),
        make_subject("c", circuit, (), claims=Claims(feature_range=(0.0, 1.0))),
        *(make_subject("c", circuit, (), reference=r) for r in references),
    ]
    assert len({s.digest for s in made}) == len(made)
    assert len({s.circuit_digest for s in made}) == 1


def test_a_claim_of_the_default_says_nothing():
    circuit = QuantumCircuit(1)
    assert make_subject("c", circuit, ()).digest == make_subject("d", circuit, (), claims=Claims(title="")).digest


def test_a_circuit_changed_in_memory_is_no_longer_as_digested():
    circuit = QuantumCircuit(1)
    subject = make_subject("c", circuit, ())
    assert subject.still_as_digested()
    circuit.x(0)
    assert not subject.still_as_digested()


def _counting(start=0, bound=3, step=1, width=2, name="k", own=False):
    circuit = QuantumCircuit(1, 1)
    k = circuit.add_var(expr.Var.new(name, types.Uint(width)), start)
    with circuit.while_loop(expr.less(k, bound)):
        if own:
            k = circuit.add_var(expr.Var.new("inner", types.Uint(width)), start)
        circuit.x(0)
        circuit.store(k, expr.add(k, step))
    circuit.measure(0, 0)
    return circuit


def test_what_a_variable_holds_is_content_and_its_name_is_none():
    changed = [{"start": 1}, {"bound": 2}, {"step": 2}, {"width": 3}, {"own": True}]
    digests = [digest(_counting(**how)) for how in ({}, *changed)]
    assert len(set(digests)) == len(digests)
    assert digest(_counting(name="count")) == digests[0]


def test_a_variable_from_outside_is_not_one_of_the_bodys_own():
    def made(captured):
        circuit = QuantumCircuit(1, 1)
        a, b = (circuit.add_var(expr.Var.new(name, types.Bool()), False) for name in "ab")
        body = QuantumCircuit(1, 1, captures=[a if captured == "a" else b])
        inner = body.add_var(expr.Var.new("own", types.Bool()), False)
        body.store(inner if captured == "a" else b, True)
        circuit.if_test((circuit.clbits[0], 1), body, [0], [0])
        return circuit

    assert digest(made("a")) != digest(made("b"))


def test_the_width_in_which_a_sum_is_taken_is_content():
    def made(width):
        circuit = QuantumCircuit(1, 1)
        a = circuit.add_var("a", expr.lift(3, types.Uint(2)))
        total = expr.Binary(expr.Binary.Op.ADD, a, a, types.Uint(width))
        with circuit.if_test(expr.equal(total, expr.lift(2, types.Uint(width)))):
            circuit.x(0)
        return circuit

    assert digest(made(2)) != digest(made(3))
