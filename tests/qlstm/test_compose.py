"""Six blocks as one circuit: the shipped cell is the composition of the shipped blocks."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit

from qlstm.compose import compose, window
from qlstm.roles import ROLES
from qverify import load_subject
from qverify.angles import angle_of
from qverify.errors import Unusable
from tests.qlstm.conftest import ROOT
from tests.qlstm.measuring import blocks

FOLDERS = sorted(file.parent for file in (ROOT / "circuits").glob("*/cell.qasm"))


def steps(circuit: QuantumCircuit) -> list[object]:
    """Operations with wires, bits, angles and conditions by name; branches as lists of the same."""
    wire = {q: (r.name, k) for r in circuit.qregs for k, q in enumerate(r)}
    bit = {b: (r.name, k) for r in circuit.cregs for k, b in enumerate(r)}

    def read(body: QuantumCircuit, wires: dict[object, object], bits: dict[object, object]) -> list[object]:
        found: list[object] = []
        for item in body.data:
            op, on, to = item.operation, [wires[q] for q in item.qubits], [bits[c] for c in item.clbits]
            inner = [
                read(b, dict(zip(b.qubits, on, strict=True)), dict(zip(b.clbits, to, strict=True)))
                for b in getattr(op, "blocks", ())
            ]
            angles = [] if inner else [angle_of(p) for p in op.params]
            when = [(bits[op.condition[0]], int(op.condition[1]))] if inner else []
            wires_of = sorted(on, key=str) if inner else on
            found.append((op.name, wires_of, to, angles, when, inner))
        return found

    return read(circuit, dict(wire), dict(bit))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_shipped_cell_is_the_composition_of_its_blocks(folder):
    composed = compose({role: load_subject(str(folder / f"{role}.qasm")).circuit for role in ROLES})
    shipped = load_subject(str(folder / "cell.qasm"))
    assert steps(shipped.circuit) == steps(composed)
    claimed = {role: load_subject(str(folder / f"{role}.qasm")).claims.weights for role in ROLES}
    assert set(shipped.claims.weights) == set().union(*claimed.values())


def test_given_bits_are_the_earlier_blocks():
    cell = compose(blocks())
    assert [r.name for r in cell.qregs] == ["work", "hidden"]
    assert [r.name for r in cell.cregs] == ["f", "i", "o", "y"]
    assert cell.count_ops()["measure"] == 4


def test_window_has_its_own_features_and_bits_each_step():
    whole = window(compose(blocks()), 3)
    assert {"x_0", "x_1", "x_2", "scale"} <= {p.name for p in whole.parameters}
    assert "x" not in {p.name for p in whole.parameters}
    assert [r.name for r in whole.cregs[4:8]] == ["f_1", "i_1", "o_1", "y_1"]


def test_registers_of_two_sizes_are_refused():
    made = blocks()
    made["input"] = QuantumCircuit(2, 1)
    with pytest.raises(Unusable, match="register `q` has another size"):
        compose(made | {"hidden": QuantumCircuit(3)})
