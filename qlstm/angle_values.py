"""Canonical angles evaluated in JAX, many at a time.

    angle = constant + sum_k coefficient_k * atom_k        (`qverify.angles`)

Angles of one pattern (`arctan(x0)`, `arctan(x1)`, ...) differ only in which parameters they read, so they are
one array operation on gathered parameters instead of one small operation each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from qverify.angles import Angle, Atom

FUNCTIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan,
    "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan,
    "exp": jnp.exp, "log": jnp.log, "sqrt": jnp.sqrt, "abs": jnp.abs, "sign": jnp.sign,
}  # fmt: skip
BINARY: dict[str, Callable[[jax.Array, jax.Array], jax.Array]] = {
    "mul": jnp.multiply, "div": jnp.divide, "pow": jnp.power,
}  # fmt: skip

Pattern = tuple[Angle, tuple[str, ...]]  # an angle in $0, $1, ... and the names that stand there


def pattern(angle: Angle) -> Pattern:
    """The angle with its parameters numbered in order of appearance, and their names."""
    names: list[str] = []

    def renamed(a: Angle) -> Angle:
        return Angle(a.constant, tuple((numbered(atom), c) for atom, c in a.terms))

    def numbered(atom: Atom) -> Atom:
        if atom.kind != "parameter":
            return Atom(atom.kind, operands=tuple(renamed(o) for o in atom.operands))
        if atom.name not in names:
            names.append(atom.name)
        return Atom("parameter", f"${names.index(atom.name)}")

    return renamed(angle), tuple(names)


def evaluate(angle: Angle, parameter: Callable[[str], jax.Array], shape: tuple[int, ...]) -> jax.Array:
    """The angle in radians, shape `shape`; `parameter` gives a parameter's values by its name."""
    values = [
        c * _atom(atom, parameter, shape) if c != 1.0 else _atom(atom, parameter, shape) for atom, c in angle.terms
    ]
    if angle.constant != 0.0 or not values:
        values.append(jnp.full(shape, angle.constant))
    return sum(values[1:], start=values[0])


def _atom(atom: Atom, parameter: Callable[[str], jax.Array], shape: tuple[int, ...]) -> jax.Array:
    if atom.kind == "parameter":
        return parameter(atom.name)
    operands = atom.operands
    if atom.kind == "pow" and not operands[1].terms and float(operands[1].constant).is_integer():
        # integer powers stay differentiable at zero, where the general power's derivative is not
        return jax.lax.integer_pow(evaluate(operands[0], parameter, shape), int(operands[1].constant))
    values = [evaluate(operand, parameter, shape) for operand in operands]
    return FUNCTIONS[atom.kind](*values) if atom.kind in FUNCTIONS else BINARY[atom.kind](*values)


def angle_values(angles: Sequence[Angle], names: Sequence[str], values: jax.Array) -> jax.Array:
    """All angles at once.

    Args:
        angles: n_angles of them.
        names: the parameters in the order of the last axis of `values`.
        values: shape S + (len(names),), radians or feature units.

    Returns:
        Shape S + (n_angles,), radians.
    """
    groups: dict[Angle, list[int]] = {}
    patterns = [pattern(angle) for angle in angles]
    for k, (form, _) in enumerate(patterns):
        groups.setdefault(form, []).append(k)
    parts = []
    for form, members in groups.items():
        # columns[m, j] = where the j-th parameter of member m stands in `values`
        columns = np.array([[names.index(name) for name in patterns[k][1]] for k in members], dtype=int)
        parts.append(evaluate(form, partial(_gather, values, columns), (*values.shape[:-1], len(members))))
    order = np.argsort([k for members in groups.values() for k in members])
    joined = parts[0] if len(parts) == 1 else jnp.concatenate(parts, axis=-1)
    return joined if np.array_equal(order, np.arange(len(order))) else joined[..., order]


def _gather(values: jax.Array, columns: np.ndarray[tuple[int, int], np.dtype[np.int_]], name: str) -> jax.Array:
    index = columns[:, int(name.removeprefix("$"))]
    return values if np.array_equal(index, np.arange(values.shape[-1])) else values[..., index]
