"""Circuits from files: every input is read once, guarded, and either becomes a circuit or one sentence.

Rule: what is returned can be trusted to be finite and of bounded size; what is refused is refused as
`qverify.errors.CannotLoad`, with the line where it is known. Importing this package imports no Qiskit.
"""

from __future__ import annotations

from qverify.load.circuit import LoadedCircuit, load_circuit
from qverify.load.python import build_circuit
from qverify.load.source import CIRCUIT_SUFFIXES, read_bytes

__all__ = ["CIRCUIT_SUFFIXES", "LoadedCircuit", "build_circuit", "load_circuit", "read_bytes"]
