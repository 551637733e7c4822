"""The figure: the same bytes each time, what it marks, and one sentence where matplotlib is missing."""

from __future__ import annotations

import math
import sys

import pytest

from qverify.errors import Unusable
from qverify.report.variance_figure import Curve, variance_figure
from qverify.trainability.moment import ZERO, Moment, exact, within
from qverify.trainability.scaling import classify

pytest.importorskip("matplotlib")
SIZES = (4, 8, 16, 32, 64)
PARAMETERS = [
    ("beta_0", within(0.1, 0.08, 0.12)),
    ("gamma_0", ZERO),
    ("$a$_1", exact(0.01)),
    ("at_most", Moment(-math.inf, -math.inf, -18.0)),
    ("at_least", Moment(-9.0, -10.0, 0.0, "lower")),
    ("tiny", Moment(-2000.0, -2000.1, -1999.9)),
]


def curve(*extra):
    points = [(n, within(1 / n, 0.97 / n, 1.03 / n)) for n in SIZES] + list(extra)
    return Curve("first angle", points, classify(points, 0.95))


def test_the_same_values_give_the_same_bytes():
    first, second = (variance_figure("a title", PARAMETERS[:2], curve()) for _ in range(2))
    assert first == second
    assert first.startswith(b"<?xml") and b"<dc:date>" not in first


def test_a_users_own_settings_change_nothing():
    import matplotlib

    plain = variance_figure("a title", PARAMETERS[:2], None, "png")
    with matplotlib.rc_context({"font.size": 30.0, "lines.linewidth": 9.0, "svg.hashsalt": None}):
        assert variance_figure("a title", PARAMETERS[:2], None, "png") == plain
    assert plain.startswith(b"\x89PNG")


def comments(svg):
    """matplotlib writes every text beside its outlines."""
    return {line.strip()[5:-4] for line in svg.decode().splitlines() if line.strip().startswith("<!-- ")}


def test_the_marks_are_explained_and_the_class_is_written_out():
    said = comments(variance_figure("a title", PARAMETERS, curve()))
    assert {"a title", "with interval", "at most", "at least (one-sided)", "dead: exactly zero (1 of 6)"} <= said
    assert {"beta_0", "tiny", "qubits", "all that pass"} <= said
    assert any(text.startswith("polynomial, 4 to 64 qubits; at most 0.0") for text in said)


@pytest.mark.parametrize("dead", [0, 1])
def test_either_side_may_be_missing_and_all_may_be_dead(dead):
    assert "qubits" not in comments(variance_figure("t", [("a", ZERO if dead else exact(0.5))]))
    assert "each parameter" not in comments(variance_figure("t", [], curve()))


def test_an_unclassified_curve_and_a_zero_size_are_drawn_all_the_same():
    points = [(4, within(0.1, 0.0, 0.2)), (8, ZERO), (16, Moment(-math.inf, -math.inf, -5.0))]
    said = comments(variance_figure("t", [], Curve("few", points, classify(points, 0.95))))
    assert any(text.startswith("inconclusive") for text in said)
    assert "all that pass" not in said


def test_thousands_of_parameters_stay_a_small_file():
    many = [(f"p{k}", within(2.0**-9, 2.0**-10, 2.0**-8) if k % 2 else ZERO) for k in range(20_000)]
    svg = variance_figure("t", many)
    assert len(svg) < 200_000
    assert "dead: exactly zero (10000 of 20000)" in comments(svg)


def test_nothing_to_draw_is_refused():
    with pytest.raises(Unusable, match="neither a parameter nor a size"):
        variance_figure("t", [])


def test_a_missing_library_is_one_sentence_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(Unusable, match=r"pip install 'qverify\[plots\]'"):
        variance_figure("t", PARAMETERS)
