"""One time step of a cell as the Kraus operators of all its measurement records.

    rho -> sum over paths p of K_p rho K_p^dagger,      K_p: memory -> memory;  a path is what was measured so far

A measurement splits every path in two. A reset moves the wire's amplitude to |0>: after a measurement of the same
wire without splitting, otherwise into two paths without a bit. A *level* is a run of gates and the measurements and
resets after it; for every new path it multiplies the Kraus operator of the path it comes from:

    K_new = C U K_old,    U: the gates whose conditions the old path meets,   C: projections and lowerings, constant

All operators exist at every node, one value of the input angles (channel.py). n wires, the first m of them memory.
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 8.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from qlstm.program import Gate, Program
from qlstm.sequence import Bit, Condition, Emptied, Measured, Sequence, Step, Turned
from qlstm.unitary import apply_gate, unitaries
from qverify.errors import Unusable, counted

MOST_PATHS = 1024
InputMatrix = Callable[[Gate], jax.Array]  # a gate that a feature enters -> its matrices, shape (nodes, 2**k, 2**k)


@dataclass(frozen=True)
class Path:
    """What is known along one path: bits written, and wires whose value a measurement has just told."""

    bits: Mapping[Bit, int]
    known: Mapping[int, int]

    def meets(self, condition: Condition) -> bool:
        """Whether all the bits have the wanted values."""
        return all(self.bits.get(bit, 0) == value for bit, value in condition)


@dataclass(frozen=True, eq=False)
class Instrument:
    """Kraus operators, shape (nodes, paths, d, d) with d = 2**m, and (-1)**bit, shape (bits, paths)."""

    kraus: jax.Array
    signs: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Level:
    """A run of gates and what is measured and reset after it.

    groups: the parts of each set of gates that acts on some path, in order: a body of gates without features, or
        one gate that a feature enters.
    constants: the distinct matrices C, shape (k, D, D).
    pairs: the distinct (group, constant) that occur.
    pair, source: for every new path its pair, and the old path it comes from.
    before, after: rows of the operators that can differ from zero; a work wire is in |0> on most of the way.
    """

    groups: tuple[tuple[Program | Gate, ...], ...]
    constants: NDArray[np.float64]
    pairs: tuple[tuple[int, int], ...]
    pair: NDArray[np.int64]
    source: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def levels_of(sequence: Sequence) -> tuple[tuple[Level, ...], NDArray[np.float64]]:
    """The levels of a time step, worked out once, and the signs (-1)**bit, shape (bits, paths).

    Raises:
        Unusable: more than MOST_PATHS paths.
    """
    levels: list[Level] = []
    paths, n = [Path({}, {})], len(sequence.wires)
    rows = np.arange(2**sequence.n_memory)
    for gates, others in _runs(sequence.steps):
        level, paths = _level(gates, others, paths, n, rows)
        levels.append(level)
        rows = level.after
    signs = [[(-1.0) ** path.bits.get(bit, 0) for path in paths] for bit in sequence.bits]
    return tuple(levels), np.array(signs).reshape(len(sequence.bits), len(paths))


def _runs(steps: tuple[Step, ...]) -> Iterator[tuple[list[Turned], list[Step]]]:
    """Gates, and the measurements and resets up to the next gate."""
    gates: list[Turned] = []
    others: list[Step] = []
    for step in steps:
        if isinstance(step, Turned):
            if others:
                yield gates, others
                gates, others = [], []
            gates.append(step)
        else:
            others.append(step)
    yield gates, others


def _level(
    gates: list[Turned], others: list[Step], paths: list[Path], n: int, rows: NDArray[np.int64]
) -> tuple[Level, list[Path]]:
    active = [tuple(path.meets(step.condition) for step in gates) for path in paths]
    sets = list(dict.fromkeys(active))
    groups = tuple(_parts([s.gate for s, on in zip(gates, chosen, strict=True) if on], n) for chosen in sets)
    # what becomes of each path: (where it comes from, C, what is known)
    grown = [(k, np.eye(2**n), _disturbed(path, gates)) for k, path in enumerate(paths)]
    for step in others:
        grown = [new for source, c, path in grown for new in _branched(step, source, c, path)]
        if len(grown) > MOST_PATHS:
            raise Unusable(f"one time step of the cell has more than {counted(MOST_PATHS, 'measurement record')}")
    constants: dict[bytes, int] = {}
    kept: list[NDArray[np.float64]] = []
    pairs: dict[tuple[int, int], int] = {}
    pair = []
    for source, c, _ in grown:
        if c.tobytes() not in constants:
            constants[c.tobytes()] = len(kept)
            kept.append(c)
        pair.append(pairs.setdefault((sets.index(active[source]), constants[c.tobytes()]), len(pairs)))
    sources = np.array([source for source, _, _ in grown])
    after = np.flatnonzero(np.any(np.array(kept), axis=(0, 2)))
    level = Level(groups, np.array(kept), tuple(pairs), np.array(pair), sources, rows, after)
    return level, [path for _, _, path in grown]


def _disturbed(path: Path, gates: list[Turned]) -> Path:
    touched = {wire for step in gates if path.meets(step.condition) for wire in step.gate.wires}
    return Path(path.bits, {wire: value for wire, value in path.known.items() if wire not in touched})


def _branched(
    step: Step, source: int, c: NDArray[np.float64], path: Path
) -> list[tuple[int, NDArray[np.float64], Path]]:
    """The paths that a measurement or reset makes of one."""
    is_one = ((np.arange(len(c)) >> step.wire) & 1).astype(bool)  # type: ignore[union-attr]  # gates do not come here
    if isinstance(step, Measured):
        return [
            (
                source,
                np.where((is_one == value)[:, None], c, 0.0),
                Path({**path.bits, step.bit: value}, {**path.known, step.wire: value}),
            )
            for value in (0, 1)
        ]
    if not isinstance(step, Emptied) or not path.meets(step.condition):
        return [(source, c, path)]
    after = Path(path.bits, {**path.known, step.wire: 0})
    zero = np.where(is_one[:, None], 0.0, c)
    lowered = np.where(is_one[:, None], 0.0, c[np.arange(len(c)) ^ (1 << step.wire)])
    told = path.known.get(step.wire)
    kinds = [zero, lowered] if told is None else [lowered if told else zero]
    return [(source, kind, after) for kind in kinds]


def _parts(gates: list[Gate], n: int) -> tuple[Program | Gate, ...]:
    parts: list[Program | Gate] = []
    body: list[Gate] = []
    for gate in gates:
        if reads_input(gate):
            parts += [Program(n, (), tuple(body)), gate] if body else [gate]
            body = []
        else:
            body.append(gate)
    return (*parts, Program(n, (), tuple(body))) if body else tuple(parts)


def reads_input(gate: Gate) -> bool:
    """Whether a feature enters this gate; its parameters are called x0, x1, ... and w0, w1, ..."""
    return any(name.startswith("x") for name in gate.reads())


def instrument(sequence: Sequence, weights: jax.Array, input_matrix: InputMatrix) -> Instrument:
    """All Kraus operators of one time step.

    Args:
        sequence: with its parameters called x0, x1, ... and w0, w1, ...
        weights: shape (n_weights,).
        input_matrix: the matrices of a gate that a feature enters, on all wires and at every node.
    """
    levels, signs = levels_of(sequence)
    parts = list(dict.fromkeys(p for level in levels for group in level.groups for p in group))
    bodies = [part for part in parts if isinstance(part, Program)]
    built: dict[Program | Gate, jax.Array] = dict(zip(bodies, unitaries(bodies, weights), strict=True))
    built |= {part: input_matrix(part) for part in parts if isinstance(part, Gate)}
    size, d = 2 ** len(sequence.wires), 2**sequence.n_memory
    kraus = jnp.eye(d, dtype=complex)[None, None]  # (nodes or 1, paths, live rows, d)
    for level in levels:
        start = jnp.eye(size, dtype=complex)[None, :, level.before]
        turned = [_product([built[part] for part in group], start) for group in level.groups]
        both = jnp.stack([level.constants[c][level.after] @ turned[g] for g, c in level.pairs])
        kraus = jnp.einsum("qnij,nqjk->nqik", both[level.pair], kraus[:, level.source])
    rows = list(levels[-1].after)
    return Instrument(kraus[:, :, [rows.index(k) for k in range(d)]], signs)


def _product(factors: list[jax.Array], start: jax.Array) -> jax.Array:
    """Matrices of shape (D, D) or (nodes, D, D), one after the other, on columns (1, D, k)."""
    for factor in factors:
        start = factor @ start
    return start


def on_all_wires(m: jax.Array, wires: tuple[int, ...], n: int) -> jax.Array:
    """A gate's matrices, shape (nodes, 2**k, 2**k), as matrices on n wires."""
    whole = jnp.eye(2**n, dtype=complex)
    return jax.vmap(lambda one: apply_gate(one, wires, whole))(m)
