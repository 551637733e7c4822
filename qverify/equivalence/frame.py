"""Pauli words and Clifford frames as integers, one bit a wire.

A Pauli operator is i**phase * X**x * Z**z with bit masks x and z; Y = i X Z. A Clifford C is kept by the images of
the generators, row(Q) = C^dagger Q C, so that a gate after C changes only the rows of its own wires:

    C' = G C   =>   row'(Q) = row(G^dagger Q G)

Source: Aaronson and Gottesman, Phys. Rev. A 70, 052328 (2004), arXiv:quant-ph/0406196; inverse tableau as in
Gidney, Quantum 5, 497 (2021), arXiv:2103.02202. Cost: O(1) big-integer operations a gate.
"""

from __future__ import annotations

Pauli = tuple[int, int, int]  # x, z, phase modulo 4


def times(a: Pauli, b: Pauli) -> Pauli:
    """The product a b."""
    return a[0] ^ b[0], a[1] ^ b[1], (a[2] + b[2] + 2 * (a[1] & b[0]).bit_count()) % 4


def anticommute(a: Pauli, b: Pauli) -> bool:
    """Whether a b = - b a."""
    return bool(((a[0] & b[1]).bit_count() ^ (a[1] & b[0]).bit_count()) & 1)


def turned(a: Pauli, quarter_turns: int) -> Pauli:
    """i**quarter_turns * a."""
    return a[0], a[1], (a[2] + quarter_turns) % 4


def sign(a: Pauli) -> int:
    """+1 or -1 of a Hermitian Pauli operator."""
    return 1 if (a[2] - (a[0] & a[1]).bit_count()) % 4 == 0 else -1


def positive(x: int, z: int) -> Pauli:
    """The Hermitian Pauli operator with sign +1."""
    return x, z, (x & z).bit_count() % 4


class Frame:
    """The rows X_k and Z_k of a Clifford, starting from the identity. Built up in place by one walk."""

    def __init__(self, n: int) -> None:
        self.x: list[Pauli] = [(1 << k, 0, 0) for k in range(n)]
        self.z: list[Pauli] = [(0, 1 << k, 0) for k in range(n)]

    def h(self, k: int) -> None:
        """A Hadamard gate on wire k, after everything so far."""
        self.x[k], self.z[k] = self.z[k], self.x[k]

    def s(self, k: int) -> None:
        """The gate diag(1, i): S^dagger X S = -Y = -i X Z."""
        self.x[k] = turned(times(self.x[k], self.z[k]), 3)

    def flip(self, k: int, letter: str) -> None:
        """A Pauli gate: it negates the rows that it anticommutes with."""
        if letter != "X":
            self.x[k] = turned(self.x[k], 2)
        if letter != "Z":
            self.z[k] = turned(self.z[k], 2)

    def cx(self, control: int, target: int) -> None:
        """A CNOT: X_c -> X_c X_t and Z_t -> Z_c Z_t."""
        self.x[control] = times(self.x[control], self.x[target])
        self.z[target] = times(self.z[control], self.z[target])

    def swap(self, a: int, b: int) -> None:
        """Exchange two wires."""
        self.x[a], self.x[b] = self.x[b], self.x[a]
        self.z[a], self.z[b] = self.z[b], self.z[a]

    def word(self, letters: str, wires: tuple[int, ...]) -> Pauli:
        """C^dagger P C for the Pauli word with these letters on these wires."""
        if letters == "Z":
            return self.z[wires[0]]
        if letters == "X":
            return self.x[wires[0]]
        out: Pauli = (0, 0, 0)
        for letter, k in zip(letters, wires, strict=True):
            if letter in "XY":
                out = times(out, self.x[k])
            if letter in "ZY":
                out = times(out, self.z[k])
            if letter == "Y":
                out = turned(out, 1)
        return out

    def rotate(self, letters: str, wires: tuple[int, ...], quarters: int) -> None:
        """A rotation by quarters * pi/2 about a Pauli word, after everything so far."""
        generator = self.word(letters, wires)
        for letter, k in zip(letters, wires, strict=True):
            if letter != "X":
                self.x[k] = conjugated(self.x[k], generator, quarters)
            if letter != "Z":
                self.z[k] = conjugated(self.z[k], generator, quarters)

    def conjugate(self, generator: Pauli, quarters: int) -> None:
        """A rotation by quarters * pi/2 about `generator`, before everything so far: every row is conjugated."""
        self.x = [conjugated(row, generator, quarters) for row in self.x]
        self.z = [conjugated(row, generator, quarters) for row in self.z]

    def rows(self) -> tuple[Pauli, ...]:
        """All rows; equal for two frames exactly when the Cliffords are equal up to phase."""
        return (*self.x, *self.z)


def conjugated(row: Pauli, generator: Pauli, quarters: int) -> Pauli:
    """R^dagger Q R for R = exp(-i t P / 2), t = quarters * pi/2: Q if they commute, else Q (cos t - i sin t P)."""
    turns = quarters % 4
    if turns == 0 or not anticommute(row, generator):
        return row
    if turns == 2:
        return turned(row, 2)
    return turned(times(row, generator), 3 if turns == 1 else 1)
