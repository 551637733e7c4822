"""Verify variational and mid-circuit-measurement quantum circuits.

    load_subject(path)                         a circuit with its claims and digests
    admit(path, certificates, policy)          the circuit, if it holds a valid certificate
    admit_folder(circuits, certificates, policy)

Importing this package imports neither numpy nor Qiskit; using a name does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qverify.admission import VerifiedCircuit, admit, admit_folder
    from qverify.discovery import load_subject
    from qverify.errors import CannotLoad, NotAdmitted, Unusable

__all__ = ["CannotLoad", "NotAdmitted", "Unusable", "VerifiedCircuit", "admit", "admit_folder", "load_subject"]

_HOMES = {
    "VerifiedCircuit": ("qverify.admission", "VerifiedCircuit"),
    "admit": ("qverify.admission", "admit"),
    "admit_folder": ("qverify.admission", "admit_folder"),
    "load_subject": ("qverify.discovery", "load_subject"),
    "CannotLoad": ("qverify.errors", "CannotLoad"),
    "NotAdmitted": ("qverify.errors", "NotAdmitted"),
    "Unusable": ("qverify.errors", "Unusable"),
}


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qverify' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
