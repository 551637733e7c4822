"""Measured bits that steer: does their outcome feel anything that comes in, or are they coins?

Given the record before the measurement, with p_b the probability of outcome b and rho_b what it leaves on the other
wires, all as functions of the weights and of what comes in (features, states of wires that do not start in |0>):

    felt   p_1 differs between two drawn points with the same weights: shown, above rounding
    told   rho_0 and rho_1 differ at a drawn point: the outcome tells the other wires apart, as in teleportation
    coin   p_1 is a function of the weights alone, and rho_0 = rho_1: a random number generator could stand in its
           place and nobody could tell. By proof (the wire is alone in a private cluster, `flow`), or exact: both
           equations as polynomials, modulo a prime, at two points with equal weights

Source: for the trap, a controlled gate whose control has just been reset; for the test, Schwartz (1980).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from qverify.errors import Undecidable
from qverify.finding import Strength
from qverify.hygiene.flow import Flow
from qverify.hygiene.memory import steered_by
from qverify.hygiene.numbers import COLUMNS, GROUPS, Points, Real, drawn_points, outcome_weights, walk_numbers
from qverify.hygiene.paths import State, Vectors, half
from qverify.hygiene.program import Program, Step
from qverify.hygiene.residues import Residues
from qverify.subject import Subject

ENOUGH = 1e-6  # probability of a record below which a conditional one is not looked at
MARGIN = 1e-5  # conditional probabilities are right to about 1e-13 / ENOUGH


@dataclass(frozen=True)
class Steering:
    """A measurement whose bit steers, and what is known of it.

    felt, told, coin: as in the module's text; `coin` None where neither shown nor excluded.
    fixed: whether the record before fixes its outcome, which then tells no more than that record.
    by: the strength of `coin`.
    shown: two columns of the points, and the probability of outcome 1 at each given the likeliest record.
    """

    step: Step
    steers: tuple[Step, ...]
    felt: bool
    told: bool
    coin: bool | None
    fixed: bool
    by: Strength
    shown: tuple[int, int, float, float] | None


def steering_measurements(
    subject: Subject, program: Program, flow: Flow, rng: Generator
) -> tuple[tuple[Steering, ...], Points | None, str]:
    """Every measurement whose bit steers something; the points tried; why none could be, if none could."""
    steered = {step: branches for step, branches in steered_by(program).items() if step not in flow.unreachable}
    tried, points, fault = dict[Step, _Tried](), None, ""
    try:
        points = drawn_points(subject, program, rng)
        walk_numbers(program, points, lambda s, state: _note(tried, s, state, steered))
    except Undecidable as why:
        points, fault = None, why.sentence
    silent = [step for step in steered if not (seen := tried.get(step)) or not (seen.felt or seen.told)]
    coins, certain = _exact_coins(subject, program, frozenset(silent))
    found = []
    for step, branches in steered.items():
        seen = tried.get(step) if points is not None else None
        felt, told = (seen.felt, seen.told) if seen else (False, False)
        by: Strength = "proof" if step in flow.coins else "exact"
        fixed = flow.values[step][0] is not None or step in certain
        coin = True if step in flow.coins or step in coins else False if felt or told else None
        if coin and (felt or told):
            raise AssertionError(f"{step.where}: what is shown at a drawn point is excluded by proof")
        shown = seen.shown if seen else None
        found.append(Steering(step, branches, felt, told, coin, fixed, by if coin else "numerical", shown))
    return tuple(found), points, fault


@dataclass(frozen=True)
class _Tried:
    felt: bool
    told: bool
    shown: tuple[int, int, float, float] | None


def _note(into: dict[Step, _Tried], step: Step, state: State, steered: Mapping[Step, object]) -> None:
    if step not in steered:
        return
    felt, told, shown = False, False, None
    likeliest = 0.0
    for vectors in state.values():
        p = outcome_weights(vectors, step.wires[0])  # (2, B)
        found = _range(p)
        if found is not None:
            felt |= found[3] - found[2] > MARGIN
            if float(p.sum(axis=0).mean()) > likeliest:
                likeliest, shown = float(p.sum(axis=0).mean()), found
        told |= _told(vectors, step.wires[0], p)
    into[step] = _Tried(bool(felt), bool(told), shown)


def _range(p: Real) -> tuple[int, int, float, float] | None:
    """The two columns of one group whose conditional probabilities of 1 differ most, and these."""
    total = p.sum(axis=0)
    given = np.where(total > ENOUGH, p[1] / np.maximum(total, ENOUGH), np.nan)
    best: tuple[int, int, float, float] | None = None
    for group in range(GROUPS):
        mine = [k for k in range(group * COLUMNS, (group + 1) * COLUMNS) if not np.isnan(given[k])]
        if len(mine) < 2:
            continue
        low, high = min(mine, key=lambda k: given[k]), max(mine, key=lambda k: given[k])
        if low == high:
            low, high = mine[0], mine[1]
        found = low, high, float(given[low]), float(given[high])
        if best is None or found[3] - found[2] > best[3] - best[2]:
            best = found
    return best


def _told(vectors: Vectors, wire: int, p: Real) -> bool:
    """Whether the two outcomes leave different states on the other wires at some column."""
    index = np.arange(vectors.shape[-1])
    rest = index & ~(1 << wire)
    draws = np.random.default_rng(1).normal(size=(4, 2, len(index)))
    a = (draws[:, 0] + 1j * draws[:, 1])[:, rest]  # the same for both values of the wire
    a /= np.linalg.norm(a, axis=1, keepdims=True) / np.sqrt(2)
    both = (p > ENOUGH).all(axis=0)
    if not both.any():
        return False
    parts = [np.sum(np.abs(half(vectors, wire, b) @ a.conj().T) ** 2, axis=0) for b in (0, 1)]  # (B, 4)
    given = [part[both] / p[b][both, None] for b, part in enumerate(parts)]
    return bool(np.abs(given[0] - given[1]).max() > MARGIN)


def _exact_coins(
    subject: Subject, program: Program, steered: frozenset[Step]
) -> tuple[frozenset[Step], frozenset[Step]]:
    """The measurements that are coins as polynomials, and those that are fixed or that no run reaches."""
    name = f"coins|{subject.digest}"
    if not steered:
        return frozenset(), frozenset()
    try:
        first = Residues(program, f"{name}|1")
        second = Residues(program, f"{name}|2", like=first)
        sums = [_sums(field, steered) for field in (first, second)]
    except Undecidable:
        return frozenset(), frozenset()
    coins = frozenset(s for s in steered if _is_coin(sums[0].get(s, {}), sums[1].get(s, {}), first.p))
    fixed = frozenset(s for s in steered if all(not (p0 and p1) for p0, p1, _, _ in sums[0].get(s, {}).values()))
    return coins, fixed


Sums = tuple[int, int, int, int]  # p_0, p_1, <w|rho_0|z>, <w|rho_1|z>, unnormalised, modulo p


def _sums(field: Residues, steered: frozenset[Step]) -> dict[Step, dict[int, Sums]]:
    size = 2**field.n
    found: dict[Step, dict[int, Sums]] = {}

    def see(step: Step, state: State) -> None:
        if step not in steered:
            return
        rest = field.index & ~(1 << step.wires[0])
        w, z = (field.numbers(name, size)[rest] for name in ("w", "z"))
        for record, vectors in state.items():
            halves = [half(vectors, step.wires[0], b) for b in (0, 1)]
            p = [int((v[:, 0] * v[:, 1]).sum() % field.p) if len(v) else 0 for v in halves]
            s = [int((v[:, 0] @ w % field.p * (v[:, 1] @ z % field.p)).sum() % field.p) for v in halves]
            found.setdefault(step, {})[record] = (p[0], p[1], s[0], s[1])

    field.walk(see)
    return found


def _is_coin(a: Mapping[int, Sums], b: Mapping[int, Sums], p: int) -> bool:
    """Whether the outcome is independent of the rest at one point, and as likely at the other, for every record."""
    if set(a) != set(b) or not a:
        return False
    for record, (p0, p1, s0, s1) in a.items():
        q0, q1, _, _ = b[record]
        if (p1 * (s0 + s1) - s1 * (p0 + p1)) % p or (p1 * (q0 + q1) - q1 * (p0 + p1)) % p:
            return False
    return True
