"""The command as others call it: exit codes, streams, and what reaches a user."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from qlstm import cli
from tests.qlstm.conftest import ROOT


@pytest.fixture
def call(certified, capsys, monkeypatch, tmp_path):
    """Run `qlstm train` on the certified folder; returns exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words, circuits=certified / "circuits"):
        places = [
            "--circuits",
            circuits,
            "--certificates",
            certified / "certificates",
            "--policy",
            certified / "policy.toml",
        ]
        monkeypatch.setattr(sys, "argv", ["qlstm", "train", *map(str, places), *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        streams = capsys.readouterr()
        return end.value.code, streams.out, streams.err

    return run


def test_json_run_prints_one_object_and_no_progress_on_stdout(call, tmp_path):
    (tmp_path / "load.csv").write_text("t,load\n" + "".join(f"{k},{(k * 7) % 11}\n" for k in range(40)))
    code, out, err = call(
        "--cell",
        "chen2020",
        "--data",
        "load.csv",
        "--target",
        "load",
        "--epochs",
        2,
        "--window",
        2,
        "--format",
        "json",
    )
    assert code == 0, err
    result = json.loads(out)
    assert {"metrics", "baselines", "parameters", "qubits", "seconds_per_epoch", "certificates"} <= result.keys()
    assert set(result["metrics"]) == {"train", "test"}
    assert set(result["baselines"]) == {"persistence", "AR(2)", "LSTM166"}
    assert "Config(" in err
    assert (tmp_path / "runs" / "chen2020-load-seed0" / "result.json").is_file()

    code, out, err = call(  # the same run again, resumed at its end
        "--cell",
        "chen2020",
        "--data",
        "load.csv",
        "--target",
        "load",
        "--epochs",
        2,
        "--window",
        2,
        "--resume",
        "--quiet",
    )
    assert code == 0
    assert err == ""
    assert all(word in out for word in ("qlstm chen2020", "persistence", "AR(2)", "LSTM166", "1-WAPE", "direction"))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--cell", "chen2020", "--data", "sinus"], 2, "did you mean `sine`?"),
        (["--cell", "chen202", "--data", "sine"], 2, "did you mean `chen2020`?"),
        (["--cell", "mcmc", "--data", "sine"], 3, "no verified circuit for forget, input"),
        (["--cell", "chen2020", "--data", "none.csv"], 3, "none.csv: the file cannot be read"),
        (["--cell", "chen2020", "--data", "sine", "--resume"], 3, "no checkpoint to resume"),
        (["--cell", "chen2020", "--data", "sine", "--epochs", "0"], 2, "--epochs"),
        (["--cell", "chen2020", "--data", "sine", "--learning-rate", "nan"], 2, "--learning-rate must be"),
        (["--cell", "chen2020", "--data", "sine", "--format", "xml"], 2, "--format"),
        (["--cell", "chen2020", "--data", "sine", "--trainn"], 2, "--trainn"),
    ],
)
def test_bad_input_is_a_sentence_and_an_exit_code(call, tmp_path, words, code, sentence):
    found, out, err = call(*words)
    assert found == code
    assert sentence in err
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_circuit_without_a_certificate_refuses_the_whole_folder(call, certified, tmp_path):
    folder = tmp_path / "circuits"
    folder.mkdir()
    for file in (certified / "circuits" / "chen2020").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    text = (folder / "input.qasm").read_text()
    (folder / "input.qasm").write_text(text.replace("cx q[0], q[1];", "cx q[1], q[0];", 1))
    code, out, err = call("--cell", "chen2020", "--data", "sine", circuits=folder)
    assert code == 1
    assert "input.qasm" in err
    assert out == ""


def test_interrupt_ends_with_130(call, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("qlstm.run.load_series", interrupted)
    code, _, err = call("--cell", "chen2020", "--data", "sine")
    assert code == 130
    assert "--resume continues" in err


def test_help_imports_nothing_heavy_and_is_quick():
    program = (
        "import sys; sys.argv = ['qlstm', 'train', '--help']\n"
        "from qlstm.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'jax', 'numpy', 'qiskit', 'rich', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(code or len(heavy))"
    )
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
    assert time.perf_counter() - begin < 2, "0.1 s on an idle machine"
