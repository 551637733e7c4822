"""Fragments that do the same: one is put into circuit A, the other into B at the same place.

Each function draws (left, right). What they are called is an intention; the oracle decides whether the circuits are
equal. Sources: Nielsen and Chuang (2010), sec. 1.3.7, 4.4 and 5.2 (deferral, teleportation, semiclassical Fourier).
"""

from __future__ import annotations

import math
from random import Random

from . import branch_identities as branches
from .draw import Scope, angle, block, drawn_gate
from .fragments import Fragments, Identity, bits, turn, under, wires
from .sketch import branch, equals, gate, measure, reset

CONTROLLED = {
    "XGate": "CXGate", "YGate": "CYGate", "ZGate": "CZGate", "HGate": "CHGate", "SGate": "CSGate",
    "RXGate": "CRXGate", "RYGate": "CRYGate", "RZGate": "CRZGate", "PhaseGate": "CPhaseGate",
}  # fmt: skip


def deferred(source: Random, scope: Scope) -> Fragments | None:
    """A gate controlled by an outcome is the gate controlled by the wire, before the measurement."""
    on, bit = wires(source, scope, 2), bits(source, scope, 1)
    if on is None or bit is None:
        return None
    value, made = source.choice([1, 1, 0]), turn(source, scope, on[1], tuple(CONTROLLED))
    inside = gate(CONTROLLED[made.kind], *on, angles=made.angles, ctrl=value)
    seen = measure(on[0], bit[0])
    return (seen, under(source, scope, bit[0], value, (made,))), (inside, seen)


def past_diagonal(source: Random, scope: Scope) -> Fragments | None:
    """A measurement commutes with a diagonal gate."""
    bit = bits(source, scope, 1)
    if bit is None:
        return None
    k = source.randrange(scope.sketch.n)
    others = [j for j in range(scope.sketch.n) if j != k]
    kind = source.choice(
        ["RZGate", "PhaseGate", "CZGate", "CRZGate", "RZZGate", "CPhaseGate"] if others else ["RZGate"]
    )
    on = [k] if kind in ("RZGate", "PhaseGate") else [k, source.choice(others)]
    source.shuffle(on)
    made = gate(kind, *on, angles=() if kind == "CZGate" else (angle(source, scope),))
    return (made, measure(k, bit[0])), (measure(k, bit[0]), made)


def past_not(source: Random, scope: Scope) -> Fragments | None:
    """X before a measurement is X after it and the opposite condition; the bit is overwritten at the end."""
    on, bit = wires(source, scope, 2), bits(source, scope, 1)
    if on is None or bit is None:
        return None
    made, value, flip = turn(source, scope, on[1]), source.randrange(2), gate("XGate", on[0])
    seen, last = measure(on[0], bit[0]), measure(source.choice(on), bit[0])
    left = (flip, seen, under(source, scope, bit[0], value, (made,)), last)
    return left, (seen, flip, under(source, scope, bit[0], 1 - value, (made,)), last)


def reset_is_correction(source: Random, scope: Scope) -> Fragments | None:
    """A reset is a measurement and an X; the bit is overwritten at the end."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    last = measure(source.randrange(scope.sketch.n), bit[0])
    right = (measure(k, bit[0]), under(source, scope, bit[0], 1, (gate("XGate", k),)), last)
    return (reset(k), last), right


def correction_is_reset(source: Random, scope: Scope) -> Fragments | None:
    """After a measurement, an X where the outcome was 1 is a reset."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    seen = measure(k, bit[0])
    return (seen, under(source, scope, bit[0], 1, (gate("XGate", k),))), (seen, reset(k))


def measured_again(source: Random, scope: Scope) -> Fragments | None:
    """A second measurement tells nothing new; two bits hold the same."""
    bit, k = bits(source, scope, 2), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    first, second = measure(k, bit[0]), measure(k, bit[1])
    if source.random() < 0.4:
        return (first, second), (second, first)
    if source.random() < 0.5:
        return (first, first), (first,)
    made = drawn_gate(source, scope)
    return (first, second, branch(equals(bit[1]), (made,))), (first, second, branch(equals(bit[0]), (made,)))


def reset_again(source: Random, scope: Scope) -> Fragments | None:
    """A reset wire is |0>: it may be reset again, a Z or a control on it does nothing."""
    k = source.randrange(scope.sketch.n)
    other = source.choice([j for j in range(scope.sketch.n) if j != k] or [k])
    nothing = [reset(k), gate("ZGate", k), turn(source, scope, k, ("RZGate", "SGate"))]
    if other != k:
        nothing += [gate("CXGate", k, other), gate("CRYGate", k, other, angles=(angle(source, scope),))]
    return (reset(k), source.choice(nothing)), (reset(k),)


def dead_after_reset(source: Random, scope: Scope) -> Fragments | None:
    """The outcome of a reset wire is 0, so the branch on 1 is dead."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    start = (reset(k), measure(k, bit[0]))
    return (*start, under(source, scope, bit[0], 1, block(source, scope, 1))), start


def phase_inside(source: Random, scope: Scope) -> Fragments | None:
    """A phase that depends on the record alone is not seen."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    seen = measure(k, bit[0])
    made = source.choice([gate("ZGate", k), turn(source, scope, k, ("RZGate", "PhaseGate", "SGate"))])
    if source.random() < 0.3:
        made = gate("GlobalPhaseGate", angles=(angle(source, scope),))
    return (seen, under(source, scope, bit[0], source.randrange(2), (made,))), (seen,)


def swapped_wires(source: Random, scope: Scope) -> Fragments | None:
    """Measuring a wire between two swaps is measuring the other one."""
    on, bit = wires(source, scope, 2), bits(source, scope, 1)
    if on is None or bit is None:
        return None
    swap = gate("SwapGate", *on)
    return (swap, measure(on[0], bit[0]), swap), (measure(on[1], bit[0]),)


def parity(source: Random, scope: Scope) -> Fragments | None:
    """The parity of two wires, computed on either of them, or on a third one that starts in |0>."""
    on, bit = wires(source, scope, 2), bits(source, scope, 1)
    if on is None or bit is None:
        return None
    p, q = on
    left = (gate("CXGate", p, q), measure(q, bit[0]), gate("CXGate", p, q))
    third = [k for k in range(scope.sketch.n) if k not in on]
    if third and source.random() < 0.5:
        t = source.choice(third)
        ends = (reset(t),)
        right = (*ends, gate("CXGate", p, t), gate("CXGate", q, t), measure(t, bit[0]), *ends)
        return (*ends, *left), right
    return left, (gate("CXGate", q, p), measure(p, bit[0]), gate("CXGate", q, p))


def teleported(source: Random, scope: Scope) -> Fragments | None:
    """Teleportation and a swap back do nothing but reset two wires and two bits."""
    on, bit = wires(source, scope, 3), bits(source, scope, 2)
    if on is None or bit is None:
        return None
    (s, a, t), (c, d) = on, bit
    start, ends = (reset(a), reset(t)), (reset(s), reset(a), gate("SwapGate", s, t), measure(a, c), measure(a, d))
    send = (
        gate("HGate", a),
        gate("CXGate", a, t),
        gate("CXGate", s, a),
        gate("HGate", s),
        measure(s, c),
        measure(a, d),
    )
    fix = (under(source, scope, d, 1, (gate("XGate", t),)), under(source, scope, c, 1, (gate("ZGate", t),)))
    if source.random() < 0.5:
        fix = fix[::-1]
    return (*start, *send, *fix, *ends), (*start, measure(a, c), measure(a, d))


def dephased(source: Random, scope: Scope) -> Fragments | None:
    """A measurement that nobody reads is a Z by a coin."""
    on, bit = wires(source, scope, 2), bits(source, scope, 1)
    if on is None or bit is None:
        return None
    (k, coin), (c,) = on, bit
    ends = (reset(coin), measure(coin, c))
    toss = (reset(coin), gate("HGate", coin), measure(coin, c), under(source, scope, c, 1, (gate("ZGate", k),)))
    return (measure(k, c), *ends), (*toss, *ends)


def correction_moved(source: Random, scope: Scope) -> Fragments | None:
    """A conditional Pauli moved through a Clifford gate."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    through, before, after = source.choice(
        [("HGate", "XGate", "ZGate"), ("SGate", "XGate", "YGate"), ("HGate", "ZGate", "XGate")]
    )
    left = (branch(equals(bit[0]), (gate(before, k),)), gate(through, k))
    return left, (gate(through, k), under(source, scope, bit[0], 1, (gate(after, k),)))


def sign_of_angle(source: Random, scope: Scope) -> Fragments | None:
    """A rotation between two conditional X has its sign from the bit."""
    bit, k = bits(source, scope, 1), source.randrange(scope.sketch.n)
    if bit is None:
        return None
    flip, by = branch(equals(bit[0]), (gate("XGate", k),)), angle(source, scope)
    axis = source.choice(["RZGate", "RYGate"])
    either = branch(equals(bit[0]), (gate(axis, k, angles=(by.times(-1.0),)),), (gate(axis, k, angles=(by,)),))
    return (flip, gate(axis, k, angles=(by,)), flip), (either,)


def semiclassical(source: Random, scope: Scope) -> Fragments | None:
    """The last steps of a Fourier transform: phases controlled by wires, or by their outcomes."""
    on, bit = wires(source, scope, 2), bits(source, scope, 2)
    if on is None or bit is None:
        return None
    (q, r), (c, d), by = on, bit, math.pi / source.choice([2, 4, 8])
    ends = (gate("HGate", r), measure(r, d))
    left = (gate("HGate", q), gate("CPhaseGate", q, r, angles=(by,)), measure(q, c), *ends)
    return left, (
        gate("HGate", q),
        measure(q, c),
        under(source, scope, c, 1, (gate("PhaseGate", r, angles=(by,)),)),
        *ends,
    )


IDENTITIES: dict[str, Identity] = {
    "deferred to a controlled gate": deferred,
    "past a diagonal gate": past_diagonal,
    "past X": past_not,
    "reset as measure and correct": reset_is_correction,
    "correct as reset": correction_is_reset,
    "measured again": measured_again,
    "reset again": reset_again,
    "dead after reset": dead_after_reset,
    "dead branch inside": branches.dead_inside,
    "gate and inverse inside": branches.inverse_inside,
    "phase on a branch": phase_inside,
    "condition rewritten": branches.condition_rewritten,
    "else and if exchanged": branches.else_exchanged,
    "register as nested bits": branches.nested_bits,
    "switch as else-ifs": branches.switch_as_ifs,
    "common part": branches.common_part,
    "branch split": branches.branch_split,
    "wires swapped around": swapped_wires,
    "parity elsewhere": parity,
    "teleported": teleported,
    "dephased by a coin": dephased,
    "xor of bits": branches.exclusive_or,
    "correction moved": correction_moved,
    "sign from a bit": sign_of_angle,
    "same branches": branches.same_branches,
    "angle in parts": branches.angle_in_parts,
    "semiclassical Fourier": semiclassical,
    "in a box": branches.in_a_box,
}
