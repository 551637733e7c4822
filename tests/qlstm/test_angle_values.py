from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from qlstm.angle_values import angle_values, pattern
from qverify.angle_text import parse_angle
from qverify.angles import evaluate

NAMES = ("x0", "x1", "x2")
TEXTS = (
    "x1",
    "arctan(x0**2)",
    "0.25",
    "2*x2 - x0*x1 + 1",
    "arctan(x2**2)",
    "exp(x0)/(1 + x1**2)",
    "sqrt(abs(x1))",
    "x0",
)


def test_angles_are_those_of_the_reference():
    angles = [parse_angle(text, NAMES) for text in TEXTS]
    values = np.random.default_rng(0).uniform(-1, 1, (5, 3))
    found = angle_values(angles, NAMES, jnp.asarray(values))
    by_name = {name: values[:, k] for k, name in enumerate(NAMES)}
    expected = np.stack([np.broadcast_to(evaluate(angle, by_name), 5) for angle in angles], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_angles_of_one_pattern_differ_only_in_names():
    (one, of_one), (two, of_two) = (pattern(parse_angle(f"arctan({x}**2)", NAMES)) for x in ("x0", "x2"))
    assert one == two
    assert (of_one, of_two) == (("x0",), ("x2",))
