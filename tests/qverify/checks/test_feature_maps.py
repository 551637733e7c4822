"""The check `feature_maps`: an encoder fed the wrong input is named with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subjects import HEAD, NESTED, judged, subject_of

BODY = (
    "input float[64] x0;\ninput float[64] x1;\nqubit[2] q;\n"
    "ry(arctan(x0)) q[0];\nrz(arctan(x0**2)) q[0];\nry(2*x1 + pi/2) q[1];\n"
)
MAPS = {"x0": ["ry(arctan(x0)) q0", "rz(arctan(x0**2)) q0"], "x1": ["ry(pi/2 + x1 + x1) q1"]}


# Qiskit's expressions forget terms below about 1e-16, so numbers of that size cannot be told apart here
THOUSANDTHS = st.integers(-3000, 3000).map(lambda k: k / 1000)


def checked(body: str, maps: dict[str, list[str]] = MAPS):  # a judged finding
    return judged("feature_maps", subject_of(body, features=["x0", "x1"], feature_maps=maps))


def test_encoding_as_claimed_passes_however_the_angle_is_written() -> None:
    assert checked(BODY).verdict == "pass"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("arctan(x0)", "arctan(x1)"),
        ("arctan(x0**2)", "arctan(x0)"),
        ("rz(arctan(x0**2)) q[0]", "rz(arctan(x0**2)) q[1]"),
        ("ry(2*x1", "ry(-2*x1"),
        ("+ pi/2", "- pi/2"),
        ("ry(arctan(x0))", "rx(arctan(x0))"),
        ("rz(arctan(x0**2)) q[0];\n", ""),
    ],
)
def test_wrong_encoding_fails(old: str, new: str) -> None:
    assert old in BODY
    assert checked(BODY.replace(old, new, 1)).verdict == "fail"


def test_fault_names_the_line() -> None:
    found = checked(BODY.replace("arctan(x0**2)", "arctan(x0)"))
    line = (HEAD + BODY).splitlines().index("rz(arctan(x0**2)) q[0];") + 1
    assert f"line {line}: `x0` enters through" in found.finding.evidence[0].where


def test_two_wrong_features_are_beside_bounds_of_one_and_two() -> None:
    subject = subject_of(BODY.replace("q[0];", "q[1];"), features=["x0", "x1"], feature_maps={})
    assert judged("feature_maps", subject).verdict == "not_applicable"
    wrong = subject_of(BODY, features=["x0", "x1"], feature_maps={"x0": ["ry(x0) q0"]})
    assert judged("feature_maps", wrong, at_most=1).verdict == "fail"
    assert judged("feature_maps", wrong, at_most=2).verdict == "pass"


def test_claim_that_is_no_gate_is_undecided() -> None:
    found = checked(BODY, {"x0": ["rotate x0"], "x1": []})
    assert found.verdict == "inconclusive"
    assert "`rotate x0` in `feature_maps` is no gate" in found.finding.message


@settings(NESTED, max_examples=20)
@given(THOUSANDTHS, THOUSANDTHS)
def test_affine_angle_passes_exactly_when_its_numbers_agree(a: float, b: float) -> None:
    body = f"input float[64] x; qubit q; rx(({a!r})*x + ({b!r})) q;"
    claim = {"x": [f"rx(({a!r})*x + ({b!r})) q0"]} if a else {"x": []}
    assert judged("feature_maps", subject_of(body, features=["x"], feature_maps=claim)).verdict == "pass"
    off = {"x": [f"rx(({a!r})*x + ({b!r}) + 1e-9) q0"]}
    if a and b + 1e-9 != b:
        assert judged("feature_maps", subject_of(body, features=["x"], feature_maps=off)).verdict == "fail"
