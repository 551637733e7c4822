"""The policy: the one comparison, waivers, and files that are refused."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qverify.errors import BadPolicy
from qverify.finding import Evidence, Finding
from qverify.policy import (
    Policy,
    Rule,
    Waiver,
    default_policy,
    inside,
    judge,
    narrowed,
    parse_policy,
    subject_verdict,
    worst,
)
from qverify.registry import check_names

TODAY = datetime.date(2026, 11, 21)
FINITE = st.floats(-1e6, 1e6)


def evidence(lo: float, hi: float) -> Evidence:
    return Evidence("defect", lo, hi, "1", "here", "by hand", "exact")


def finding(lo: float = 0.0, hi: float = 0.0, state: str = "measured", check: str = "unitary") -> Finding:
    return Finding(check, state, "", (evidence(lo, hi),) if state == "measured" else ())  # type: ignore[arg-type]


def policy(waivers: tuple[Waiver, ...] = (), **rules: Rule) -> Policy:
    return Policy(version=1, checks=rules or {"unitary": Rule(reason="test", at_most=1.0)}, waivers=waivers)


@given(FINITE, FINITE, FINITE)
def test_interval_passes_exactly_when_all_of_it_is_inside(a: float, b: float, bound: float) -> None:
    lo, hi = sorted((a, b))
    most, least = (
        inside(evidence(lo, hi), Rule("r", at_most=bound)),
        inside(evidence(lo, hi), Rule("r", at_least=bound)),
    )
    assert most == ("pass" if hi <= bound else "fail" if lo > bound else "inconclusive")
    assert least == ("pass" if lo >= bound else "fail" if hi < bound else "inconclusive")


@pytest.mark.parametrize("ends", [(math.nan, 0.0), (0.0, math.nan), (math.nan, math.nan), (1.0, 0.0)])
def test_interval_that_is_none_never_passes(ends: tuple[float, float]) -> None:
    assert inside(evidence(*ends), Rule("r", at_most=1e9)) == "inconclusive"
    assert inside(evidence(*ends), Rule("r", at_least=-1e9)) == "inconclusive"


@pytest.mark.parametrize(("state", "verdict"), [("crashed", "error"), ("undecided", "inconclusive")])
def test_check_without_an_answer_never_passes(state: str, verdict: str) -> None:
    judged = judge(finding(state=state), "d", policy(), TODAY)
    assert judged.verdict == verdict
    assert subject_verdict([judged], policy()) == verdict


def test_missing_required_check_is_inconclusive() -> None:
    both = policy(unitary=Rule("r", at_most=1.0), no_idle_qubits=Rule("r", at_most=0.0))
    assert subject_verdict([judge(finding(), "d", both, TODAY)], both) == "inconclusive"


def test_check_without_a_rule_is_inconclusive_and_not_required() -> None:
    judged = judge(finding(check="shift_rule"), "d", policy(), TODAY)
    assert (judged.verdict, judged.required) == ("inconclusive", False)


def test_measured_finding_without_evidence_is_inconclusive() -> None:
    assert judge(Finding("unitary", "measured", ""), "d", policy(), TODAY).verdict == "inconclusive"


@pytest.mark.parametrize(("allowed", "verdict"), [("allowed", "pass"), ("refused", "inconclusive")])
def test_not_applicable_passes_only_where_the_rule_allows_it(allowed: str, verdict: str) -> None:
    rules = policy(unitary=Rule("r", at_most=1.0, not_applicable=allowed))  # type: ignore[arg-type]
    judged = judge(finding(state="not_applicable"), "d", rules, TODAY)
    assert subject_verdict([judged], rules) == verdict


def waiver(**changes: object) -> Waiver:
    said = {"check": "unitary", "digest": "d", "defect": 4.0, "reason": "known", "expires": TODAY}
    return Waiver(**{**said, **changes})  # type: ignore[arg-type]


def test_waiver_excuses_the_finding_and_changes_no_verdict() -> None:
    rules = policy((waiver(),))
    judged = judge(finding(4, 4), "d", rules, TODAY)
    assert (judged.verdict, judged.waiver) == ("fail", waiver())
    assert subject_verdict([judged], rules) == "pass"


@pytest.mark.parametrize(
    "changes",
    [{"digest": "e"}, {"check": "shift_rule"}, {"defect": 3.0}, {"expires": TODAY - datetime.timedelta(days=1)}],
)
def test_waiver_of_something_else_excuses_nothing(changes: dict[str, object]) -> None:
    rules = policy((waiver(**changes),))
    assert subject_verdict([judge(finding(4, 4), "d", rules, TODAY)], rules) == "fail"


def test_crash_is_never_waived() -> None:
    rules = policy((waiver(),))
    assert subject_verdict([judge(finding(state="crashed"), "d", rules, TODAY)], rules) == "error"


def test_worst_of_nothing_is_inconclusive() -> None:
    assert worst(()) == "inconclusive"


RULE = '[checks.unitary]\nat_most = 1e-9\nreason = "r"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 1\n", "p.toml: object missing required field `checks`"),
        ("version = 1\n[checks]\n", "p.toml: requires no check"),
        (f"version = 1\n{RULE}required = false\n", "p.toml: requires no check"),
        (
            'version = 1\n[checks.unitery]\nat_most = 1\nreason = "r"\n',
            "p.toml:2: unknown check `unitery` (did you mean `unitary`?)",
        ),
        (
            'version = 1\n[checks.unitary]\nat_mots = 1\nreason = "r"\n',
            "p.toml:3: unknown key `at_mots` (did you mean `at_most`?)",
        ),
        ('version = 1\n[checks.unitary]\nreason = "r"\n', "p.toml:2: `unitary` needs exactly one finite bound"),
        (f"version = 1\n{RULE}at_least = 0\n", "p.toml:2: `unitary` needs exactly one finite bound"),
        (
            'version = 1\n[checks.unitary]\nat_most = nan\nreason = "r"\n',
            "p.toml:2: `unitary` needs exactly one finite bound",
        ),
        ('version = 1\n[checks.unitary]\nat_most = 1\nreason = " "\n', "p.toml:2: `unitary` needs a reason"),
        (f'version = "1"\n{RULE}', "p.toml:1: `version`: expected `int`, got `str`"),
        ("version = = 1\n", "p.toml:1: is not TOML"),
        (
            f'version = 1\n{RULE}[[waivers]]\ncheck = "x"\ndigest = "d"\n'
            'defect = 1\nreason = "r"\nexpires = 2027-01-01\n',
            "p.toml: a waiver names the unknown check `x`",
        ),
        (
            f'version = 1\n{RULE}[[waivers]]\ncheck = "unitary"\ndigest = "d"\ndefect = 1\nexpires = 2027-01-01\n',
            "missing required field `reason`",
        ),
    ],
)
def test_policy_that_cannot_judge_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    assert said in str(caught.value)


def test_default_policy_speaks_of_every_check() -> None:
    assert set(default_policy().checks) == set(check_names())
    assert all(rule.required for rule in default_policy().checks.values())


def test_digest_changes_with_any_word() -> None:
    digests = {
        parse_policy(text, "p").digest
        for text in (
            f"version = 1\n{RULE}",
            f"version = 2\n{RULE}",
            f"version = 1\n{RULE}".replace("1e-9", "2e-9"),
            f"version = 1\n{RULE}".replace('"r"', '"s"'),
        )
    }
    assert len(digests) == 4
    assert parse_policy(f"# note\nversion   = 1\n\n{RULE}", "p").digest in digests


def test_deeper_policy_may_tighten_and_add() -> None:
    outer = policy()
    inner = policy(unitary=Rule("r", at_most=0.5), no_idle_qubits=Rule("r", at_most=0.0))
    assert narrowed(outer, inner).checks == inner.checks


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", at_most=2.0),
        Rule("r", at_least=0.0),
        Rule("r", at_most=1.0, required=False),
    ],
)
def test_deeper_policy_that_loosens_is_refused(rule: Rule) -> None:
    with pytest.raises(BadPolicy, match="may only tighten"):
        narrowed(policy(), policy(unitary=rule))


def test_deeper_policy_with_a_waiver_is_refused() -> None:
    with pytest.raises(BadPolicy, match="only the policy at the root"):
        narrowed(policy(), policy((waiver(),)))


def test_fault_that_was_measured_before_a_check_stopped_fails_and_is_not_waived() -> None:
    rule = Rule(at_most=1e-9, reason="r")
    waiver = Waiver("unitary", "d", 1.0, "r", datetime.date(2030, 1, 1))
    stopped = Finding("unitary", "undecided", "why", (evidence(0.5, 0.5),))
    found = judge(stopped, "d", policy((waiver,), unitary=rule), TODAY)
    assert (found.verdict, found.waiver) == ("fail", None)
    fine = Finding("unitary", "undecided", "why", (evidence(0.0, 0.0),))
    assert judge(fine, "d", policy(unitary=rule), TODAY).verdict == "inconclusive"
