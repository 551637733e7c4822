from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qlstm.cells import Cell
from qlstm.errors import TranslationDiffers
from qlstm.roles import ROLES
from qlstm.translation import validate_cell
from tests.qlstm.published import claims_for, compiled, compiled_cell, verified_like, vqc


def cell_with(circuits):
    return Cell("chen2020", circuits, {role: verified_like(role) for role in ROLES})


def test_published_cell_agrees_with_the_reference_to_rounding():
    assert validate_cell(cell_with(compiled_cell()), np.random.default_rng(0)) < 1e-13


def swapped_control():
    circuit = vqc()
    wrong = circuit.copy_empty_like()
    for k, instruction in enumerate(circuit.data):
        is_first_cx = instruction.operation.name == "cx" and not any(
            i.operation.name == "cx" for i in circuit.data[:k]
        )
        qubits = reversed(instruction.qubits) if is_first_cx else instruction.qubits
        wrong.append(instruction.operation, list(qubits))
    return wrong


def test_swapped_control_is_caught_and_named():
    circuits = compiled_cell() | {"hidden": compiled(swapped_control(), claims_for("hidden"))}
    with pytest.raises(TranslationDiffers, match=r"hidden.qasm: the compiled circuit differs .* not trained"):
        validate_cell(cell_with(circuits), np.random.default_rng(0))


def test_observables_in_another_order_are_caught():
    circuits = compiled_cell()
    circuits["input"] = replace(circuits["input"], observables=circuits["input"].observables[::-1])
    with pytest.raises(TranslationDiffers, match=r"input\.qasm"):
        validate_cell(cell_with(circuits), np.random.default_rng(0))


def test_disagreement_that_is_no_number_is_caught():
    circuits = compiled_cell()
    circuits["input"] = replace(circuits["input"], observables=circuits["input"].observables * np.nan)
    with pytest.raises(TranslationDiffers):
        validate_cell(cell_with(circuits), np.random.default_rng(0))
