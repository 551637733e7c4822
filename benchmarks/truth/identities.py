"""Gates written out in other gates, and inverses of gates, as items.

Identities hold up to global phase. Source: OpenQASM 3 `stdgates.inc`, and Nielsen and Chuang (2010), sec. 4.2-4.3.
"""

# ruff: noqa: ARG001, ARG005  # every expansion takes the same arguments
from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from .expressions import Tree, add, mul, num
from .sketches import Item

Wires = tuple[int, ...]
Expansion = Callable[[Wires, tuple[Tree, ...]], list[Item]]
PI = num(math.pi)
HALF_PI = num(math.pi / 2)
SELF_INVERSE = {
    "XGate", "YGate", "ZGate", "HGate", "IGate", "SwapGate", "CXGate", "CYGate", "CZGate", "CHGate", "CCXGate",
    "CCZGate", "CSwapGate", "ECRGate", "MCXGate", "doubly HGate", "barrier",
}  # fmt: skip
INVERSES = {"SGate": "SdgGate", "TGate": "TdgGate", "SXGate": "SXdgGate", "CSGate": "CSdgGate"}
INVERSES |= {other: kind for kind, other in INVERSES.items()}
NEGATED = {
    "RXGate", "RYGate", "RZGate", "PhaseGate", "U1Gate", "RXXGate", "RYYGate", "RZZGate", "RZXGate", "CRXGate",
    "CRYGate", "CRZGate", "CPhaseGate", "CU1Gate", "MCPhaseGate", "doubly RXGate", "doubly RYGate", "doubly RZGate",
}  # fmt: skip


def negative(t: Tree) -> Tree:
    """-t."""
    return ("neg", t)


def half(t: Tree) -> Tree:
    """t / 2."""
    return mul(num(0.5), t)


def inverse(item: Item) -> Item | None:
    """The inverse of an item as one item; None where there is no plain one."""
    if item.kind in SELF_INVERSE:
        return item
    if item.kind in INVERSES:
        return replace(item, kind=INVERSES[item.kind])
    if item.kind in NEGATED:
        return replace(item, angles=(negative(item.angles[0]),))
    if item.kind in ("RGate", "XXPlusYYGate", "XXMinusYYGate"):
        return replace(item, angles=(negative(item.angles[0]), item.angles[1]))
    if item.kind in ("UGate", "U3Gate", "CU3Gate", "doubly UGate"):
        theta, phi, lam = item.angles
        return replace(item, angles=(negative(theta), negative(lam), negative(phi)))
    if item.kind == "CUGate":
        theta, phi, lam, gamma = item.angles
        return replace(item, angles=(negative(theta), negative(lam), negative(phi), negative(gamma)))
    return None


def word(text: str) -> Expansion:
    """Gates without angles, as `H1 CX01 H1`: names with the positions of their wires."""

    def expand(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
        items = []
        for part in text.split():
            name = part.rstrip("0123456789")
            on = tuple(wires[int(digit)] for digit in part[len(name) :])
            closed = {"CX": 1, "CZ": 1, "CCX": 3, "CY": 1}.get(name)
            items.append(Item(f"{name}Gate", on, ctrl=closed))
        return items

    return expand


def _around(inner: str, text: str, *, turned: bool = False) -> Expansion:
    """A rotation between a word and its inverse, which for these words is itself."""

    def expand(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
        sides = word(text)(wires, angles)
        on = wires if inner[1:3] in ("XX", "YY", "ZZ") else wires[-1:]
        return [*sides, Item(inner, on, (negative(angles[0]) if turned else angles[0],)), *reversed(sides)]

    return expand


def _ry_by_rx(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("SdgGate", wires), Item("RXGate", wires, angles), Item("SGate", wires)]


def _rx_as_u(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("UGate", wires, (angles[0], num(-math.pi / 2), HALF_PI))]


def _rx_as_r(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("RGate", wires, (angles[0], num(0.0)))]


def _rz_as_p(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("PhaseGate", wires, angles)]


def _r_by_rz(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    theta, phi = angles
    return [Item("RZGate", wires, (negative(phi),)), Item("RXGate", wires, (theta,)), Item("RZGate", wires, (phi,))]


def _u_by_axes(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    theta, phi, lam = angles
    return [Item("RZGate", wires, (lam,)), Item("RYGate", wires, (theta,)), Item("RZGate", wires, (phi,))]


def _u_by_sx(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    theta, phi, lam = angles
    turns = [lam, add(theta, PI), add(phi, PI)]
    z = [Item("RZGate", wires, (t,)) for t in turns]
    return [z[0], Item("SXGate", wires), z[1], Item("SXGate", wires), z[2]]


def _crz(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    flip = Item("CXGate", wires, ctrl=1)
    there = Item("RZGate", wires[1:], (half(angles[0]),))
    return [there, flip, Item("RZGate", wires[1:], (negative(half(angles[0])),)), flip]


def _cry(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    flip = Item("CXGate", wires, ctrl=1)
    there = Item("RYGate", wires[1:], (half(angles[0]),))
    return [there, flip, Item("RYGate", wires[1:], (negative(half(angles[0])),)), flip]


def _crx(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    side = Item("HGate", wires[1:])
    return [side, *_crz(wires, angles), side]


def _crz_by_words(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("RZGate", wires[1:], (half(angles[0]),)), Item("RZZGate", wires, (negative(half(angles[0])),))]


def _cp(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    parts = [Item("RZGate", (w,), (half(angles[0]),)) for w in wires]
    return [*parts, Item("RZZGate", wires, (negative(half(angles[0])),))]


def _cp_by_crz(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    return [Item("CRZGate", wires, angles, ctrl=1), Item("PhaseGate", wires[:1], (half(angles[0]),))]


def _rzz(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    flip = Item("CXGate", wires, ctrl=1)
    return [flip, Item("RZGate", wires[1:], angles), flip]


def _rzx(wires: Wires, angles: tuple[Tree, ...]) -> list[Item]:
    side = Item("HGate", wires[1:])
    return [side, Item("RZZGate", wires, angles), side]


def _fixed(kind: str, t: float) -> Expansion:
    return lambda wires, angles: [Item(kind, wires, (num(t),))]


EXPANSIONS: dict[str, list[Expansion]] = {
    "HGate": [word("S0 SX0 S0"), lambda w, a: [Item("U2Gate", w, (num(0.0), PI))]],
    "XGate": [word("SX0 SX0"), word("H0 Z0 H0"), _fixed("RXGate", math.pi)],
    "YGate": [word("Z0 X0"), word("S0 S0 X0")],
    "ZGate": [word("S0 S0"), word("T0 T0 S0"), _fixed("PhaseGate", math.pi)],
    "SGate": [word("T0 T0"), _fixed("RZGate", math.pi / 2)],
    "TGate": [_fixed("PhaseGate", math.pi / 4), word("S0 Tdg0")],
    "SXGate": [word("H0 S0 H0"), _fixed("RXGate", math.pi / 2)],
    "RXGate": [_around("RZGate", "H0"), _rx_as_u, _rx_as_r],
    "RYGate": [_ry_by_rx, _around("RYGate", "H0", turned=True)],
    "RZGate": [_around("RXGate", "H0"), _rz_as_p],
    "PhaseGate": [lambda w, a: [Item("UGate", w, (num(0.0), num(0.0), a[0]))]],
    "RGate": [_r_by_rz],
    "UGate": [_u_by_axes, _u_by_sx],
    "U3Gate": [_u_by_axes],
    "SwapGate": [word("CX01 CX10 CX01"), word("CX10 CX01 CX10")],
    "iSwapGate": [word("S0 S1 H0 CX01 CX10 H1")],
    "DCXGate": [word("CX01 CX10")],
    "CXGate": [word("H1 CZ01 H1"), word("H0 H1 CX10 H0 H1")],
    "CZGate": [word("H1 CX01 H1"), word("CZ10")],
    "CYGate": [word("Sdg1 CX01 S1")],
    "CRXGate": [_crx],
    "CRYGate": [_cry],
    "CRZGate": [_crz, _crz_by_words],
    "CPhaseGate": [_cp, _cp_by_crz],
    "RXXGate": [_around("RZZGate", "H0 H1")],
    "RZZGate": [_rzz, lambda w, a: [Item("RZZGate", w[::-1], a)]],
    "RZXGate": [_rzx],
    "CCXGate": [word("H2 CCZ012 H2"), word("H2 CX12 Tdg2 CX02 T2 CX12 Tdg2 CX02 T1 T2 H2 CX01 T0 Tdg1 CX01")],
    "CCZGate": [word("H2 CCX012 H2"), word("H0 CCX120 H0")],
}
