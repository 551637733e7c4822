"""Claims files: what they may say, and one sentence with the line for everything else."""

from __future__ import annotations

import pytest

from qverify.errors import BadClaims, CannotLoad, Unusable
from qverify.subject import Claims, EquivalentTo, parse_claims

FULL = """
title = "cell"
kind = "dynamic"
role = "forget"
features = ["x0"]
weights = ["w0", "w1"]
feature_range = [-2, 2.5]
observables = ["Z0", "0.5*Z0 + 0.5*Z1"]
zero_wires = [0, 1]
gradient_rule = "two_term_shift"

[feature_maps]
x0 = ["ry(arctan(x0)) q0"]

[equivalent_to]
circuit = "other.qasm"
notion = "instrument"
ancilla = [2]
"""


def test_a_full_claims_file_is_read_as_it_stands():
    claims = parse_claims(FULL, "c.toml")
    assert claims.features == ("x0",)
    assert claims.feature_range == (-2.0, 2.5)
    assert claims.feature_maps == {"x0": ("ry(arctan(x0)) q0",)}
    assert claims.equivalent_to == EquivalentTo("other.qasm", notion="instrument", ancilla=(2,))


def test_an_empty_claims_file_says_nothing():
    assert parse_claims("", "c.toml") == Claims()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('title = "a"\nwieghts = ["w"]\n', 2, "unknown key `wieghts` (did you mean `weights`?)"),
        ('\n\nobservable = ["Z0"]\n', 3, "unknown key `observable` (did you mean `observables`?)"),
        ("zzzzqq = 1\n", 1, "unknown key `zzzzqq`"),
        ('[equivalent_to]\ncircuit = "a"\nnotoin = "unitary"\n', 3, "did you mean `notion`?"),
        ('[equivalent_to]\nnotion = "unitary"\n', 1, "circuit"),
        ('kind = "static"\n', 1, "`kind`"),
        ('title = "a"\nfeatures = "x0"\n', 2, "`features`"),
        ("zero_wires = [0.5]\n", 1, "`zero_wires`"),
        ("zero_wires = [true]\n", 1, "`zero_wires`"),
        ('role = "forgot"\n', 1, "`role`"),
        ("feature_range = [1]\n", 1, "`feature_range`"),
        ('title = "a"\nweights = [\n', 2, "is not TOML"),
        ("title = 'a'\ntitle = 'b'\n", 2, "is not TOML"),
    ],
)
def test_a_bad_claims_file_is_one_sentence_with_its_line(text, line, said):
    with pytest.raises(BadClaims) as caught:
        parse_claims(text, "c.toml")
    assert said in caught.value.sentence
    assert caught.value.line in (line, None) if said in ("circuit", "is not TOML") else caught.value.line == line
    assert str(caught.value).startswith("c.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bounds", ["[1, 1]", "[2, 1]", "[-1e7, 1]", "[0, 1e7]", "[nan, 1]", "[0, inf]"])
def test_a_feature_range_is_an_interval_of_bounded_size(bounds):
    with pytest.raises(BadClaims, match="low < high"):
        parse_claims(f"feature_range = {bounds}", "c.toml")


@pytest.mark.parametrize("key", ["features", "weights", "observables", "zero_wires", "discarded_wires"])
def test_naming_a_thing_twice_is_refused(key):
    value = "[1, 1]" if key.endswith("wires") else '["Z0", "Z0"]'
    with pytest.raises(BadClaims, match=f"`{key}` names something twice"):
        parse_claims(f"{key} = {value}", "c.toml")


def test_a_parameter_is_a_feature_or_a_weight_and_not_both():
    with pytest.raises(BadClaims, match="`a` is claimed as a feature and as a weight"):
        parse_claims('features = ["a"]\nweights = ["b", "a"]', "c.toml")


def test_deep_nesting_is_refused_and_no_traceback():
    with pytest.raises(BadClaims):
        parse_claims("title = " + "[" * 5000 + "]" * 5000, "c.toml")


def test_a_refusal_names_its_place_once():
    refusal = CannotLoad("is bad", line=3)
    assert str(refusal.at("f.qasm")) == "f.qasm:3: is bad"
    assert str(refusal.at("f.qasm").at("g.qasm")) == "f.qasm:3: is bad"
    assert isinstance(refusal.at("f"), CannotLoad)
    assert str(Unusable("alone")) == "alone"
