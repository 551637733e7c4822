"""Do the lines of Qiskit in a counterexample print what they claim? They are run on the two circuits as files."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
import warnings
from pathlib import Path

from qiskit import qpy

from .judge import answer
from .pairs import Pair

NUMBER = r"(-?[\d.]+(?:e[-+]?\d+)?)"


def replayed(of: Pair) -> str:
    """What came of running the snippet: "shown", or why not."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, circuit in (("a", of.a), ("b", of.b)):
            with Path(f"{name}.qpy").open("wb") as file:
                qpy.dump(circuit, file)
        said = answer(of)
        if said.counterexample is None:
            return "no counterexample"
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(said.counterexample.snippet, {})  # noqa: S102  # the snippet is what is under test
        except Exception as fault:  # noqa: BLE001  # whatever it raises is what is reported
            return f"{type(fault).__name__}: {fault}".split(os.linesep, maxsplit=1)[0]
    return _read(printed.getvalue(), of.tolerance)


def _read(text: str, tolerance: float) -> str:
    """Whether the printed numbers show a difference: a distance, or two expectation values."""
    distance = re.search(rf"distance {NUMBER}", text)
    if distance:
        return "shown" if float(distance[1]) > tolerance else f"printed only {text.strip()}"
    both = [re.search(rf"{name} {NUMBER}", text) for name in ("circuit", "reference")]
    if all(both):
        apart = abs(float(both[0][1]) - float(both[1][1]))  # type: ignore[index]
        return "shown" if apart > tolerance else f"printed {text.strip()!r}"
    return f"printed {text.strip()!r}"
