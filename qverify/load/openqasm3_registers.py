"""Qubits and bits of an OpenQASM 3 program: declarations, aliases, indices.

Rule: `q[a:b]` includes b, negative indices count from the end, a set `q[{0, 2}]` keeps its order; one index gives
one bit, everything else a register. Source: OpenQASM 3.1 specification, "Types and casting".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from openqasm3 import ast
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit, Qubit

from qverify.errors import CannotLoad
from qverify.load.openqasm3_expressions import Scope, described, integer, line_of

MAX_BITS = 10_000


@dataclass(frozen=True)
class Bits:
    """One bit (`is_register` False) or several, quantum or classical.

    Args:
        register: the classical register that consists of exactly these bits, when there is one.
    """

    bits: tuple[Qubit, ...] | tuple[Clbit, ...]
    is_register: bool
    register: ClassicalRegister | None = None


@dataclass
class Registers:
    """The qubits and bits declared so far, by name, in one circuit."""

    circuit: QuantumCircuit
    qubits: dict[str, Bits] = field(default_factory=dict)
    clbits: dict[str, Bits] = field(default_factory=dict)

    def declare(self, name: str, size: int | None, quantum: bool, node: ast.QASMNode) -> Bits:
        """Add `qubit[size] name` or `bit[size] name`; without a size, one loose bit.

        Raises:
            CannotLoad: the name is taken, or the size is not between 1 and `MAX_BITS` in all.
        """
        kind = "qubit" if quantum else "bit"
        self._require_new(name, node)
        used = self.circuit.num_qubits if quantum else self.circuit.num_clbits
        if size is not None and size < 1:
            raise CannotLoad(f"`{name}` has {size} {kind}s; declare at least one", line=line_of(node))
        if used + (size or 1) > MAX_BITS:
            raise CannotLoad(
                f"the program declares more than {MAX_BITS:,} {kind}s; make it smaller", line=line_of(node)
            )
        if quantum and any(known.startswith("$") for known in self.qubits):
            sentence = "physical qubits `$n` and declared qubits are mixed; use one kind"
            raise CannotLoad(sentence, line=line_of(node))
        if size is None:
            bit = Qubit() if quantum else Clbit()
            self.circuit.add_bits([bit])
            made = Bits((bit,), False)
        else:
            register = QuantumRegister(size, name) if quantum else ClassicalRegister(size, name)
            self.circuit.add_register(register)
            made = Bits(tuple(register), True, None if quantum else register)
        (self.qubits if quantum else self.clbits)[name] = made
        return made

    def alias(self, name: str, found: Bits, node: ast.QASMNode) -> None:
        """Add `let name = ...;`; an alias of several bits becomes a register of the circuit too."""
        self._require_new(name, node)
        quantum = isinstance(found.bits[0], Qubit)
        if len(set(found.bits)) != len(found.bits):
            raise CannotLoad(f"the alias `{name}` contains a bit twice; name each bit once", line=line_of(node))
        if found.is_register:
            kind = QuantumRegister if quantum else ClassicalRegister
            register = kind(name=name, bits=list(found.bits))
            self.circuit.add_register(register)
            found = Bits(found.bits, True, None if quantum else register)
        (self.qubits if quantum else self.clbits)[name] = found

    def _require_new(self, name: str, node: ast.QASMNode) -> None:
        if name in self.qubits or name in self.clbits:
            raise CannotLoad(f"`{name}` is declared twice; rename one of them", line=line_of(node))

    def named(self, name: str, node: ast.QASMNode) -> Bits:
        """The qubits or bits of that name."""
        found = self.qubits.get(name) or self.clbits.get(name)
        if found is None:
            raise CannotLoad(f"`{name}` is not declared; declare it as `qubit` or `bit`", line=line_of(node))
        return found

    def resolve(self, node: ast.QASMNode, scope: Scope) -> Bits:
        """The bits that an operand such as `q`, `q[3]`, `q[0:2]`, `q[{0, 2}]` or `a ++ b` names."""
        match node:
            case ast.Identifier():
                return self.named(node.name, node)
            case ast.IndexedIdentifier():
                found = self.named(node.name.name, node)
                for index in node.indices:
                    found = _indexed(found, index, scope, node)
                return found
            case ast.IndexExpression():
                return _indexed(self.resolve(node.collection, scope), node.index, scope, node)
            case ast.Concatenation():
                left, right = self.resolve(node.lhs, scope), self.resolve(node.rhs, scope)
                if type(left.bits[0]) is not type(right.bits[0]):
                    raise CannotLoad("`++` joins qubits with bits; join like with like", line=line_of(node))
                return Bits((*left.bits, *right.bits), True)
        raise CannotLoad(
            f"{described(node)} names no qubit or bit; write a register or an index", line=line_of(node)
        )

    def operand(self, node: ast.QASMNode, scope: Scope, quantum: bool) -> Bits:
        """As `resolve`, but qubits only, or bits only."""
        found = self.resolve(node, scope)
        if isinstance(found.bits[0], Qubit) != quantum:
            expected, seen = ("a qubit", "a bit") if quantum else ("a bit", "a qubit")
            raise CannotLoad(f"{expected} is expected here, but {seen} is given", line=line_of(node))
        return found


def _indexed(found: Bits, index: ast.IndexElement, scope: Scope, node: ast.QASMNode) -> Bits:
    if not found.is_register:
        raise CannotLoad("a single bit has no index; remove the index", line=line_of(node))
    size = len(found.bits)
    if isinstance(index, ast.DiscreteSet):
        positions = [integer(value, scope, "index") for value in index.values]
        return _picked(found, positions, True, node)
    if len(index) != 1:
        raise CannotLoad("a register has one dimension; write one index", line=line_of(node))
    if isinstance(index[0], ast.RangeDefinition):
        return _picked(found, range_of(index[0], scope, size), True, node)
    return _picked(found, [integer(index[0], scope, "index")], False, node)


def range_of(node: ast.RangeDefinition, scope: Scope, size: int | None = None) -> range:
    """The numbers of `a:b` or `a:step:b`, b included; with a size, of a slice of a register of that size."""
    if size is None and (node.start is None or node.end is None):
        raise CannotLoad("the range has no start or no end; write both", line=line_of(node))
    step = 1 if node.step is None else integer(node.step, scope, "step")
    if step == 0:
        raise CannotLoad("the range has the step 0; write another step", line=line_of(node))
    last = (size or 0) - 1
    start = (0 if step > 0 else last) if node.start is None else integer(node.start, scope, "start")
    end = (last if step > 0 else 0) if node.end is None else integer(node.end, scope, "end")
    if size is not None:
        start, end = (start + size if start < 0 else start), (end + size if end < 0 else end)
    return range(start, end + (1 if step > 0 else -1), step)


def _picked(found: Bits, positions: Sequence[int], is_register: bool, node: ast.QASMNode) -> Bits:
    size = len(found.bits)
    if len(positions) == 0 or len(positions) > MAX_BITS:
        raise CannotLoad("the slice names no bits; write a range within the register", line=line_of(node))
    for position in positions:
        if not -size <= position < size:
            raise CannotLoad(f"index {position} is outside a register of {size}", line=line_of(node))
    picked = tuple(found.bits[position] for position in positions)
    return Bits(picked, is_register, found.register if picked == found.bits else None)
