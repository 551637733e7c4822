"""The published cell in PennyLane, and RMSprop in plain NumPy: an oracle that shares nothing with `qlstm`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml
from autograd.builtins import list as autograd_list

from tests.qlstm.published import N_LAYERS, N_QUBITS

Weights = list[np.ndarray]  # six of shape (24,), then Linear's weights (4,) and bias ()


def vqc(n_out: int) -> Callable[..., object]:
    """features (B, 4), weights (24,) or (24, B) -> expectations (B, n_out), broadcast over B."""
    device = qml.device("default.qubit", wires=N_QUBITS)

    @qml.qnode(device, interface="autograd", diff_method="backprop")
    def circuit(features, weights):
        for q in range(N_QUBITS):
            qml.Hadamard(q)
            qml.RY(anp.arctan(features[:, q]), q)
            qml.RZ(anp.arctan(features[:, q] ** 2), q)
        for layer in range(N_LAYERS):
            for distance in (1, 2):
                for q in range(N_QUBITS):
                    qml.CNOT([q, (q + distance) % N_QUBITS])
            for q in range(N_QUBITS):
                start = 3 * (N_QUBITS * layer + q)
                qml.Rot(weights[start], weights[start + 1], weights[start + 2], q)
        return [qml.expval(qml.PauliZ(k)) for k in range(n_out)]

    return lambda features, weights: anp.stack(circuit(features, weights)).T


def sigmoid(z):
    return 1 / (1 + anp.exp(-z))


def forecast(weights: Weights, windows: np.ndarray):
    """windows (B, L) -> next values (B,)."""
    four, three = vqc(4), vqc(3)
    w1, w2, w3, w4, w5, w6, linear, bias = weights
    ones = np.ones(len(windows))
    gates = anp.concatenate([anp.outer(w, ones) for w in (w1, w2, w3, w4)], axis=1)  # (24, 4 B), one call for all
    h = c = None
    for t in range(windows.shape[1]):
        h = np.zeros((len(windows), 3)) if h is None else h
        c = np.zeros((len(windows), 4)) if c is None else c
        v = anp.concatenate([windows[:, t : t + 1], h], axis=1)
        f, i, u, o = anp.split(four(anp.concatenate([v, v, v, v]), gates), 4)
        c = sigmoid(f) * c + sigmoid(i) * anp.tanh(u)
        o = sigmoid(o)
        if t < windows.shape[1] - 1:
            h = three(o * anp.tanh(c), w5)
    return anp.dot(four(o * anp.tanh(c), w6), linear) + bias


def losses(weights: Weights, batches: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Mean squared error before each update of RMSprop (0.01, 0.99, 1e-8), batch by batch."""

    def mse(weights, windows, targets):
        return anp.mean((forecast(weights, windows) - targets) ** 2)

    value_and_grad = autograd.value_and_grad(mse)
    weights = autograd_list([np.array(w) for w in weights])
    v = [np.zeros_like(w) for w in weights]
    found = []
    for windows, targets in batches:
        value, gradient = value_and_grad(weights, windows, targets)
        found.append(float(value))
        v = [0.99 * a + 0.01 * g**2 for a, g in zip(v, gradient, strict=True)]
        weights = [w - 0.01 * g / (np.sqrt(a) + 1e-8) for w, g, a in zip(weights, gradient, v, strict=True)]
    return found
