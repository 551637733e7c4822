"""Do the words that need no circuit answer at once?

Runs each command several times as a fresh process and prints the median and largest wall time in seconds, and
whether anything scientific was imported. Goal: 0.2 s. Usage: python benchmarks/startup.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

COMMANDS = (
    ("qverify.cli", "--help"),
    ("qverify.cli", "explain", "unitary"),
    ("qverify.cli", "checks"),
    ("qlstm.cli", "--help"),
)
RUNS = 9
HEAVY = ("numpy", "qiskit", "jax", "scipy", "hypothesis")


def timed(command: tuple[str, ...]) -> list[float]:
    """Wall seconds of each run."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return times


def imported(command: tuple[str, ...]) -> list[str]:
    """The heavy modules that a command imports."""
    words = [sys.executable, "-X", "importtime", "-m", *command]
    trace = subprocess.run(words, check=True, capture_output=True, text=True).stderr
    names = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in trace.splitlines() if "|" in line}
    return sorted(names & set(HEAVY))


if __name__ == "__main__":
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {RUNS} runs")
    print(f"{'command':28} {'median s':>9} {'max s':>7}  heavy imports")
    for command in COMMANDS:
        times = timed(command)
        name = " ".join(command).replace(".cli", "")
        heavy = ", ".join(imported(command)) or "none"
        print(f"{name:28} {statistics.median(times):9.3f} {max(times):7.3f}  {heavy}")
