"""How far apart two circuits that measure are, by the oracle: an interval [lo, hi] that holds the true distance.

    instrument, channel   ||D||_diamond, records kept or added: Choi matrices J_m of the differences, input of dim d
        lo = max over some input states s of sum_m ||(1 x sqrt s) J_m (1 x sqrt s)||_1,   s = 1/d among them
        hi = ||Tr_out sum_m |J_m| ||,                                   both are exact where the input is |0...0>
    outcomes              total variation for the worst input:   max over sets S of records of lambda_max(sum_S E_m)
        lo = that for the sets tried (all of them up to 8 records),     hi = sum_m ||E_m|| / 2

Where whole maps are too large, drawn inputs give lo alone, and hi = 2: two different maps agree on a random input
with probability zero. Source: Watrous, The Theory of Quantum Information (2018), sec. 3.3. Nothing of qverify here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from .memory import Record
from .oracle import evolved, traced

Array = NDArray[np.complex128]
Matrices = dict[Record, Array]
MATRIX = 1e-11  # rounding of some hundred products and of the norms of the largest Choi matrices, with room
WHOLE = 4  # wires up to which whole maps are computed
DRAWN = 3  # inputs that are drawn otherwise
ALL_SETS = 8  # records up to which every set of them is tried
STEPS = 4  # of improving the input state


@dataclass(frozen=True)
class Asked:
    """The notion, the input, and the wires that only B has: starting in |0>, or traced out."""

    notion: str
    input: str
    ancilla: tuple[int, ...] = ()
    discard: tuple[int, ...] = ()


@dataclass(frozen=True)
class Truth:
    """The true distance lies in [lo, hi]."""

    lo: float
    hi: float


def truth(a: QuantumCircuit, b: QuantumCircuit, values: Mapping[str, float], asked: Asked, seed: int = 0) -> Truth:
    """The distance of two circuits at parameter values."""
    found = [_of_input(a, b, values, asked, psi) for psi in inputs(a.num_qubits, asked.input, seed)]
    return Truth(max(t.lo for t in found), min(t.hi for t in found))


def inputs(n: int, given: str, seed: int) -> Iterator[Array]:
    """States of n wires and reference qubits, shape (2**n, references), that are sent through both circuits."""
    if given == "zero":
        yield np.eye(2**n, 1, dtype=np.complex128)
    elif n <= WHOLE:
        yield np.eye(2**n, dtype=np.complex128) / 2 ** (n / 2)
    else:
        rng = np.random.default_rng(seed)
        for _ in range(DRAWN):
            psi = rng.normal(size=(2**n, 2)) + 1j * rng.normal(size=(2**n, 2))
            yield psi / np.linalg.norm(psi)


def _of_input(a: QuantumCircuit, b: QuantumCircuit, values: Mapping[str, float], asked: Asked, psi: Array) -> Truth:
    n = a.num_qubits
    left = _ends(a, values, psi, (), tuple(range(n)) if asked.notion == "outcomes" else ())
    lost = tuple(range(b.num_qubits)) if asked.notion == "outcomes" else asked.discard
    ancilla = tuple(k for k in range(b.num_qubits) if k >= n) if asked.input == "zero" else asked.ancilla
    right = _ends(b, values, psi, ancilla, lost)
    if asked.notion == "channel":
        left, right = _summed(left), _summed(right)
    gaps = [gap for gap in _differences(left, right) if np.any(gap)]
    if not gaps:
        return Truth(0.0, MATRIX)
    outcomes = asked.notion == "outcomes"
    most = 1.0 if outcomes else 2.0
    if psi.shape[1] != psi.shape[0] and asked.input == "any":  # a drawn input: what it shows is there, no more
        shown = sum(abs(np.trace(gap)) / 2 if outcomes else float(np.linalg.norm(gap, "nuc")) for gap in gaps)
        return Truth(max(0.0, float(shown) - MATRIX), most)
    bounds = _outcomes(gaps, psi.shape[1]) if outcomes else _diamond(gaps, psi.shape[1])
    return Truth(max(0.0, bounds.lo - MATRIX), min(most, bounds.hi + MATRIX))


def _ends(
    circuit: QuantumCircuit, values: Mapping[str, float], psi: Array, zero: tuple[int, ...], lost: tuple[int, ...]
) -> Matrices:
    """The matrix of every record on the wires that are left and the reference qubits."""
    n, references = circuit.num_qubits, psi.shape[1].bit_length() - 1
    free = [k for k in range(n) if k not in set(zero)]
    rows = np.arange(len(psi))
    at = sum(((rows >> j & 1) << k for j, k in enumerate(free)), 0 * rows)
    vector = np.zeros((psi.shape[1], 2**n), dtype=np.complex128)  # reference qubits are the last, most significant
    vector[:, at] = psi.T
    states = evolved(circuit, values, vector.reshape(-1), n + references)
    return {record: traced(rho, lost) for record, rho in states.items()}


def _summed(side: Matrices) -> Matrices:
    return {(): np.asarray(sum(side.values()))}


def _differences(left: Matrices, right: Matrices) -> Iterator[Array]:
    for record in sorted({*left, *right}):
        a, b = left.get(record), right.get(record)
        yield a - b if a is not None and b is not None else (a if a is not None else -b)  # type: ignore[operator]


def _diamond(gaps: list[Array], d: int) -> Truth:
    """From the gaps at a maximally entangled input, each J_m / d; index (output, reference)."""
    lo, hi, s = 0.0, np.inf, np.eye(d, dtype=np.complex128)
    for step in range(STEPS):
        left = np.zeros((d, d), dtype=np.complex128)
        for gap in gaps:
            out = len(gap) // d
            turned = np.einsum("ij,ajbk,kl->aibl", s, gap.reshape(out, d, out, d), s.conj().T).reshape(gap.shape)
            values, vectors = np.linalg.eigh(turned)
            size = (vectors * np.abs(values)) @ vectors.conj().T
            left += np.einsum("aiaj->ij", size.reshape(out, d, out, d))
        lo = max(lo, float(np.trace(left).real))
        if step == 0:
            hi = d * float(np.linalg.norm(left, 2))
        if d == 1 or hi - lo < MATRIX or (len(gaps[0]) > 64 and step == 1):
            break
        s = _root(left * d / np.trace(left).real)
    return Truth(lo, hi)


def _root(rho: Array) -> Array:
    values, vectors = np.linalg.eigh(rho)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.conj().T)


def _outcomes(gaps: list[Array], d: int) -> Truth:
    """From the gaps of the effects, each E_m / d."""
    effects = np.array(gaps) * d
    hi = sum(float(np.linalg.norm(e, 2)) for e in effects) / 2
    if len(effects) <= ALL_SETS:
        sets = [np.array(chosen) for chosen in product((0.0, 1.0), repeat=len(effects))]
        most = max(_top(np.tensordot(chosen, effects, 1))[0] for chosen in sets)
        return Truth(most, most)
    lo = 0.0
    for effect in effects:
        psi = _top(effect)[1]
        for _ in range(3):
            chosen = np.array([float(np.vdot(psi, e @ psi).real > 0) for e in effects])
            most, psi = _top(np.tensordot(chosen, effects, 1))
            lo = max(lo, most)
    return Truth(lo, hi)


def _top(matrix: Array) -> tuple[float, Array]:
    values, vectors = np.linalg.eigh(matrix)
    return float(values[-1]), np.asarray(vectors[:, -1])
