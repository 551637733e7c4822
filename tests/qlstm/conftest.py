from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POLICY = """
version = 1
title = "what the trainer's own tests need"

[checks.well_formed]
at_most = 0
reason = "nothing can be said about a circuit that cannot be read"

[checks.unitary]
at_most = 1e-9
reason = "rounding stays below; a hidden reset shows as 0.1 or more"
"""


@pytest.fixture(autouse=True, scope="session")
def _in_float64() -> None:
    from qlstm.precision import float64

    float64()


@pytest.fixture(scope="session")
def certified(tmp_path_factory) -> Path:
    """A folder with circuits/, certificates/ and policy.toml: the published cell, audited."""
    folder = tmp_path_factory.mktemp("certified")
    shutil.copytree(ROOT / "circuits" / "chen2020", folder / "circuits" / "chen2020")
    (folder / "policy.toml").write_text(POLICY)
    (folder / "certificates").mkdir()
    options = ["--policy", "policy.toml", "--certificates", "certificates", "--quiet"]
    command = [sys.executable, "-m", "qverify.cli", "audit", "circuits", *options]
    audit = subprocess.run(
        command, check=False, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr
    return folder


@pytest.fixture(scope="session")
def admitted(certified):
    """The published cell's circuits, each a `VerifiedCircuit`."""
    from qverify import admit_folder

    return admit_folder(certified / "circuits", certified / "certificates", certified / "policy.toml")
