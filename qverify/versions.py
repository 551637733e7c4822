"""Which versions of what gave an answer; read from package metadata, so nothing heavy is imported."""

from __future__ import annotations

import platform
from importlib import metadata

LIBRARIES = ("qiskit", "qiskit-aer", "numpy", "scipy", "hypothesis", "openqasm3")


def tool_version() -> str:
    """The version of qverify."""
    try:
        return metadata.version("qverify")
    except metadata.PackageNotFoundError:
        return "unknown (not installed)"


def versions() -> dict[str, str]:
    """qverify, Python and the libraries that the checks use."""
    found = {"qverify": tool_version(), "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
