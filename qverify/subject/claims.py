"""Claims: what a circuit's author says about it, in a TOML file beside the circuit.

A claim is data, checked elsewhere. Parsing is strict: an unknown key, a wrong type or a wrong value is one
sentence with the line and the nearest known key. The same types give the published JSON schema.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qverify.errors import BadClaims
from qverify.toml import parse_toml

Notion = Literal["unitary", "instrument", "channel", "outcomes"]
Input = Literal["any", "zero"]
Match = Literal["name", "order"]
ROLES = ("forget", "input", "update", "output", "hidden", "output_processing", "cell", "reference")
Role = Literal["", "forget", "input", "update", "output", "hidden", "output_processing", "cell", "reference"]


class EquivalentTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This circuit is the same as another one.

    circuit: file name relative to the claims file, or `file.py:function`.
    notion, input: what "the same" means; `instrument` compares the map of every classical record.
    ancilla: wires that only the reference has, starting in |0>.
    discard: wires that only the reference has, traced out at its end.
    match: how its parameters are matched with the reference's: by name, or by the order of declaration.
    """

    circuit: str
    notion: Notion = "unitary"
    input: Input = "any"
    ancilla: tuple[int, ...] = ()
    discard: tuple[int, ...] = ()
    match: Match = "name"


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a claims file may say. An empty Claims says nothing.

    source: a Python builder `file.py:function`, where no circuit file stands beside the claims.
    kind: "unitary" (one unitary, no measurement) or "dynamic" (measures, resets or branches).
    features, weights: the parameters that are data fed in, and those that are trained.
    feature_maps: feature -> the gates its data enters through, in circuit order, as `ry(arctan(x0)) q0`.
    feature_range: smallest and largest value a feature takes.
    angle_laws: weight, or `*` for every weight -> how it is drawn before training, as `uniform`, `normal(0, 0.1)`,
        `uniform(-0.3, 0.3)`; a turn of the whole circle where nothing is said.
    observables: what is read, as `Z0`, `0.5*Z0 + 0.5*Z1`, `X0 Y2`, `P0[1]`, `zeros`, or `M0`, the sign
        (-1)**bit of classical bit 0.
    zero_wires: wires that start in |0>; the others may start in anything.
    discarded_wires: wires whose final state nobody uses.
    unreset_wires: wires that go on, on purpose, in the state that a measurement left.
    bit_orders: classical bits that are one number to the author, each list from the least significant bit on.
    gradient_rule: the rule by which hardware may differentiate every weight.
    """

    title: str = ""
    paper: str = ""
    cell: str = ""
    role: Role = ""
    source: str = ""
    kind: Literal["", "unitary", "dynamic"] = ""
    features: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    feature_maps: dict[str, tuple[str, ...]] = {}
    feature_range: tuple[float, float] = (-1.0, 1.0)
    angle_laws: dict[str, str] = {}
    observables: tuple[str, ...] = ()
    zero_wires: tuple[int, ...] = ()
    discarded_wires: tuple[int, ...] = ()
    unreset_wires: tuple[int, ...] = ()
    bit_orders: tuple[tuple[int, ...], ...] = ()
    gradient_rule: Literal["", "two_term_shift"] = ""
    equivalent_to: EquivalentTo | None = None


NO_CLAIMS = Claims()


def parse_claims(text: str, where: str) -> Claims:
    """Read a claims file.

    Raises:
        BadClaims: with file, line and remedy.
    """
    claims = parse_toml(text, Claims, where, BadClaims)
    low, high = claims.feature_range
    if not (-1e6 <= low < high <= 1e6):
        raise BadClaims("`feature_range` must be [low, high] with low < high, both within 1e6", where)
    for key in ("features", "weights", "observables", "zero_wires", "discarded_wires", "unreset_wires"):
        values = getattr(claims, key)
        if len(set(values)) != len(values):
            raise BadClaims(f"`{key}` names something twice; name each once", where)
    if any(len(set(order)) != len(order) or len(order) < 2 for order in claims.bit_orders):
        raise BadClaims("each list of `bit_orders` names two or more bits, each once", where)
    both = sorted(set(claims.features) & set(claims.weights))
    if both:
        raise BadClaims(f"`{both[0]}` is claimed as a feature and as a weight; keep one", where)
    return claims
