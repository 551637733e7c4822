"""From an audited folder to a trained cell: what is admitted is trained, nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from qlstm.cells import assemble
from qlstm.compile import compile_circuit
from qlstm.config import Config
from qlstm.data import sine
from qlstm.errors import BadUsage
from qlstm.roles import ROLES
from qlstm.run import load_series, train_and_compare, verified_cell
from qverify import NotAdmitted, admit_folder

CONFIG = Config("chen2020", "sine", epochs=12, batch=40)
SERIES = sine()[:90]


def nobody(model, epoch, loss):
    pass


@pytest.fixture(scope="module")
def cell(certified):
    return verified_cell(
        "chen2020", certified / "circuits", certified / "certificates", certified / "policy.toml", 0
    )


@pytest.fixture(scope="module")
def whole(cell, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    result, rows, _ = train_and_compare(CONFIG, SERIES, cell, out, False, nobody)
    return out, result, rows


def test_admitted_circuits_make_the_published_cell(cell):
    assert tuple(cell.circuits) == ROLES
    assert sum(len(c.weights) for c in cell.circuits.values()) == 144
    assert all(c.program.is_unitary_once for c in cell.circuits.values())


def test_run_leaves_three_whole_files_and_the_result_on_disk(whole):
    out, result, _ = whole
    assert sorted(p.name for p in out.iterdir()) == ["checkpoint.safetensors", "forecast.png", "result.json"]
    assert json.loads((out / "result.json").read_text()) == result


def test_result_names_every_certificate_and_baseline(whole, cell):
    _, result, rows = whole
    assert [row.name for row in rows] == ["qlstm chen2020", "persistence", "AR(4)", "LSTM166"]
    assert result["parameters"] == 149
    assert result["qubits"] == 4
    assert {c["certificate"] for c in result["certificates"]} == {
        v.certificate_digest for v in cell.verified.values()
    }


def test_resumed_run_equals_the_uninterrupted_one_bit_for_bit(cell, whole, tmp_path):
    out, result, _ = whole

    def interrupted(model, epoch, loss):
        if epoch == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_compare(CONFIG, SERIES, cell, tmp_path, False, interrupted)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.safetensors"], "nothing half-written"
    resumed, _, _ = train_and_compare(CONFIG, SERIES, cell, tmp_path, True, nobody)
    ours, theirs = (load_file(folder / "checkpoint.safetensors") for folder in (tmp_path, out))
    assert len(ours["losses"]) == 12
    for name, tensor in theirs.items():
        np.testing.assert_array_equal(ours[name], tensor)
    assert resumed["metrics"] == result["metrics"]


def test_resuming_with_fewer_epochs_than_done_is_refused(cell, whole):
    with pytest.raises(BadUsage, match="has done 12 epochs"):
        train_and_compare(replace(CONFIG, epochs=3), SERIES, cell, whole[0], True, nobody)


def test_circuit_changed_in_memory_is_not_trained(certified, tmp_path):
    changed = admit_folder(certified / "circuits", certified / "certificates", certified / "policy.toml")
    cell = assemble("chen2020", changed)
    cell.verified["hidden"].subject.circuit.x(0)
    with pytest.raises(NotAdmitted, match=r"hidden\.qasm"):
        train_and_compare(CONFIG, SERIES, cell, tmp_path, False, nobody)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotAdmitted):
        compile_circuit(cell.verified["hidden"])


def test_target_without_csv_is_refused():
    with pytest.raises(BadUsage, match=r"--target is for \.csv files"):
        load_series(Config("chen2020", "sine", target="load"))
