"""What each standard gate does: its matrix, written from the textbook formula.

Rotations are exp(-i t P / 2) for a Pauli string P; a controlled gate is |1><1| x U + |0><0| x 1 (or the other
way round for an open control). Matrices are little-endian as in Qiskit: the first wire of a gate is the least
significant bit of the row index. Source: OpenQASM 3 specification (stdgates.inc); Qiskit's gate library for names.

Each matrix is a function of its angles with a leading batch axis: angles of shape (B,) give (B, d, d).
This table is the project's own; Qiskit's matrices are used in the tests only, to compare.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
Angles = NDArray[np.float64]

_PAULI: dict[str, Matrix] = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
}


@lru_cache(maxsize=4096)
def pauli(word: str) -> Matrix:
    """The matrix of a Pauli word whose first letter acts on the first wire; shape (2**k, 2**k)."""
    done = np.eye(1, dtype=np.complex128)
    for letter in word:
        done = np.kron(_PAULI[letter], done).astype(np.complex128, copy=False)
    done.setflags(write=False)  # it is kept
    return done


def rotation(word: str, t: Angles) -> Matrix:
    """exp(-i t P / 2) = cos(t/2) 1 - i sin(t/2) P; t of shape (B,), radians -> (B, d, d)."""
    P = pauli(word)
    half = np.asarray(t)[:, None, None] / 2
    return np.cos(half) * np.eye(len(P)) - 1j * np.sin(half) * P


def phase(t: Angles) -> Matrix:
    """diag(1, e^{it}); shape (B, 2, 2)."""
    out = np.zeros((len(t), 2, 2), dtype=np.complex128)
    out[:, 0, 0] = 1.0
    out[:, 1, 1] = np.exp(1j * t)
    return out


def u(theta: Angles, phi: Angles, lam: Angles) -> Matrix:
    """OpenQASM's U up to its phase convention in Qiskit: U[0,0] = cos(theta/2), real; shape (B, 2, 2)."""
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    top = np.stack([c + 0j, -np.exp(1j * lam) * s], axis=-1)
    bottom = np.stack([np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c], axis=-1)
    return np.stack([top, bottom], axis=-2)


def controlled(matrix: Matrix, n_controls: int = 1, control_state: int | None = None) -> Matrix:
    """Apply `matrix` where the controls (the first wires) hold `control_state` (all ones by default).

    Args:
        matrix: shape (B, d, d).

    Returns:
        Shape (B, 2**n_controls * d, ...). Controls are the least significant bits.
    """
    d, blocks = matrix.shape[-1], 2**n_controls
    state = blocks - 1 if control_state is None else control_state
    out = np.zeros((len(matrix), d * blocks, d * blocks), dtype=np.complex128)
    out[:] = np.eye(d * blocks)
    rows = np.arange(d) * blocks + state
    out[:, rows[:, None], rows[None, :]] = matrix
    return out


def _fixed(rows: list[list[complex]] | Matrix) -> Callable[..., Matrix]:
    matrix = np.array(rows, dtype=np.complex128)[None]
    matrix.setflags(write=False)
    return lambda: matrix


_R = math.sqrt(0.5)
_H = np.array([[_R, _R], [_R, -_R]], dtype=np.complex128)
_S = np.diag([1, 1j]).astype(np.complex128)
_T = np.diag([1, np.exp(0.25j * np.pi)]).astype(np.complex128)
_SX = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]], dtype=np.complex128) / 2
_SWAP = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]
_ISWAP = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]], dtype=np.complex128)
_CX = np.eye(4, dtype=np.complex128)[[0, 3, 2, 1]]
_DCX = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]], dtype=np.complex128)
_ECR = _R * (pauli("XI") - pauli("YX"))


def _c(matrix: Matrix, n_controls: int = 1) -> Callable[..., Matrix]:
    return _fixed(controlled(matrix[None], n_controls)[0])


def _r(theta: Angles, phi: Angles) -> Matrix:
    return u(theta, phi - np.pi / 2, np.pi / 2 - phi)


def _cu(theta: Angles, phi: Angles, lam: Angles, gamma: Angles) -> Matrix:
    return controlled(np.exp(1j * gamma)[:, None, None] * u(theta, phi, lam))


# Qiskit's class name -> matrix as a function of the gate's angles. Closed controls only.
MATRICES: dict[str, Callable[..., Matrix]] = {
    "IGate": _fixed(_PAULI["I"]),
    "XGate": _fixed(_PAULI["X"]),
    "YGate": _fixed(_PAULI["Y"]),
    "ZGate": _fixed(_PAULI["Z"]),
    "HGate": _fixed(_H),
    "SGate": _fixed(_S),
    "SdgGate": _fixed(_S.conj()),
    "TGate": _fixed(_T),
    "TdgGate": _fixed(_T.conj()),
    "SXGate": _fixed(_SX),
    "SXdgGate": _fixed(_SX.conj().T),
    "RXGate": lambda t: rotation("X", t),
    "RYGate": lambda t: rotation("Y", t),
    "RZGate": lambda t: rotation("Z", t),
    "RGate": _r,
    "PhaseGate": phase,
    "U1Gate": phase,
    "U2Gate": lambda phi, lam: u(np.full_like(phi, np.pi / 2), phi, lam),
    "U3Gate": u,
    "UGate": u,
    "SwapGate": _fixed(_SWAP),
    "iSwapGate": _fixed(_ISWAP),
    "DCXGate": _fixed(_DCX),
    "ECRGate": _fixed(_ECR),
    "RXXGate": lambda t: rotation("XX", t),
    "RYYGate": lambda t: rotation("YY", t),
    "RZZGate": lambda t: rotation("ZZ", t),
    "RZXGate": lambda t: rotation("ZX", t),
    "CXGate": _c(_PAULI["X"]),
    "CYGate": _c(_PAULI["Y"]),
    "CZGate": _c(_PAULI["Z"]),
    "CHGate": _c(_H),
    "CSGate": _c(_S),
    "CSdgGate": _c(_S.conj()),
    "CSXGate": _c(_SX),
    "CSwapGate": _c(_SWAP),
    "CCXGate": _c(_PAULI["X"], 2),
    "CCZGate": _c(_PAULI["Z"], 2),
    "C3XGate": _c(_PAULI["X"], 3),
    "CRXGate": lambda t: controlled(rotation("X", t)),
    "CRYGate": lambda t: controlled(rotation("Y", t)),
    "CRZGate": lambda t: controlled(rotation("Z", t)),
    "CPhaseGate": lambda t: controlled(phase(t)),
    "CU1Gate": lambda t: controlled(phase(t)),
    "CU3Gate": lambda theta, phi, lam: controlled(u(theta, phi, lam)),
    "CUGate": _cu,
}


def open_controls(matrix: Matrix, n_controls: int, control_state: int) -> Matrix:
    """Move a closed-control matrix to another control state, by X on the open controls; shape (B, d, d)."""
    flip = (2**n_controls - 1) ^ control_state
    order = np.arange(matrix.shape[-1]) ^ flip  # controls are the least significant bits
    return matrix[:, order[:, None], order[None, :]]
