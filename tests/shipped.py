"""The shipped circuits, audited once a run: by the tour's own command, in whichever worker asks first.

Several tests begin where that command ends. It takes most of a minute, so its folder and what it printed are kept
where all workers of the run find them; nobody writes there, and who wants to change a file copies the folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[1]
AUDIT = ["audit", "circuits", "--certificates", "runs/tour-certificates"]
CERTIFICATES = "runs/tour-certificates"


class Said(msgspec.Struct, frozen=True):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def command(tool: str, words: list[str], cwd: Path, seconds: float = 300.0) -> Said:
    """Run `qverify` or `qlstm` as a user does."""
    run = [sys.executable, "-m", f"{tool}.cli", *words]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(run, cwd=cwd, env=path, capture_output=True, text=True, check=False, timeout=seconds)
    return Said(done.returncode, done.stdout, done.stderr)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Said]) -> tuple[Path, Said]:
    """A folder that a command fills, and what it said; the workers of a run share both.

    Args:
        make: runs the command in an empty folder.
    """
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, said = base / name, base / f"{name}.json"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made = make(folder)
            said.write_bytes(msgspec.json.encode(made))
    return folder, msgspec.json.decode(said.read_bytes(), type=Said)


def audit_circuits(folder: Path) -> Said:
    """The tour's audit in a folder of its own."""
    shutil.copytree(ROOT / "circuits", folder / "circuits")
    return command("qverify", AUDIT, folder)
