"""What a check is, and running one: a function from a subject to evidence, in a file of its own.

A check measures and never judges. It may say that it does not apply (`NotApplicable`), that it cannot tell
(`Undecidable`), or fail with any other exception, which is reported as a crash; none of these is a pass.
Randomness comes from a generator seeded by SHA-256(seed, check, content digest), so the same subject and seed
give the same evidence in any order, in any process.
"""

from __future__ import annotations

import hashlib
import importlib
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from msgspec import structs
from numpy.random import Generator, default_rng

from qverify.errors import Unusable
from qverify.finding import Evidence, Finding
from qverify.registry import check_names, explain
from qverify.subject import Subject

Measure = Callable[[Subject, Generator], Iterator[Evidence]]
_MISSING = "needs the claim `{claim}`; adding it to the claims file makes this check speak"


class NotApplicable(Exception):
    """The check has nothing to say about this subject; the message says what a claim would add."""


@dataclass(frozen=True)
class Check:
    """A check: `measure` yields evidence; `claims` names the claims it needs, `requires` the checks before it."""

    name: str
    measure: Measure
    claims: tuple[str, ...]
    requires: tuple[str, ...]


def check(*, claims: tuple[str, ...] = (), requires: tuple[str, ...] = ()) -> Callable[[Measure], Check]:
    """Make a function the check of its name."""

    def made(measure: Measure) -> Check:
        return Check(measure.__name__, measure, claims, requires)

    return made


def all_checks() -> tuple[Check, ...]:
    """Every check, each after those it requires, otherwise by name."""
    loaded = {name: getattr(importlib.import_module(f"qverify.checks.{name}"), name) for name in check_names()}
    ordered: dict[str, Check] = {}

    def place(found: Check) -> None:
        for earlier in found.requires:
            place(loaded[earlier])
        ordered.setdefault(found.name, found)

    for found in loaded.values():
        place(found)
    return tuple(ordered.values())


def generator(seed: int, name: str, digest: str) -> Generator:
    """The random generator of one check on one subject."""
    word = hashlib.sha256(f"{seed}|{name}|{digest}".encode()).digest()
    return default_rng(int.from_bytes(word[:16], "big"))


def missing_claim(found: Check, subject: Subject) -> str:
    """The first claim that a check needs and the subject does not make, or nothing."""
    return next((claim for claim in found.claims if not getattr(subject.claims, claim)), "")


def run_check(found: Check, subject: Subject, seed: int) -> Finding:
    """What one check reports about one subject; never raises for what the check does."""

    def finding(state: str, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
        return Finding(found.name, state, message, evidence, seed)  # type: ignore[arg-type]  # one of the literals

    missing = missing_claim(found, subject)
    if missing:
        return finding("not_applicable", _MISSING.format(claim=missing))
    seen: list[Evidence] = []
    try:
        for each in found.measure(subject, generator(seed, found.name, subject.digest)):
            seen.append(_finite(each))
    except NotApplicable as why:
        return finding("not_applicable", str(why))
    except Unusable as why:  # Undecidable among them; what was measured before may show a fault
        return finding("undecided", why.sentence, tuple(seen))
    except BaseException as fault:  # a crash of one check must not end the audit, and never passes
        # a panic in Qiskit's Rust code is no Exception; an interrupt or an exit is not a crash
        if not isinstance(fault, Exception) and type(fault).__name__ != "PanicException":
            raise
        return finding("crashed", f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}")
    if not seen:
        return finding("undecided", "it reported no evidence")
    return finding("measured", explain(found.name).claim, tuple(seen))


def _finite(evidence: Evidence) -> Evidence:
    """The same evidence with finite ends: NaN and infinity become as wide as floats go, so they never pass."""
    top = sys.float_info.max
    lo = evidence.lo if math.isfinite(evidence.lo) else -top
    hi = evidence.hi if math.isfinite(evidence.hi) else top
    return structs.replace(evidence, lo=float(lo), hi=float(hi))
