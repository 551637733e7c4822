"""The cell against PennyLane, against finite differences, and against the classic mistakes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from qlstm import cells
from qlstm.cells import Cell, forecast, initial_parameters
from qlstm.config import Config
from qlstm.data import sine
from qlstm.models import count
from qlstm.optimizers import first_order
from qlstm.roles import ROLES
from qlstm.windows import windowed
from tests.qlstm import pennylane_cell
from tests.qlstm.published import compiled_cell

N_UPDATES = 12


@pytest.fixture(scope="module")
def cell():
    return Cell("chen2020", compiled_cell(), {})


@pytest.fixture(scope="module")
def start(cell):
    return initial_parameters(cell, jax.random.key(7))


@pytest.fixture(scope="module")
def batches():
    part = windowed(sine(), 4).train
    return [(part.windows[10 * k :][:10], part.targets[10 * k :][:10]) for k in range(15)] * 2


@pytest.fixture(scope="module")
def pennylane_losses(start, batches):
    weights = [np.asarray(start[role]) for role in ROLES]
    weights += [np.asarray(start["linear_weight"]), np.asarray(start["linear_bias"])]
    return pennylane_cell.losses(weights, batches[:N_UPDATES])


def our_losses(forecast_of, parameters, batches):
    rmsprop = first_order(Config("chen2020", "sine"))
    state = rmsprop.init(parameters)

    @jax.jit
    def update(parameters, state, windows, targets):
        loss = lambda p: jnp.mean((forecast_of(p, windows) - targets) ** 2)  # noqa: E731
        value, gradient = jax.value_and_grad(loss)(parameters)
        change, state = rmsprop.update(gradient, state)
        return jax.tree.map(jnp.add, parameters, change), state, value

    found = []
    for windows, targets in batches:
        parameters, state, value = update(parameters, state, windows, targets)
        found.append(float(value))
    return found


def test_losses_agree_with_pennylane_over_a_dozen_updates(cell, start, batches, pennylane_losses):
    ours = our_losses(lambda p, w: forecast(cell, p, w), start, batches[:N_UPDATES])
    np.testing.assert_allclose(ours, pennylane_losses, rtol=0, atol=1e-9)


def vqc_6_reads_h(cell, parameters, windows):
    """The cell with a mistake seen in the wild: the output circuit is fed h' instead of o * tanh c'."""
    vqc_1_to_4, vqc_5, vqc_6 = cells.vqcs(cell, parameters)
    h, c = jnp.zeros((len(windows), 3)), jnp.zeros((len(windows), 4))
    for x in windows.T:
        f, i, new, o = vqc_1_to_4(jnp.concatenate([x[:, None], h], axis=1))
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(new)
        (h,) = vqc_5(jax.nn.sigmoid(o) * jnp.tanh(c))
    (y,) = vqc_6(jnp.concatenate([h, jnp.zeros((len(windows), 1))], axis=1))
    return y @ parameters["linear_weight"] + parameters["linear_bias"]


def test_output_circuit_fed_h_is_caught_by_the_comparison(cell, start, batches, pennylane_losses):
    mutant = our_losses(lambda p, w: vqc_6_reads_h(cell, p, w), start, batches[:3])
    assert np.max(np.abs(np.array(mutant) - pennylane_losses[:3])) > 1e-4


@pytest.fixture(scope="module")
def random_point(cell):
    keys = jax.random.split(jax.random.key(1), 8)
    shapes = initial_parameters(cell, keys[0])
    return {
        name: jax.random.uniform(k, shapes[name].shape, minval=-2, maxval=2)
        for name, k in zip(shapes, keys, strict=True)
    }


@pytest.fixture(scope="module")
def loss(cell, batches):
    windows, targets = batches[3]
    return lambda p: jnp.mean((forecast(cell, p, windows) - targets) ** 2)


@pytest.fixture(scope="module")
def gradient(loss, random_point):
    return jax.jit(jax.grad(loss))(random_point)


def is_dead(name: str, role: str) -> bool:
    """The last RZ before measuring Z moves nothing; nor does the whole last Rot of an unmeasured wire."""
    kind, layer, qubit = name
    unmeasured = role == "hidden" and qubit == "3"
    return layer == "1" and (kind == "g" or unmeasured)


def test_cell_has_149_weights(cell, start):
    assert count(start) == 149 == 6 * 24 + 5
    assert cell.circuits["hidden"].observables.shape == (3, 16, 16)


def test_every_weight_moves_the_loss_except_those_after_which_nothing_is_measured(cell, gradient):
    for role in ROLES:
        dead = [is_dead(name, role) for name in cell.circuits[role].weights]
        moved = np.abs(np.asarray(gradient[role])) > 1e-9
        assert list(moved) == [not d for d in dead], role
    assert np.all(np.abs(np.asarray(gradient["linear_weight"])) > 1e-9)
    assert abs(float(gradient["linear_bias"])) > 1e-9


def test_gradient_agrees_with_finite_differences(loss, random_point, gradient):
    loss, step = jax.jit(loss), 1e-5
    rng = np.random.default_rng(0)
    for name, values in random_point.items():
        direction = jnp.asarray(rng.normal(size=values.shape))
        ahead = loss(random_point | {name: values + step * direction})
        behind = loss(random_point | {name: values - step * direction})
        along = float(jnp.sum(gradient[name] * direction))
        assert abs(float(ahead - behind) / (2 * step) - along) < 1e-8 * max(1, abs(along))


def test_initial_weights_depend_on_the_key_alone(cell, start):
    again = initial_parameters(cell, jax.random.key(7))
    other = initial_parameters(cell, jax.random.key(8))
    assert all(np.array_equal(again[name], start[name]) for name in start)
    assert not any(np.array_equal(other[name], start[name]) for name in start)
    assert np.all(np.abs(start["linear_weight"]) <= 0.5)
