"""What fragments of circuits are drawn from: distinct wires and bits, gates on one wire, branches on one bit."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .conditions import rewritten
from .draw import Scope, angle
from .sketch import Op, Ops, branch, equals, gate

Fragments = tuple[Ops, Ops]
Identity = Callable[[Random, Scope], Fragments | None]
TURNS = ("RXGate", "RYGate", "RZGate", "PhaseGate")


def wires(source: Random, scope: Scope, count: int) -> list[int] | None:
    """Distinct wires, where there are as many."""
    return source.sample(range(scope.sketch.n), count) if count <= scope.sketch.n else None


def bits(source: Random, scope: Scope, count: int) -> list[int] | None:
    """Distinct bits, where there are as many."""
    return source.sample(range(scope.sketch.bits), count) if count <= scope.sketch.bits else None


def turn(source: Random, scope: Scope, wire: int, kinds: tuple[str, ...] = TURNS) -> Op:
    """A gate on one wire."""
    kind = source.choice(kinds)
    return gate(kind, wire, angles=(angle(source, scope),) if kind in TURNS else ())


def under(source: Random, scope: Scope, bit: int, value: int, body: Ops) -> Op:
    """A branch on a bit, written as a pair or as an expression."""
    test = equals(bit, value)
    other = rewritten(source, test, scope.sketch) if source.random() < 0.3 else None
    return branch(other or test, body)
