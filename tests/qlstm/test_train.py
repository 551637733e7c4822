"""The optimiser in PyTorch's semantics, the last batch, and runs that are interrupted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from qlstm.config import Config
from qlstm.data import sine
from qlstm.errors import BadData
from qlstm.lstm import LSTM166
from qlstm.models import Model
from qlstm.train import in_batches, kept_apart, start, train
from qlstm.windows import Part, windowed

LINEAR = Model("linear", lambda key: {"a": jax.random.normal(key, (4,))}, lambda p, windows: windows @ p["a"])


def config(**changes):
    return Config("chen2020", "sine", **{"epochs": 3, **changes})


def run(model, part, options, progress=None):
    return train(model, part, options, progress or start(model, options, jax.random.key(0)), lambda _: None)


def test_rmsprop_is_pytorchs_and_the_last_batch_is_smaller():
    part = windowed(sine(), 4).train
    options = config(epochs=2)
    assert len(part.targets) % options.batch == 7
    first = start(LINEAR, options, jax.random.key(0))
    a, v, losses = np.asarray(first.parameters["a"]), np.zeros(4), []
    for _ in range(options.epochs):
        total = 0.0
        for k in range(0, len(part.targets), options.batch):
            x, y = part.windows[k : k + options.batch], part.targets[k : k + options.batch]
            error = x @ a - y
            total += np.sum(error**2)
            g = 2 * x.T @ error / len(y)
            v = 0.99 * v + 0.01 * g**2
            a = a - 0.01 * g / (np.sqrt(v) + 1e-8)
        losses.append(total / len(part.targets))
    found = run(LINEAR, part, options, first)
    np.testing.assert_allclose(found.parameters["a"], a, rtol=0, atol=1e-13)
    np.testing.assert_allclose(found.losses, losses, rtol=1e-12)


def test_epsilon_stands_outside_the_root():
    part = Part(np.array([[1e-9, 0, 0, 0]]), np.array([1.0]))
    options = config(epochs=1)
    first = start(LINEAR, options, jax.random.key(0))
    found = run(LINEAR, part, options, first)
    g = 2e-9 * (1e-9 * float(first.parameters["a"][0]) - 1)
    expected = first.parameters["a"][0] - 0.01 * g / (0.1 * abs(g) + 1e-8)
    assert float(found.parameters["a"][0]) == pytest.approx(float(expected), abs=1e-12)


def test_batch_larger_than_the_data_is_one_batch():
    part = Part(np.ones((3, 4)), np.ones(3))
    windows, _, present = in_batches(part, 10)
    assert windows.shape == (1, 3, 4)
    assert present.sum() == 3


def test_interrupted_run_continues_bit_for_bit():
    part = windowed(sine(), 4).train
    whole = run(LSTM166, part, config(epochs=6))
    half = run(LSTM166, part, config(epochs=2))
    resumed = run(LSTM166, part, config(epochs=6), half)
    assert resumed.losses == whole.losses
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(resumed.parameters[name], value)


def test_after_epoch_is_told_of_every_epoch():
    part, seen = windowed(sine(), 4).train, []
    options = config(epochs=3)
    train(LINEAR, part, options, start(LINEAR, options, jax.random.key(0)), lambda p: seen.append(len(p.losses)))
    assert seen == [1, 2, 3]


def test_diverging_loss_is_refused():
    exploding = Model("exploding", lambda _: {"a": jnp.ones(())}, lambda p, w: jnp.exp(1e4 * p["a"]) * w[:, 0])
    with pytest.raises(BadData, match="lower --learning-rate"):
        run(exploding, windowed(sine(), 4).train, config())


def test_training_lowers_the_loss():
    losses = run(LSTM166, windowed(sine(), 4).train, config(epochs=20)).losses
    assert losses[-1] < losses[0] / 5


def test_adams_rate_falls_to_zero_and_ends_lower_than_rmsprop():
    part = windowed(sine(), 4).train
    adam = run(LINEAR, part, config(epochs=30, optimizer="adam", learning_rate=0.03))
    assert adam.losses[-1] < run(LINEAR, part, config(epochs=30)).losses[-1]
    steps = -np.diff(adam.losses)
    assert abs(steps[-1]) < 0.1 * abs(steps[-10])


def test_second_half_is_levenberg_marquardt_and_resumes_to_the_bit():
    part = windowed(sine(), 4).train
    options = config(epochs=6, optimizer="adam+lm", learning_rate=0.03)
    kept = []
    whole = train(LINEAR, part, options, start(LINEAR, options, jax.random.key(0)), kept.append)
    assert whole.losses[5] < 1e-3 * whole.losses[2]
    for k in (1, 2, 4):
        np.testing.assert_array_equal(run(LINEAR, part, options, kept[k]).parameters["a"], whole.parameters["a"])


def test_patience_keeps_the_best_weights_and_ends():
    part = windowed(sine(), 4).train
    noisy = Part(part.windows, np.random.default_rng(0).normal(size=len(part.targets)))
    options = config(epochs=200, optimizer="adam", learning_rate=0.1, patience=3)
    done = run(LINEAR, noisy, options)
    assert len(done.losses) < 200
    assert int(done.opt_state.waited) == 3
    _, held = kept_apart(noisy, options)
    error = np.mean((held.windows @ done.chosen["a"] - held.targets) ** 2)
    np.testing.assert_allclose(error, done.opt_state.lowest, rtol=1e-12)
    assert kept_apart(noisy, config())[0].targets.shape == noisy.targets.shape


def test_clipped_gradient_moves_no_further_than_it_may():
    part = windowed(sine(), 4).train
    free, short = (
        run(LINEAR, part, config(epochs=1, batch=1000, optimizer="adam", clip=c)).opt_state.moments
        for c in (0, 1e-3)
    )
    norm = [
        float(jnp.linalg.norm(jax.tree.leaves(m, is_leaf=lambda a: isinstance(a, dict))[1]["a"]))
        for m in (free, short[1])
    ]
    assert norm[1] <= 0.1 * 1e-3 * (1 + 1e-9) < norm[0]
