"""The comparison: rows, resuming, and what is refused."""

from __future__ import annotations

import json

import jax
import numpy as np
import pytest

from qlstm import train
from qlstm.compare import Kept, Question, classical, compare, load_split, trainer
from qlstm.comparing import summary
from qlstm.config import Config
from qlstm.data import named_series
from qlstm.errors import BadData, BadUsage
from qlstm.lstm import lstm

CONFIG = Config("", "", optimizer="adam", epochs=3, learning_rate=0.03)
PROMISED = {
    "model", "data", "seed", "mse", "r2", "one_minus_mape", "within_5", "within_2_5", "directional", "parameters",
    "qubits", "seconds", "epochs_to_target",
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """Two seeds of one small LSTM on the sine."""
    return compare(
        [classical("lstm64", 4)], [Question("sine")], CONFIG, range(2), Kept(None, CONFIG), lambda _: None
    )


def test_rows_have_the_promised_keys_and_are_json(run):
    assert [(row["model"], row["seed"]) for row in run] == [
        ("persistence", None),
        ("AR(4)", None),
        ("LSTM64", 0),
        ("LSTM64", 1),
    ]
    assert all(row.keys() >= PROMISED for row in run)
    json.dumps(run, allow_nan=False)
    assert run[1]["mse"] < 1e-20, "autoregression is exact on a sine, and the table says so"
    assert run[2]["mse"] != run[3]["mse"]


def test_finished_rows_are_not_run_again_and_a_torn_line_is_dropped(run, tmp_path):
    path = tmp_path / "rows.jsonl"
    kept = Kept(path, CONFIG)
    for row in run[:3]:
        kept.add(row)
    with path.open("a") as file:
        file.write('{"model": "LSTM64", "da')
    new = []
    rows = compare([classical("lstm64", 4)], [Question("sine")], CONFIG, range(2), Kept(path, CONFIG), new.append)
    assert [(row["model"], row["seed"]) for row in new] == [("LSTM64", 1)]
    assert new[0]["mse"] == run[3]["mse"], "the same seed gives the same weights in another run"
    assert len(rows) == 4
    assert len(path.read_text().splitlines()) == 5, "a header and four rows"


def test_rows_of_another_budget_are_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    Kept(path, CONFIG)
    with pytest.raises(BadUsage, match="another budget"):
        Kept(path, Config("", "", optimizer="adam", epochs=4, learning_rate=0.03))
    path.write_text("model,mse\n")
    with pytest.raises(BadUsage, match="no file of finished rows"):
        Kept(path, CONFIG)


def test_training_is_that_of_the_command():
    split, model = load_split(Question("sine"), 4), lstm(64)
    parameters, losses = trainer(model, split.train, CONFIG)(jax.random.key(5))
    progress = train.start(model, CONFIG, jax.random.key(5))
    progress = train.train(model, split.train, CONFIG, progress, lambda _: None)
    assert losses == progress.losses
    np.testing.assert_array_equal(parameters["w_y"], progress.parameters["w_y"])


def test_input_driven_narma_has_windows_of_its_input():
    split = load_split(Question("narma10", features=("u",)), 12)
    assert split.train.windows.shape[1:] == (12,)
    both = load_split(Question("narma10", features=("u", "y")), 12)
    assert both.train.windows.shape[1:] == (12, 2)
    np.testing.assert_array_equal(both.train.windows[:, -1, 0], split.train.windows[:, -1])
    # y[t+1] = ... + 1.5 u[t-9] u[t]: the two that meet are in the window
    y = named_series("narma10")
    u = (both.train.windows[:, :, 0] + 1) / 2 * (both.feature_scalers[0].high - both.feature_scalers[0].low)
    u += both.feature_scalers[0].low
    sums = np.array([y[k + 2 : k + 12].sum() for k in range(len(u))])
    following = 0.3 * y[11 : 11 + len(u)] + 0.05 * y[11 : 11 + len(u)] * sums + 1.5 * u[:, 2] * u[:, 11] + 0.1
    np.testing.assert_allclose(both.scaler.scaled(following), both.train.targets, atol=1e-12)


def test_csv_with_several_features(tmp_path):
    t = np.arange(60)
    rows = "\n".join(f"{np.sin(k)},{np.cos(k)},{k % 7}" for k in t)
    path = tmp_path / "plant.csv"
    path.write_text("load,wind,day\n" + rows + "\n")
    question = Question(str(path), "load", ("wind", "day"))
    split = load_split(question, 4)
    assert split.train.windows.shape[1:] == (4, 2)
    np.testing.assert_allclose(split.train.before, split.scaler.scaled(np.sin(t))[3 : 3 + len(split.train.targets)])
    assert question.name.endswith("plant.csv:load,wind,day")
    with pytest.raises(BadUsage, match="no column `wnd`; did you mean `wind`"):
        load_split(Question(str(path), "load", ("wnd",)), 4)
    path.write_text("load,wind\n" + "\n".join(f"{np.sin(k)},1" for k in t))
    with pytest.raises(BadData, match=r"of feature 1 .*leaves nothing to learn"):
        load_split(Question(str(path), "load", ("wind",)), 4)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (Question("sine", features=("u",)), "its only input is its own past"),
        (Question("narma10", features=("v",)), "no feature `v`"),
        (Question("sine", "load"), "--target is for .csv files"),
        (Question("sinus"), "did you mean `sine`"),
    ],
)
def test_questions_that_mean_nothing_are_refused(question, sentence):
    with pytest.raises(BadUsage, match=sentence):
        load_split(question, 4)


@pytest.mark.parametrize("name", ["lstm7", "gru64", "lstm", "lstm64-some"])
def test_unknown_baselines_are_refused(name):
    with pytest.raises(BadUsage):
        classical(name, 4)


def test_summary_says_where_a_rival_wins():
    def row(model, seed, mse, qubits):
        return {"model": model, "data": "sine", "seed": seed, "mse": mse, "parameters": 9, "qubits": qubits}

    rows = [row("qlstm x", seed, 1e-3, 3) for seed in range(30)]
    rows += [row("LSTM64", seed, 1e-4, 0) for seed in range(30)] + [row("AR(4)", None, 1e-9, 0)]
    text = "\n".join(summary(rows))
    assert "qlstm x against LSTM64" in text
    assert text.count("worse") == 2
    assert "0 of 30 seeds lower" in text
