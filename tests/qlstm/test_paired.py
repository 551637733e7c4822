from __future__ import annotations

import numpy as np
import pytest

from qlstm.paired import Paired, holm, over_sets, paired


def test_thirty_wins_of_thirty_have_the_chance_of_thirty_coins():
    found = paired("sine", np.linspace(1, 2, 30), np.linspace(2, 5, 30))
    assert found.wins == 30
    assert found.p_sign == pytest.approx(2 * 0.5**30)
    assert found.verdict == "better"


def test_the_other_way_round_it_is_worse():
    a, b = np.linspace(1, 2, 30), np.linspace(2, 5, 30)
    found = paired("sine", b, a)
    assert found.verdict == "worse"
    assert found.median_ratio == pytest.approx(1 / paired("sine", a, b).median_ratio)


def test_five_seeds_never_decide():
    assert paired("sine", np.ones(5), np.arange(2.0, 7.0)).verdict == "undecided"


def test_equal_errors_are_undecided_and_one_value_stands_for_all_seeds():
    assert paired("sine", np.ones(8), np.array(1.0)).verdict == "undecided"


def test_an_error_of_zero_is_a_win():
    assert paired("sine", np.zeros(30), np.ones(30)).wins == 30


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_seven_sets_make_a_small_p_value_larger():
    found = over_sets([Paired("a", 30, 22, 0.5, 0.02, 0.02)] + [Paired("b", 30, 15, 1.0, 0.9, 0.9)] * 6)
    assert found[0].p_sign == pytest.approx(0.14)
    assert found[0].verdict == "undecided"
