"""Matrices of the gates that can be compiled, as JAX functions of their angles.

A gate on k wires is a (2**k, 2**k) matrix in Qiskit's order: its first wire is the least significant bit of
the index, so CX (control first) exchanges |01> and |11>. RX(t) = exp(-i t X / 2), and so on.
Source: Barenco et al., Phys. Rev. A 52, 3457 (1995); phases as in Qiskit's circuit library.
These are written independently of `qverify`'s; only a comparison may look at both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
Rotation = Callable[..., jax.Array]  # angles, each of shape S, radians -> shape S + (2**k, 2**k)
Entry = jax.Array | complex | None  # an entry of 2x2 matrices, shape S or (); None is zero
Entries = tuple[Entry, Entry, Entry, Entry]  # row by row
SingleRotation = Callable[..., Entries]


def _complex(re: jax.Array, im: jax.Array) -> jax.Array:
    return jax.lax.complex(re, im)


def _phase(t: jax.Array) -> jax.Array:
    """exp(i t)."""
    return _complex(jnp.cos(t), jnp.sin(t))


def rx(t: jax.Array) -> Entries:
    """exp(-i t X / 2)."""
    c, s, zero = jnp.cos(t / 2), jnp.sin(t / 2), jnp.zeros_like(t)
    off = _complex(zero, -s)
    return c, off, off, c


def ry(t: jax.Array) -> Entries:
    """exp(-i t Y / 2)."""
    c, s = jnp.cos(t / 2), jnp.sin(t / 2)
    return c, -s, s, c


def rz(t: jax.Array) -> Entries:
    """exp(-i t Z / 2)."""
    c, s = jnp.cos(t / 2), jnp.sin(t / 2)
    return _complex(c, -s), None, None, _complex(c, s)


def p(t: jax.Array) -> Entries:
    """diag(1, exp(i t))."""
    return 1.0, None, None, _phase(t)


def u(theta: jax.Array, phi: jax.Array, lam: jax.Array) -> Entries:
    """[[cos, -exp(i lam) sin], [exp(i phi) sin, exp(i (phi + lam)) cos]] of theta / 2."""
    c, s = jnp.cos(theta / 2), jnp.sin(theta / 2)
    return c, -_phase(lam) * s, _phase(phi) * s, _phase(phi + lam) * c


def _pauli_pair(pauli: Matrix) -> Rotation:
    """exp(-i t P (x) P / 2) = cos(t/2) - i sin(t/2) P (x) P."""
    square = np.kron(pauli, pauli)

    def rotation(t: jax.Array) -> jax.Array:
        c, s = jnp.cos(t / 2)[..., None, None], jnp.sin(t / 2)[..., None, None]
        return c * np.eye(4, dtype=np.complex128) - 1j * s * square

    return rotation


def _controlled(rotation: SingleRotation) -> Rotation:
    """The gate with a control as its first wire, so its matrix stands on the odd indices."""

    def controlled(*angles: jax.Array) -> jax.Array:
        target = stacked(rotation(*angles), jnp.shape(angles[0]))
        whole = jnp.broadcast_to(jnp.eye(4, dtype=target.dtype), (*target.shape[:-2], 4, 4))
        return whole.at[..., 1::2, 1::2].set(target)

    return controlled


def _control(matrix: Matrix) -> Matrix:
    """A constant gate with a control as its first wire."""
    whole = np.eye(2 * len(matrix), dtype=np.complex128)
    whole[1::2, 1::2] = matrix
    return whole


X: Matrix = np.array([[0, 1], [1, 0]], dtype=np.complex128)
Y: Matrix = np.array([[0, -1j], [1j, 0]], dtype=np.complex128)
Z: Matrix = np.diag([1, -1]).astype(np.complex128)
H: Matrix = (X + Z) / np.sqrt(2)
SX: Matrix = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]], dtype=np.complex128) / 2
SWAP: Matrix = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]


def _diagonal(angle: float) -> Matrix:
    return np.diag([1, np.exp(1j * angle)]).astype(np.complex128)


CONSTANT: dict[str, Matrix] = {
    "id": np.eye(2, dtype=np.complex128), "x": X, "y": Y, "z": Z, "h": H, "sx": SX,
    "s": _diagonal(np.pi / 2), "sdg": _diagonal(-np.pi / 2),
    "t": _diagonal(np.pi / 4), "tdg": _diagonal(-np.pi / 4),
    "cx": _control(X), "cy": _control(Y), "cz": _control(Z), "ch": _control(H), "swap": SWAP,
    "ccx": _control(_control(X)),
}  # fmt: skip

SINGLE: dict[str, SingleRotation] = {"rx": rx, "ry": ry, "rz": rz, "p": p, "u": u}

SEVERAL: dict[str, Rotation] = {
    "crx": _controlled(rx), "cry": _controlled(ry), "crz": _controlled(rz), "cp": _controlled(p),
    "rxx": _pauli_pair(X), "ryy": _pauli_pair(Y), "rzz": _pauli_pair(Z),
}  # fmt: skip

KNOWN = CONSTANT.keys() | SINGLE.keys() | SEVERAL.keys()


def entries(name: str, angles: Sequence[jax.Array]) -> Entries:
    """A single-qubit gate by its entries, so that zeros cost nothing.

    Args:
        name: of a single-qubit gate in `KNOWN`.
        angles: the gate's angles, each of shape S, radians.
    """
    if name in SINGLE:
        return SINGLE[name](*angles)
    a, b, c, d = (complex(value) or None for value in CONSTANT[name].flat)
    return a, b, c, d


def stacked(m: Entries, shape: tuple[int, ...]) -> jax.Array:
    """Entries of shape S to matrices of shape S + (2, 2), complex."""
    whole = [jnp.broadcast_to(jnp.asarray(0.0 if value is None else value, dtype=complex), shape) for value in m]
    return jnp.stack(whole, axis=-1).reshape(*shape, 2, 2)


def matrix(name: str, angles: Sequence[jax.Array]) -> jax.Array | Matrix:
    """The matrix of a gate.

    Args:
        name: in `KNOWN`.
        angles: the gate's angles, each of shape S, radians.

    Returns:
        Shape (2**k, 2**k) for a constant gate, else S + (2**k, 2**k), complex.
    """
    if name in CONSTANT:
        return CONSTANT[name]
    return stacked(SINGLE[name](*angles), jnp.shape(angles[0])) if name in SINGLE else SEVERAL[name](*angles)
