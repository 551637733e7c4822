"""A circuit as unitary blocks on one or two rails, each with a bound on what rounding did to it.

    U = P_out  G_m ... G_2 G_1,      ||computed G_k - exact G_k|| <= errors[k]      (operator norm)

Gates that follow one another on the same pair of wires are one block; one-qubit gates go into the block before
them. A swap only relabels: a *rail* is a wire at the start, `final` says on which rail each wire ends, and that
relabelling is P_out. A block nearer to a swap than to a product of one-qubit gates (by the purity of its
operator-Schmidt spectrum) is a swap and the rest; a block that is a product is two one-qubit gates. Then blocks
may have come together on the same pair, so this is repeated.
Source: operator-Schmidt decomposition, Nielsen et al., Phys. Rev. A 67, 052301 (2003), arXiv:quant-ph/0208077.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.equivalence.gate_batches import SWAP, Batch, Key, Name, Rails, gate_batches, product_rounding
from qverify.errors import Undecidable
from qverify.semantics.gates import Matrix

LOW, HIGH, PAIR, CROSSED = range(4)  # how a gate sits in its block
ROUNDS = 4
PRODUCT = 1e-13  # a block that misses a product by less is one; what it missed by is counted
WHOLE: Key = ("block", 0, -1)
LOWER: Key = ("lower factor", 0, -1)
UPPER: Key = ("upper factor", 0, -1)


@dataclass(frozen=True)
class Fused:
    """Blocks in order. rails: where each acts, first rail least significant; final: wire -> rail at the end."""

    n: int
    rails: tuple[Rails, ...]
    matrices: tuple[Matrix, ...]
    errors: tuple[float, ...]
    final: Rails


def fuse(circuit: QuantumCircuit) -> Fused:
    """Fuse a circuit of gates with numbers for angles.

    Raises:
        Undecidable: as `gate_batches`, or a matrix far from unitary.
    """
    order, batches = gate_batches(circuit)
    fused = _fused(circuit.num_qubits, order, batches, tuple(range(circuit.num_qubits)))
    for _ in range(ROUNDS):
        again = _again(fused)
        if len(again.rails) == len(fused.rails):
            return again
        fused = again
    return fused


def _fused(n: int, order: list[tuple[Name, Rails]], batches: dict[Key, Batch], final: Rails) -> Fused:
    """Blocks of gates on wires; wire `final[k]` is then called k."""
    walk = _Walk(n)
    for name, wires in order:
        walk.add(name, wires)
    blocks = walk.closed()
    rails = tuple(where for where, _ in blocks)
    matrices, errors = _multiplied([content for _, content in blocks], batches)
    cut = tuple(m if len(where) == 2 else m[:2, :2] for m, where in zip(matrices, rails, strict=True))
    return Fused(n, rails, cut, tuple(float(e) for e in errors), tuple(walk.rail[w] for w in final))


def _again(fused: Fused) -> Fused:
    """Take swaps and products out of the blocks and fuse what is left."""
    padded = np.zeros((len(fused.rails), 4, 4), dtype=np.complex128)
    for k, m in enumerate(fused.matrices):
        padded[k, : len(m), : len(m)] = m
    errors = np.array(fused.errors)
    pairs = np.array([len(rails) == 2 for rails in fused.rails], dtype=bool)
    crossed = padded[:, _CROSS, :]
    is_crossed = pairs & (_purity(crossed) > _purity(padded) + 1e-6)
    padded[is_crossed] = crossed[is_crossed]
    upper, lower, missed = _factors(padded)
    is_product = pairs & (missed < PRODUCT)
    batches = {
        WHOLE: Batch(padded, errors),
        LOWER: Batch(lower, errors + missed),
        UPPER: Batch(upper, np.zeros(len(errors))),
    }
    order: list[tuple[Name, Rails]] = []
    for k, rails in enumerate(fused.rails):
        if is_product[k]:
            order += [((LOWER, k), rails[:1]), ((UPPER, k), rails[1:])]
        else:
            order.append(((WHOLE, k), rails))
        if is_crossed[k]:
            order.append((SWAP, rails))
    return _fused(fused.n, order, batches, fused.final)


def _tables(matrices: Matrix) -> Matrix:
    """Rows (out 1, in 1), columns (out 0, in 0): rank one for a product; (m, 4, 4) -> (m, 4, 4)."""
    return matrices.reshape(-1, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 4)


def _purity(matrices: Matrix) -> NDArray[np.float64]:
    """Sum of the fourth powers of the normalised operator-Schmidt coefficients: 1 for a product, 1/4 for a swap."""
    tables = _tables(matrices)
    gram = tables @ tables.conj().transpose(0, 2, 1)
    return np.asarray(np.sum(np.abs(gram) ** 2, axis=(1, 2)) / 16)


def _factors(matrices: Matrix) -> tuple[Matrix, Matrix, NDArray[np.float64]]:
    """The product through the largest entry of each table, factors of norm sqrt(2); a bound on what it misses."""
    tables = _tables(matrices)
    m = len(tables)
    rows, columns = np.divmod(np.abs(tables).reshape(m, 16).argmax(axis=1), 4)
    left, right = tables[np.arange(m), :, columns], tables[np.arange(m), rows]
    scale = np.sqrt(2 / np.maximum(np.sum(np.abs(left) ** 2, axis=1), 1e-300))[:, None]
    left = left * scale
    right = np.einsum("mi,mij->mj", left.conj(), tables) / 2
    gaps = tables - left[:, :, None] * right[:, None, :]
    missed = 1.01 * (np.sqrt(np.sum(np.abs(gaps) ** 2, axis=(1, 2))) + product_rounding(1, 1.5, 1.5))
    return left.reshape(-1, 2, 2), right.reshape(-1, 2, 2), missed


@dataclass
class _Walk:
    """One walk over gates. Built up in place by `add`; a block is its rails and its (gate, how it sits)."""

    n: int
    blocks: list[tuple[Rails, list[tuple[Name, int]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rail = list(range(self.n))
        self.last: list[int] = [-1] * self.n  # rail -> its latest block
        self.waiting: list[list[Name]] = [[] for _ in range(self.n)]  # one-qubit gates before any block

    def add(self, name: Name, wires: Rails) -> None:
        if name == SWAP:
            a, b = wires
            self.rail[a], self.rail[b] = self.rail[b], self.rail[a]
        elif len(wires) == 1:
            self._alone(name, self.rail[wires[0]])
        else:
            self._pair(name, self.rail[wires[0]], self.rail[wires[1]])

    def closed(self) -> list[tuple[Rails, list[tuple[Name, int]]]]:
        """All blocks, one-qubit gates on wires without any among them."""
        alone = [((k,), [(name, LOW) for name in names]) for k, names in enumerate(self.waiting) if names]
        return [*self.blocks, *alone]

    def _alone(self, name: Name, rail: int) -> None:
        block = self.last[rail]
        if block < 0:
            self.waiting[rail].append(name)
        else:
            rails, content = self.blocks[block]
            content.append((name, HIGH if rails[1] == rail else LOW))

    def _pair(self, name: Name, first: int, second: int) -> None:
        block = self.last[first]
        if block < 0 or block != self.last[second]:
            content = [(early, LOW) for early in self.waiting[first]]
            content += [(early, HIGH) for early in self.waiting[second]]
            self.waiting[first], self.waiting[second] = [], []
            block = self.last[first] = self.last[second] = len(self.blocks)
            self.blocks.append(((first, second), content))
        rails, content = self.blocks[block]
        content.append((name, PAIR if rails == (first, second) else CROSSED))


_EYE = np.eye(2, dtype=np.complex128)
_CROSS = np.array([0, 2, 1, 3])  # the bits of a row index exchanged


def _seated(matrix: Matrix, seat: int) -> Matrix:
    """Gates of one kind as matrices of their block; (B, d, d) -> (B, 4, 4)."""
    if seat == PAIR:
        return matrix
    if seat == CROSSED:
        return matrix[:, _CROSS[:, None], _CROSS]
    single = matrix[:, :2, :2]
    if seat == LOW:  # kron(1, g)
        return np.asarray(np.einsum("ab,gij->gaibj", _EYE, single).reshape(-1, 4, 4))
    return np.asarray(np.einsum("ab,gij->giajb", _EYE, single).reshape(-1, 4, 4))


def _multiplied(
    contents: list[list[tuple[Name, int]]], batches: dict[Key, Batch]
) -> tuple[Matrix, NDArray[np.float64]]:
    """The product of each block's gates, all blocks side by side, and a bound on its rounding."""
    done = np.tile(np.eye(4, dtype=np.complex128), (len(contents), 1, 1))
    errors = np.zeros(len(contents))
    for step in range(max(map(len, contents), default=0)):
        groups: dict[tuple[Key, int], tuple[list[int], list[int]]] = {}
        for block, content in enumerate(contents):
            if step < len(content):
                (key, at), seat = content[step]
                blocks, places = groups.setdefault((key, seat), ([], []))
                blocks.append(block)
                places.append(at)
        for (key, seat), (blocks, places) in groups.items():
            gates = _seated(batches[key].matrices[places], seat)
            if step == 0:  # times the identity
                done[blocks] = gates
                errors[blocks] = 1.01 * batches[key].errors[places]
                continue
            done[blocks] = gates @ done[blocks]
            # norms of the computed factors are within 1 % of those of unitary matrices
            errors[blocks] += 1.01 * (batches[key].errors[places] + product_rounding(4, 2.0, 2.0))
    if errors.max(initial=0.0) > 0.005:
        raise Undecidable("a matrix is too far from unitary, or an angle too large for floating point")
    return done, errors
