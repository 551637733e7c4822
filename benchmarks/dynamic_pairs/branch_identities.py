"""Fragments that do the same, about conditions and branches; as in `identities`."""

from __future__ import annotations

from random import Random

from .conditions import drawn, negated, rewritten
from .draw import Scope, angle, block, drawn_gate, flow
from .fragments import Fragments, bits, turn
from .sketch import Op, Ops, Tree, branch, equals, gate


def dead_inside(source: Random, scope: Scope) -> Fragments | None:
    """A branch on the opposite of the condition around it is dead."""
    if not scope.sketch.bits:
        return None
    test = drawn(source, scope.sketch, scope.written)
    inner = branch(negated(source, test, scope.sketch), block(source, scope, 1))
    body = (drawn_gate(source, scope),)
    return (branch(test, (inner, *body)),), (branch(test, body),)


def inverse_inside(source: Random, scope: Scope) -> Fragments | None:
    """A gate and its inverse in a branch."""
    if not scope.sketch.bits:
        return None
    k, test = source.randrange(scope.sketch.n), drawn(source, scope.sketch, scope.written)
    made = turn(source, scope, k, ("RXGate", "RYGate", "RZGate", "HGate", "XGate"))
    back = gate(made.kind, k, angles=tuple(a.times(-1.0) for a in made.angles))
    rest = drawn_gate(source, scope)
    return (branch(test, (made, back, rest)),), (branch(test, (rest,)),)


def condition_rewritten(source: Random, scope: Scope) -> Fragments | None:
    """The same condition in other words."""
    if not scope.sketch.bits:
        return None
    test = drawn(source, scope.sketch, scope.written)
    other, body = rewritten(source, test, scope.sketch), block(source, scope, source.choice([1, 2]))
    return None if other is None else ((branch(test, body),), (branch(other, body),))


def else_exchanged(source: Random, scope: Scope) -> Fragments | None:
    """`if` and `else` exchanged, the condition negated."""
    if not scope.sketch.bits:
        return None
    test = drawn(source, scope.sketch, scope.written)
    then, other = block(source, scope, 1), block(source, scope, source.choice([0, 1, 2]))
    return (branch(test, then, other),), (branch(negated(source, test, scope.sketch), other, then),)


def nested_bits(source: Random, scope: Scope) -> Fragments | None:
    """A register's value as nested conditions on its bits."""
    if not scope.sketch.registers:
        return None
    r = source.randrange(len(scope.sketch.registers))
    held = scope.sketch.registers[r][1]
    value, body = source.randrange(2 ** len(held)), block(source, scope, 1)
    inner = body
    for j, bit in enumerate(held):
        inner = (branch(equals(bit, value >> j & 1), inner),)
    return (branch(("=reg", r, value), body),), inner


def switch_as_ifs(source: Random, scope: Scope) -> Fragments | None:
    """A switch as a chain of `else if`."""
    if not scope.sketch.registers:
        return None
    r = source.randrange(len(scope.sketch.registers))
    size = 2 ** len(scope.sketch.registers[r][1])
    values = source.sample(range(size), source.randint(1, min(size, 3)))
    bodies = [block(source, scope, 1) for _ in values]
    rest = block(source, scope, source.choice([0, 1]))
    chain: Ops = rest
    for value, body in zip(values, bodies, strict=True):
        chain = (branch(("=reg", r, value), body, chain if chain else None),)
    labels = (*((v,) for v in values), *(((),) if rest else ()))
    one = Op("switch", test=("reg", r), labels=labels, bodies=(*bodies, *((rest,) if rest else ())))
    return (one,), chain


def common_part(source: Random, scope: Scope) -> Fragments | None:
    """What begins both branches may stand before them."""
    if not scope.sketch.bits:
        return None
    test, made = drawn(source, scope.sketch, scope.written), drawn_gate(source, scope)
    then, other = block(source, scope, 1), block(source, scope, source.choice([0, 1]))
    return (branch(test, (made, *then), (made, *other)),), (made, branch(test, then, other))


def branch_split(source: Random, scope: Scope) -> Fragments | None:
    """A branch in two, where its first part writes no bit."""
    if not scope.sketch.bits:
        return None
    test: Tree = drawn(source, scope.sketch, scope.written)
    first, second = (drawn_gate(source, scope),), block(source, scope, 1)
    return (branch(test, (*first, *second)),), (branch(test, first), branch(test, second))


def exclusive_or(source: Random, scope: Scope) -> Fragments | None:
    """An X where one of two bits is 1 is an X for each."""
    bit, k = bits(source, scope, 2), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    flip = gate(source.choice(["XGate", "ZGate", "YGate"]), k)
    left = branch(("xor", ("bit", bit[0]), ("bit", bit[1])), (flip,))
    return (left,), tuple(branch(equals(b), (flip,)) for b in bit)


def same_branches(source: Random, scope: Scope) -> Fragments | None:
    """Two branches that do the same are no branches."""
    if not scope.sketch.bits:
        return None
    body = block(source, scope, source.choice([1, 2]))
    return (branch(drawn(source, scope.sketch, scope.written), body, body),), body


def angle_in_parts(source: Random, scope: Scope) -> Fragments | None:
    """A rotation in two parts inside a branch, an outcome between them where that commutes."""
    if not scope.sketch.bits:
        return None
    k, test, by = source.randrange(scope.sketch.n), drawn(source, scope.sketch, scope.written), angle(source, scope)
    kind = source.choice(["RXGate", "RYGate", "RZGate"])
    half = gate(kind, k, angles=(by.times(0.5),))
    return (branch(test, (gate(kind, k, angles=(by,)),)),), (branch(test, (half,)), branch(test, (half,)))


def in_a_box(source: Random, scope: Scope) -> Fragments | None:
    """A box, or a loop of one turn, around operations."""
    if scope.depth >= 3:
        return None
    body = (flow(source, scope), *block(source, scope, 1))
    around = Op("box", bodies=(body,)) if source.random() < 0.5 else Op("for", labels=((0,),), bodies=(body,))
    return (around,), body
