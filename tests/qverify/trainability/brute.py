"""Second moments by averaging over all angles: exact, slow, and with nothing in common with the walks.

A parameter that is uniform over a turn and enters with whole slopes of total size s makes f a trigonometric
polynomial of degree s, so the mean of f**2 over 2 s + 1 equispaced values is exact, and so is the derivative of the
interpolant. For other laws: nodes and weights of a quadrature, and the gradient by the shift rule.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from qverify.semantics import expectations
from qverify.subject.observables import parse_observable


def values(circuit, text, at, psi=None):
    """<O> at points; `at` is name -> shape (B,)."""
    return expectations(circuit, at or {"unused": np.zeros(1)}, [text], psi)[:, 0]


def uniform_moments(circuit, text, degrees, psi=None, fixed=None):
    """(E f**2, {name: E (d f)**2}) for independent uniform angles.

    degrees: name -> sum of |slope| over its gates, whole numbers. fixed: name -> a value for what is not random.
    """
    names = list(degrees)
    sizes = [2 * degrees[name] + 1 for name in names]
    axes = [2 * np.pi * np.arange(size) / size for size in sizes]
    grids = np.meshgrid(*axes, indexing="ij") if names else []
    at = {name: grid.ravel() for name, grid in zip(names, grids, strict=True)}
    at |= {name: np.array([value]) for name, value in (fixed or {}).items()}
    f = values(circuit, text, at, psi).reshape(sizes or (1,))
    gradients = {}
    for axis, (name, size) in enumerate(zip(names, sizes, strict=True)):
        waves = 1j * np.fft.fftfreq(size, 1 / size)
        shape = [1] * len(sizes)
        shape[axis] = size
        derived = np.fft.ifft(np.fft.fft(f, axis=axis) * waves.reshape(shape), axis=axis)
        gradients[name] = float(np.mean(derived.real**2))
    return float(np.mean(f**2)), gradients


def law_moments(circuit, text, nodes, slopes, psi=None):
    """(E f**2, E f, {name: (E (d f)**2, E d f)}) for parameters that turn one gate each, by quadrature.

    nodes: name -> (points, weights). slopes: name -> slope of those whose gradient is asked for.
    """
    names = list(nodes)
    grids = np.meshgrid(*(nodes[name][0] for name in names), indexing="ij")
    weight = np.ones(1)
    for name in names:
        weight = np.multiply.outer(weight, nodes[name][1])
    weight = weight.ravel()
    at = {name: grid.ravel() for name, grid in zip(names, grids, strict=True)}
    f = values(circuit, text, at, psi)
    found = {}
    for name, slope in slopes.items():
        shift = np.pi / (2 * slope)
        plus, minus = (values(circuit, text, at | {name: at[name] + s}, psi) for s in (shift, -shift))
        g = slope * (plus - minus) / 2
        found[name] = float(weight @ g**2), float(weight @ g)
    return float(weight @ f**2), float(weight @ f), found


def legendre(low, high, count=16):
    """Nodes and weights of the mean over [low, high]."""
    x, w = np.polynomial.legendre.leggauss(count)
    return (low + high) / 2 + (high - low) / 2 * x, w / 2


def whole_turn(count=3):
    """Nodes and weights of the mean over a turn, exact to degree count - 1."""
    return 2 * np.pi * np.arange(count) / count, np.full(count, 1 / count)


def hermite(mean, deviation, count=24):
    """Nodes and weights of the mean over a normal law."""
    x, w = np.polynomial.hermite_e.hermegauss(count)
    return mean + deviation * x, w / w.sum()


def letters_of_input(circuit, zero_wires):
    """All product inputs: |0> on these wires, each of six letters on the others."""
    choices = ["0" if k in zero_wires else "01+-rl" for k in range(circuit.num_qubits)]
    return ["".join(word) for word in product(*choices)]


def observable(circuit, text):
    return parse_observable(text, circuit.num_qubits, circuit.num_clbits)
