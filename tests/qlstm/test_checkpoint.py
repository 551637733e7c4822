from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np
import pytest

from qlstm.checkpoint import Provenance, load_checkpoint, save_checkpoint, write_atomically
from qlstm.config import Config
from qlstm.data import sine
from qlstm.errors import BadCheckpoint
from qlstm.lstm import LSTM166
from qlstm.train import start, train
from qlstm.windows import windowed

CONFIG = Config("chen2020", "sine", epochs=2)
OURS = Provenance(CONFIG, {"forget": "sha256:a"}, {"forget": "sha256:b"}, "sha256:s")


@pytest.fixture(scope="module")
def template():
    return start(LSTM166, CONFIG, jax.random.key(0))


@pytest.fixture(scope="module")
def done(template):
    return train(LSTM166, windowed(sine(), 4).train, CONFIG, template, lambda _: None)


@pytest.fixture
def path(tmp_path, done):
    save_checkpoint(tmp_path / "run" / "checkpoint.safetensors", done, OURS)
    return tmp_path / "run" / "checkpoint.safetensors"


def test_what_is_read_is_what_was_written(path, done, template):
    found = load_checkpoint(path, template, replace(OURS, config=replace(CONFIG, epochs=9)))
    assert found.losses == done.losses
    for a, b in ((found.parameters, done.parameters), (found.opt_state, done.opt_state)):
        jax.tree.map(np.testing.assert_array_equal, a, b)
    assert jax.tree.structure(found.opt_state) == jax.tree.structure(done.opt_state)


def test_nothing_else_is_left_in_the_folder(path):
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (replace(OURS, config=replace(CONFIG, cell="mcmc")), "cell = 'chen2020', but this run 'mcmc'"),
        (replace(OURS, config=replace(CONFIG, learning_rate=0.02)), "learning_rate = 0.01"),
        (replace(OURS, circuits={"forget": "sha256:x"}), "another circuit for the role `forget`"),
        (replace(OURS, series="sha256:x"), "other values of the series"),
    ],
)
def test_checkpoint_of_another_run_is_refused(path, template, other, sentence):
    with pytest.raises(BadCheckpoint) as refusal:
        load_checkpoint(path, template, other)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_truncated_checkpoint_is_refused(path, template, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadCheckpoint, match="damaged"):
        load_checkpoint(path, template, OURS)


def test_absent_checkpoint_is_refused(tmp_path, template):
    with pytest.raises(BadCheckpoint, match="leave out --resume"):
        load_checkpoint(tmp_path / "none.safetensors", template, OURS)


def test_checkpoint_of_another_model_is_refused(path):
    wider = replace(LSTM166, initial=lambda key: LSTM166.initial(key) | {"w_y": jax.numpy.zeros(6)})
    with pytest.raises(BadCheckpoint, match="do not fit this model"):
        load_checkpoint(path, start(wider, CONFIG, jax.random.key(0)), OURS)


def test_checkpoint_with_a_value_that_is_not_finite_is_refused(path, done, template):
    spoiled = replace(done, parameters=done.parameters | {"b_y": jax.numpy.asarray(np.nan)})
    save_checkpoint(path, spoiled, OURS)
    with pytest.raises(BadCheckpoint, match="do not fit this model"):
        load_checkpoint(path, template, OURS)


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
