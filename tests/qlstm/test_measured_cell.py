"""The cell with mid-circuit measurement: every form of it, and the Qiskit circuit, are one computation."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from qiskit.circuit import Parameter

from qlstm.channel import channel_of
from qlstm.errors import TranslationDiffers
from qlstm.levenberg import jacobian
from qlstm.measured_cell import initial_parameters, model, readouts
from qlstm.sequence import sequence_of
from qlstm.translation import validate_cell
from qverify.errors import Unusable
from tests.qlstm.measuring import WEIGHTS, blocks, cell

WINDOWS = np.random.default_rng(1).uniform(-1, 1, (5, 3))


@pytest.fixture(scope="module")
def small():
    return cell()


@pytest.fixture(scope="module")
def parameters(small):
    return initial_parameters(small, 3, jax.random.key(0))


def test_wires_bits_and_weights_meet_by_name(small):
    sequence = small.channel.sequence
    assert (sequence.wires, sequence.n_memory) == ((("hidden", 0), ("work", 0)), 1)
    assert sequence.bits == (("f", 0), ("i", 0), ("o", 0), ("y", 0))
    assert small.qubits == 2


def test_window_agrees_with_the_reference_semantics(small):
    assert validate_cell(small, np.random.default_rng(0)) < 1e-13


def test_both_forms_agree(small, parameters):
    assert "nodes" in small.channel.form
    other = replace(small, channel=replace(small.channel, angle=None))
    one, two = (jax.jit(lambda w, c=c: readouts(c, w, WINDOWS))(parameters["weights"]) for c in (small, other))
    np.testing.assert_allclose(one, two, atol=1e-13)


def test_compiled_cell_of_another_circuit_is_caught(small):
    other = cell(hidden="ry(hidden_y) hidden[0]; cx hidden[0], work[0]; x hidden[0];")
    with pytest.raises(TranslationDiffers, match=r"small/forget\.qasm.* window differs .* not trained"):
        validate_cell(replace(small, verified=other.verified), np.random.default_rng(0))


def test_jacobian_is_the_difference_quotient(small, parameters):
    from jax.flatten_util import ravel_pytree

    trained = model(small, 3)
    flat, unravel = ravel_pytree(parameters)
    found = jax.jit(lambda p: jacobian(trained, p, jnp.asarray(WINDOWS)))(parameters)
    forecast = jax.jit(lambda w: trained.forecast(unravel(w), WINDOWS))
    for k in range(len(flat)):
        step = np.zeros(len(flat))
        step[k] = 1e-5
        quotient = (forecast(flat + step) - forecast(flat - step)) / 2e-5
        np.testing.assert_allclose(found[:, k], quotient, atol=1e-8)


def test_windows_with_other_features_are_refused(small, parameters):
    with pytest.raises(Unusable, match=r"takes 1 feature a time step \(x\), but the windows have 2"):
        readouts(small, parameters["weights"], np.zeros((5, 3, 2)))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"input": "qubit[2] cell; bit[2] f; f[0] = measure work[0]; reset work[0];"},
            "`f` has 2 here and 1 in forget",
        ),
        (
            {"update": "qubit[1] g_in; bit[1] g; g[0] = measure g_in[0]; if (g[0]) { x hidden[0]; }"},
            "none wrote `g`",
        ),
        (
            {"forget": "bit[1] f; if (f[0]) { x hidden[0]; } f[0] = measure work[0];"},
            "steers before any block wrote",
        ),
        ({"update": "qubit[1] f_in; x f_in[0];"}, "`f_in` is measured before anything else"),
    ],
)
def test_blocks_that_do_not_fit_are_named(changed, sentence):
    with pytest.raises(Unusable) as refusal:
        sequence_of(blocks(**changed))
    assert sentence in str(refusal.value)
    assert next(iter(changed)) in str(refusal.value)


def test_parameter_that_nobody_claims_is_refused():
    made = blocks()
    made["hidden"].ry(Parameter("stray"), 1)
    with pytest.raises(Unusable, match="`stray` is claimed neither"):
        channel_of(sequence_of(made), ("x",), WEIGHTS)
