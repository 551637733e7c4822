"""The command line: exit codes, JSON, speed of what needs nothing, and one sentence for every bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n'


def qverify(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qverify.cli", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr.strip().removeprefix("qverify: ")


@pytest.mark.parametrize(
    "words", [["--help"], ["explain", "unitary"], ["checks"], ["audit", "--help"], ["explain", "nope"]]
)
def test_words_alone_import_nothing_scientific(words: list[str], tmp_path: Path) -> None:
    script = (
        "import sys; from qverify.cli import main; sys.argv = ['qverify', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'qiskit', 'scipy', 'hypothesis', 'jax', 'qiskit_aer', 'networkx'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_json_has_the_promised_keys_and_nothing_else_on_stdout(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    done = qverify("audit", "good.qasm", "--format", "json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert done.returncode == report["exit"] == 0
    assert {"schema", "exit", "policy", "subjects"} <= set(report)
    (subject,) = report["subjects"]
    assert {"path", "digest", "verdict", "findings"} <= set(subject)
    for finding in subject["findings"]:
        assert {"check", "verdict", "message", "waived", "evidence", "counterexample", "replay"} <= set(finding)
        for evidence in finding["evidence"]:
            keys = {"quantity", "lo", "hi", "bound", "unit", "where", "method", "strength"}
            assert keys <= set(evidence)


def test_same_input_and_seed_give_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.qasm").write_text(GOOD + f"// {name}\nry(0.{len(name)}) q[0];\n")
    outputs = {qverify("audit", ".", "--format", "json", "-j", j, cwd=tmp_path).stdout for j in ("1", "3")}
    assert len(outputs) == 1


def test_bare_circuit_passes_without_configuration_and_is_told_what_claims_add(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    done = qverify("audit", ".", "--verbose", cwd=tmp_path)
    assert done.returncode == 0
    assert "needs the claim `weights`" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["audit", "nowhere"], 3, "nowhere: does not exist; check the path"),
        (["audit", "notes.txt"], 3, "notes.txt: is no circuit"),
        (["audit", "empty"], 5, ""),
        (["audit", "good.qasm", "--policy", "none.toml"], 2, "none.toml: "),
        (["audit", "good.qasm", "--policy", "bad.toml"], 2, "bad.toml:2: unknown key `chekcs`"),
        (["audit", "good.qasm", "--select", "unitery"], 2, "there is no check `unitery` (did you mean `unitary`?)"),
        (["audit", "good.qasm", "--output", "pdf=x"], 2, "`--output pdf=x` is no FMT=FILE"),
        (["audit", "--polcy", "x", "good.qasm"], 2, "--policy"),
        (["adit", "good.qasm"], 2, "audit"),
        (["explain", "unitry"], 2, "there is no check `unitry` (did you mean `unitary`?)"),
        (["audit"], 2, "PATH"),
    ],
)
def test_bad_word_is_one_sentence_and_the_right_exit_code(
    words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text("version = 1\nchekcs = 1\n")
    done = qverify(*words, cwd=tmp_path)
    assert done.returncode == code
    assert said in one_sentence(done)


BAD_FILES: dict[str, bytes] = {
    "empty.qasm": b"",
    "blank.qasm": b" \n\n",
    "binary.qasm": bytes(range(256)),
    "truncated.qasm": b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nh q[0',
    "unknown_gate.qasm": b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\nfrobnicate q;\n',
    "infinite.qasm": b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\nrx(1e999) q;\n',
    "divided.qasm": b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\nrx(0/0) q;\n',
    "utf16.qasm": "OPENQASM 3.0;\nqubit q;\n".encode("utf-16"),
    "no_header.qasm": b"qubit q;\nh q;\n",
    "noise.qpy": b"QISKIT" + bytes(200),
    "short.qpy": b"QISK",
    "two.qasm": b'OPENQASM 2.0;\ninclude "/etc/passwd";\nqreg q[1];\n',
    "large.qasm": b"OPENQASM 3.0;\nqubit q;\n" + b"// padding\n" * 2_000_000,
}


def test_bad_files_are_one_sentence_each_and_everything_else_goes_on(tmp_path: Path) -> None:
    for name, data in BAD_FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "good.qasm").write_text(GOOD)
    (tmp_path / "claims.qasm").write_text(GOOD)
    (tmp_path / "claims.toml").write_text('observabels = ["Z0"]\n')
    (tmp_path / "locked.qasm").mkdir()
    os.mkfifo(tmp_path / "pipe.qasm")
    done = qverify("audit", ".", "--format", "json", "--timeout", "20", cwd=tmp_path)
    report = json.loads(done.stdout)
    verdicts = {subject["path"]: subject for subject in report["subjects"]}
    assert done.returncode == report["exit"] == 3
    assert verdicts.pop("good.qasm")["verdict"] == "pass"
    assert set(BAD_FILES) | {"claims.qasm", "pipe.qasm"} <= set(verdicts)
    for path, subject in verdicts.items():
        assert subject["verdict"] == "error", path
        assert subject["message"].count("\n") == 0
        assert "Traceback" not in subject["message"]
        assert subject["message"].startswith(path.removesuffix(".qasm") if path == "claims.qasm" else path), path
    assert (
        "claims.toml:1: unknown key `observabels` (did you mean `observables`?)"
        in verdicts["claims.qasm"]["message"]
    )
    assert ":4:" in verdicts["unknown_gate.qasm"]["message"]


def test_circuit_that_takes_too_long_is_an_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    builder = "import time\ndef slow():\n    time.sleep(600)\n"
    (tmp_path / "slow.py").write_text(builder)
    done = qverify(
        "audit", "slow.py:slow", "good.qasm", "--allow-python", "--timeout", "8", "--format", "json", cwd=tmp_path
    )
    verdicts = {s["path"]: (s["verdict"], s["message"]) for s in json.loads(done.stdout)["subjects"]}
    assert done.returncode == 3
    assert verdicts["good.qasm"][0] == "pass"
    assert verdicts["slow.py:slow"][0] == "error"
    assert "took longer than 8 s" in verdicts["slow.py:slow"][1]


def test_builder_that_dies_is_an_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    (tmp_path / "dies.py").write_text("import os\ndef now():\n    os.abort()\n")
    done = qverify("audit", "dies.py:now", "good.qasm", "--allow-python", "--format", "json", cwd=tmp_path)
    verdicts = {s["path"]: (s["verdict"], s["message"]) for s in json.loads(done.stdout)["subjects"]}
    assert (done.returncode, verdicts["good.qasm"][0], verdicts["dies.py:now"][0]) == (3, "pass", "error")
    assert "SIGABRT" in verdicts["dies.py:now"][1]


def test_builder_needs_permission(tmp_path: Path) -> None:
    (tmp_path / "make.py").write_text("raise SystemExit('ran')\n")
    done = qverify("audit", "make.py:circuit", "--format", "json", cwd=tmp_path)
    assert done.returncode == 3
    assert "add `--allow-python`" in json.loads(done.stdout)["subjects"][0]["message"]


def test_skipped_required_check_never_passes(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    for words in (["--select", "unitary"], ["--ignore", "no_idle_qubits"]):
        done = qverify("audit", "good.qasm", *words, "--certificates", "c", cwd=tmp_path)
        assert done.returncode == 1
    assert not (tmp_path / "c").exists()


def test_selected_check_runs_with_those_that_it_waits_for(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    (tmp_path / "good.toml").write_text('[equivalent_to]\ncircuit = "good.qasm"\n')
    for words, said in (([], "pass"), (["--ignore", "well_formed"], "inconclusive")):
        done = qverify(
            "audit", "good.qasm", "--select", "equal_to_reference", *words, "--format", "json", cwd=tmp_path
        )
        findings = {f["check"]: f for f in json.loads(done.stdout)["subjects"][0]["findings"]}
        assert (findings["equal_to_reference"]["verdict"], findings["well_formed"]["verdict"]) == (said, said)
        assert findings["unitary"]["verdict"] == "inconclusive"
    assert findings["equal_to_reference"]["message"] == "waits for `well_formed`, which was skipped"


def test_hostile_names_reach_no_terminal_unescaped(tmp_path: Path) -> None:
    (tmp_path / "evil\x1b[31m.qasm").write_text("OPENQASM 3.0;\nqubit q;\nfoo\x1b[2J q;\n")
    done = qverify("audit", ".", cwd=tmp_path)
    assert done.returncode == 3
    assert "\x1b[31m" not in done.stdout
    assert "\x1b[2J" not in done.stdout


def test_written_reports_agree_on_every_verdict(tmp_path: Path) -> None:
    (tmp_path / "good.qasm").write_text(GOOD)
    (tmp_path / "idle.qasm").write_text(GOOD.replace("qubit[2]", "qubit[3]"))
    words = ["audit", ".", "--output", "json=out/r.json", "--output", "md=out/r.md", "--output", "svg=out/r.svg"]
    done = qverify(*words, cwd=tmp_path)
    assert done.returncode == 1
    report = json.loads((tmp_path / "out/r.json").read_text())
    assert {s["path"]: s["verdict"] for s in report["subjects"]} == {"good.qasm": "pass", "idle.qasm": "fail"}
    markdown = (tmp_path / "out/r.md").read_text()
    assert "| pass | good.qasm |" in markdown
    assert "| fail | idle.qasm |" in markdown
    assert (tmp_path / "out/r.svg").read_text().startswith("<svg")


def test_doctor_names_the_libraries(tmp_path: Path) -> None:
    facts = json.loads(qverify("doctor", "--format", "json", cwd=tmp_path).stdout)
    assert {"qverify", "python", "qiskit", "numpy"} <= set(facts)
