"""Sketches of circuits that measure and branch: frozen values, easy to rewrite, from which Qiskit's are built.

    measure, reset, barrier, delay   wires, and the bit of a measurement
    if                               test, bodies (then,) or (then, else)
    switch                           test (its target), labels of each body; () is the default
    for                              labels[0]: the indices, name: the loop variable or "", bodies (body,)
    box, block                       bodies (body,); a block is a composite of gates, measurements, resets
    anything else                    the class of a gate in Qiskit's standard library, its angles and control state

Tests are trees of tuples, see `conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

Tree = tuple[Any, ...]
FLOW = ("if", "switch", "for", "box", "block")
QUIET = ("barrier", "delay")


@dataclass(frozen=True)
class Angle:
    """constant + sum of coefficient * name.

    The name `atan x` is the arctangent of the parameter x, `k0 x` the product of a loop variable and x.
    """

    constant: float = 0.0
    terms: tuple[tuple[str, float], ...] = ()

    def times(self, factor: float) -> Angle:
        """The angle, multiplied."""
        return Angle(self.constant * factor, tuple((name, c * factor) for name, c in self.terms))

    def plus(self, more: float) -> Angle:
        """The angle, moved."""
        return replace(self, constant=self.constant + more)

    def at(self, name: str, value: float) -> Angle:
        """The angle with a number for a name."""
        here = sum(c for each, c in self.terms if each == name)
        prefix = f"{name} "
        inner = (
            (t.removeprefix(prefix), c * value if t.startswith(prefix) else c) for t, c in self.terms if t != name
        )
        return Angle(self.constant + here * value, tuple(inner))


@dataclass(frozen=True)
class Op:
    """One operation; see the top of this file."""

    kind: str
    wires: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()
    angles: tuple[Angle, ...] = ()
    ctrl: int | None = None
    test: Tree = ()
    bodies: tuple[tuple[Op, ...], ...] = ()
    labels: tuple[tuple[int, ...], ...] = ()
    name: str = ""

    @property
    def is_gate(self) -> bool:
        """Whether it is a gate of the standard library."""
        return self.kind.endswith("Gate")


Ops = tuple[Op, ...]


@dataclass(frozen=True)
class Sketch:
    """A circuit of n wires and some bits. registers: name and bits of each; they may share bits."""

    n: int
    bits: int
    registers: tuple[tuple[str, tuple[int, ...]], ...]
    items: Ops


# ------------------------------------------------------------------------------ making


def gate(kind: str, *wires: int, angles: tuple[Angle | float, ...] = (), ctrl: int | None = None) -> Op:
    """A gate."""
    return Op(kind, wires, angles=tuple(a if isinstance(a, Angle) else Angle(a) for a in angles), ctrl=ctrl)


def measure(wire: int, bit: int) -> Op:
    """A measurement."""
    return Op("measure", (wire,), (bit,))


def reset(wire: int) -> Op:
    """A reset."""
    return Op("reset", (wire,))


def branch(test: Tree, then: Ops, other: Ops | None = None) -> Op:
    """An `if`, with `else` where there is one."""
    return Op("if", test=test, bodies=(then,) if other is None else (then, other))


def equals(bit: int, value: int = 1) -> Tree:
    """The test that a bit has a value."""
    return ("=bit", bit, value)


# ------------------------------------------------------------------------------ looking


@dataclass(frozen=True)
class Touched:
    """The wires an operation acts on, the bits it writes, and the bits and registers that it reads."""

    wires: frozenset[int] = frozenset()
    writes: frozenset[int] = frozenset()
    reads: frozenset[int] = frozenset()
    registers: frozenset[int] = frozenset()

    def __or__(self, other: Touched) -> Touched:
        return Touched(
            self.wires | other.wires,
            self.writes | other.writes,
            self.reads | other.reads,
            self.registers | other.registers,
        )


def read_by(tree: Tree, sketch: Sketch) -> Touched:
    """What a test reads."""
    if tree and tree[0] in ("bit", "=bit"):
        return Touched(reads=frozenset(tree[1:2]))
    if tree and tree[0] in ("reg", "=reg"):
        return Touched(reads=frozenset(sketch.registers[tree[1]][1]), registers=frozenset(tree[1:2]))
    found = Touched()
    for part in tree[1:]:
        if isinstance(part, tuple):
            found |= read_by(part, sketch)
    return found


def touched(ops: Ops, sketch: Sketch) -> Touched:
    """What some operations act on, bodies included."""
    found = Touched()
    for op in ops:
        found |= Touched(frozenset(op.wires), frozenset(op.bits)) | read_by(op.test, sketch)
        for body in op.bodies:
            found |= touched(body, sketch)
    return found


def commute(one: Op, other: Op, sketch: Sketch) -> bool:
    """Whether they share no wire, and no bit that either writes."""
    a, b = touched((one,), sketch), touched((other,), sketch)
    shared = a.wires & b.wires | a.writes & (b.writes | b.reads) | b.writes & a.reads
    return not shared


def all_ops(ops: Ops) -> Iterator[Op]:
    """Every operation, those of bodies too."""
    for op in ops:
        yield op
        for body in op.bodies:
            yield from all_ops(body)


def names_in(ops: Ops) -> set[str]:
    """The parameters, without those of loops."""
    found = {name.split()[-1] for op in all_ops(ops) for angle in op.angles for name, _ in angle.terms}
    return found - {op.name for op in all_ops(ops)}


# ------------------------------------------------------------------------------ changing


@dataclass(frozen=True)
class Place:
    """A block: the top level or a body. path: (operation, body) at each level; loops: variables in scope."""

    path: tuple[tuple[int, int], ...]
    ops: Ops
    kinds: tuple[str, ...]
    loops: tuple[str, ...]


def places(
    ops: Ops, path: tuple[tuple[int, int], ...] = (), kinds: tuple[str, ...] = (), loops: tuple[str, ...] = ()
) -> Iterator[Place]:
    """Every block, the top level first."""
    yield Place(path, ops, kinds, loops)
    for k, op in enumerate(ops):
        for b, body in enumerate(op.bodies):
            inner = (*loops, op.name) if op.kind == "for" and op.name else loops
            yield from places(body, (*path, (k, b)), (*kinds, op.kind), inner)


def put(ops: Ops, path: tuple[tuple[int, int], ...], new: Ops) -> Ops:
    """The operations with the block at a path replaced."""
    if not path:
        return new
    (k, b), rest = path[0], path[1:]
    bodies = tuple(put(body, rest, new) if j == b else body for j, body in enumerate(ops[k].bodies))
    return (*ops[:k], replace(ops[k], bodies=bodies), *ops[k + 1 :])


def every(ops: Ops, change: Callable[[Op], Op]) -> Ops:
    """Each operation changed, bodies first."""
    return tuple(change(replace(op, bodies=tuple(every(body, change) for body in op.bodies))) for op in ops)


def with_number(ops: Ops, name: str, value: float) -> Ops:
    """The operations with a number for a loop variable."""
    return every(ops, lambda op: replace(op, angles=tuple(a.at(name, value) for a in op.angles)))
