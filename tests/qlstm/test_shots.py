from __future__ import annotations

import jax
import numpy as np
import pytest

from qlstm.config import Config
from qlstm.data import sine
from qlstm.measured_cell import initial_parameters
from qlstm.shots import expected_error, refitted, train_for_shots
from qlstm.windows import Part, windowed
from tests.qlstm.measuring import cell as small_cell


@pytest.fixture(scope="module")
def cell():
    return small_cell()


@pytest.fixture(scope="module")
def part():
    train = windowed(sine(), 1).train
    return Part(train.windows[:16], train.targets[:16])


def test_training_for_few_shots_lowers_the_expected_error(cell, part):
    config = Config("mcmc", "sine", optimizer="adam", epochs=12, learning_rate=0.05, batch=16)
    start = initial_parameters(cell, 1, jax.random.key(0))
    before = sum(expected_error(cell, start, part, 64))
    trained, losses = train_for_shots(cell, part, config, 64, start)
    after = sum(expected_error(cell, trained, part, 64))
    assert len(losses) == 12
    assert losses[0] == pytest.approx(before, rel=1e-9), "one batch: the first loss is the error at the start"
    assert after < before / 2


def test_refit_undoes_a_gain_and_an_offset():
    y = np.linspace(-1, 1, 20)
    gain, offset = refitted(0.5 * y - 0.2, y)
    assert gain == pytest.approx(2)
    assert offset == pytest.approx(0.4)
