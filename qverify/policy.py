"""The policy: which checks are required, every bound with its reason, and the waivers. The only judge.

    at_most b:   PASS iff hi <= b,  FAIL iff lo > b,  otherwise INCONCLUSIVE
    at_least b:  PASS iff lo >= b,  FAIL iff hi < b,  otherwise INCONCLUSIVE

No evidence, NaN and an interval across the bound therefore never pass. A waiver excuses one measured defect of
one content digest until a date; it changes no verdict of a check and stays listed everywhere.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from importlib import resources
from typing import Literal

import msgspec

from qverify.digest import digest_of
from qverify.errors import BadPolicy
from qverify.finding import Evidence, Finding, Verdict
from qverify.registry import check_names, explain
from qverify.toml import line_of, nearest, parse_toml


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One check's place in the policy.

    required: whether a subject passes only if this check passes.
    at_most, at_least: the bound on the check's quantity; exactly one.
    reason: why the bound has this value.
    not_applicable: whether a subject that the check cannot speak about may pass.
    """

    reason: str
    required: bool = True
    at_most: float | None = None
    at_least: float | None = None
    not_applicable: Literal["allowed", "refused"] = "allowed"


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One known defect that is accepted: this check, this content digest, this measured size, until this day."""

    check: str
    digest: str
    defect: float
    reason: str
    expires: datetime.date


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy file. `version` only rises."""

    version: int
    checks: dict[str, Rule]
    title: str = ""
    waivers: tuple[Waiver, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of everything the policy says."""
        return digest_of(msgspec.to_builtins(self, str_keys=True))


class Judged(msgspec.Struct, frozen=True):
    """A finding with its verdict.

    bound: as `<= 1e-10`, empty where no rule speaks of this check.
    waiver: the waiver that excuses it, if any.
    """

    finding: Finding
    verdict: Verdict
    required: bool
    bound: str = ""
    waiver: Waiver | None = None


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy file.

    Raises:
        BadPolicy: with file, line and the nearest known key.
    """
    policy = parse_toml(text, Policy, where, BadPolicy)
    known = check_names()
    if not any(rule.required for rule in policy.checks.values()):
        raise BadPolicy("requires no check, so everything would pass; require at least one", where)
    for name, rule in policy.checks.items():
        line = line_of(text, name)
        if name not in known:
            raise BadPolicy(f"unknown check `{name}`{nearest(name, list(known))}", where, line)
        bounds = [b for b in (rule.at_most, rule.at_least) if b is not None]
        if len(bounds) != 1 or not math.isfinite(bounds[0]):
            raise BadPolicy(f"`{name}` needs exactly one finite bound, `at_most` or `at_least`", where, line)
        if getattr(rule, explain(name).bound) is None:
            raise BadPolicy(
                f"`{name}` is bounded by `{explain(name).bound}`; the other way round any defect passes",
                where,
                line,
            )
        if not rule.reason.strip():
            raise BadPolicy(f"`{name}` needs a reason for its bound", where, line)
    for waiver in policy.waivers:
        if waiver.check not in known:
            raise BadPolicy(
                f"a waiver names the unknown check `{waiver.check}`{nearest(waiver.check, list(known))}", where
            )
        if not waiver.reason.strip() or not math.isfinite(waiver.defect):
            raise BadPolicy(f"the waiver of `{waiver.check}` needs a reason and a finite defect", where)
    return policy


def default_policy() -> Policy:
    """The built-in policy, for folders that bring none."""
    return parse_policy(
        resources.files("qverify").joinpath("default_policy.toml").read_text(), "the built-in policy"
    )


def tightens(outer: Policy, inner: Policy) -> str:
    """Why `inner`, deeper in the tree, loosens `outer`; empty when it does not."""
    if inner.waivers:
        return "it waives findings, which only the policy at the root may do"
    for name, rule in outer.checks.items():
        new = inner.checks.get(name)
        if new is None:
            continue
        looser = (
            (rule.required and not new.required)
            or (rule.not_applicable == "refused" and new.not_applicable == "allowed")
            or (rule.at_most is not None and (new.at_most is None or new.at_most > rule.at_most))
            or (rule.at_least is not None and (new.at_least is None or new.at_least < rule.at_least))
        )
        if looser:
            return f"its rule for `{name}` is looser"
    return ""


def narrowed(outer: Policy, inner: Policy) -> Policy:
    """`outer` with the rules of a deeper policy that tightens it.

    Raises:
        BadPolicy: it loosens a rule.
    """
    why = tightens(outer, inner)
    if why:
        raise BadPolicy(f"a policy deeper in the tree may only tighten the one above, but {why}")
    return msgspec.structs.replace(outer, checks={**outer.checks, **inner.checks})


def inside(evidence: Evidence, rule: Rule) -> Verdict:
    """The one comparison of a measured interval with a bound."""
    lo, hi = evidence.lo, evidence.hi
    if not lo <= hi:  # an empty interval, or NaN
        return "inconclusive"
    if rule.at_most is not None:
        return "pass" if hi <= rule.at_most else "fail" if lo > rule.at_most else "inconclusive"
    if rule.at_least is not None:
        return "pass" if lo >= rule.at_least else "fail" if hi < rule.at_least else "inconclusive"
    return "inconclusive"


def judge(finding: Finding, digest: str, policy: Policy, today: datetime.date) -> Judged:
    """The verdict on one finding about the subject with this content digest."""
    rule = policy.checks.get(finding.check)
    required = rule is not None and rule.required
    if finding.state == "crashed":
        return Judged(finding, "error", required)
    if finding.state == "not_applicable":
        refused = rule is not None and rule.not_applicable == "refused"
        return Judged(finding, "inconclusive" if refused else "not_applicable", required)
    if rule is None or not finding.evidence:
        return Judged(finding, "inconclusive", required)
    verdict = worst(inside(evidence, rule) for evidence in finding.evidence)
    bound = f"<= {rule.at_most:g}" if rule.at_most is not None else f">= {rule.at_least:g}"
    if finding.state == "undecided":  # what was measured before it stopped may fail, never pass, and is not waived
        return Judged(finding, "fail" if verdict == "fail" else "inconclusive", required, bound)
    waiver = _waiver(finding, digest, policy, today) if verdict == "fail" else None
    return Judged(finding, verdict, required, bound, waiver)


def _waiver(finding: Finding, digest: str, policy: Policy, today: datetime.date) -> Waiver | None:
    """A waiver that covers every failing interval of a finding: same digest, defect not larger, not expired."""
    rule = policy.checks[finding.check]
    failing = [e for e in finding.evidence if inside(e, rule) != "pass"]
    for waiver in policy.waivers:
        if (waiver.check, waiver.digest) != (finding.check, digest) or waiver.expires < today:
            continue
        if all(e.hi <= waiver.defect if rule.at_most is not None else e.lo >= waiver.defect for e in failing):
            return waiver
    return None


_ORDER: tuple[Verdict, ...] = ("error", "fail", "inconclusive", "pass", "not_applicable")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `inconclusive` for none."""
    return min(verdicts, key=_ORDER.index, default="inconclusive")


def subject_verdict(judged: Iterable[Judged], policy: Policy) -> Verdict:
    """The verdict on a subject: pass only if every required check is present and passes, or is waived."""
    by_check = {j.finding.check: j for j in judged}
    verdicts: list[Verdict] = []
    for name, rule in policy.checks.items():
        if not rule.required:
            continue
        j = by_check.get(name)
        if j is None:
            verdicts.append("inconclusive")  # a missing check never passes
        elif j.verdict == "not_applicable" or j.waiver is not None:
            verdicts.append("pass")
        else:
            verdicts.append(j.verdict)
    if any(j.verdict == "error" for j in by_check.values()):
        verdicts.append("error")
    return worst(verdicts)
