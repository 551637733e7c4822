"""QPY: Qiskit's own binary format, version 13 or later.

Rule: one circuit a file and nothing after it: a file is whole when it cannot be read without its last byte
(Qiskit's reader takes in whatever follows, and does not say where it stopped). Formats before 13 carry expressions
that old readers evaluated as code (CVE-2025-2000), so they are refused by the header's seventh byte; Qiskit 1.3 was
the first to write 13.
Source: Qiskit 2.6 `qiskit/qpy/__init__.py`, table of versions. The reader is Qiskit's; what it raises, also a
Rust panic, which is no `Exception`, is one sentence here. A transpiler's layout is undone: wire v of what is read
is virtual qubit v. Operations with modifiers are written out.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from qiskit import QuantumCircuit, qpy

from qverify.errors import CannotLoad
from qverify.layout import layout_undone
from qverify.load.circuit import LoadedCircuit
from qverify.load.panics import refusing_panics
from qverify.plain import plain

OLDEST = 13


def load_qpy(data: bytes) -> LoadedCircuit:
    """The circuit in a QPY file.

    Raises:
        CannotLoad: an old or unknown format, no or several circuits, damaged or trailing bytes.
    """
    if len(data) < 7:
        raise CannotLoad("the QPY header is cut off; write the file again with `qiskit.qpy.dump`")
    version = data[6]
    if version < OLDEST:
        remedy = "save it again with Qiskit 1.3 or later"
        raise CannotLoad(f"QPY format {version} is refused, because reading it is not safe; {remedy}")
    if version > qpy.QPY_VERSION:
        remedy = f"save it with `qpy.dump(..., version={qpy.QPY_VERSION})`"
        raise CannotLoad(f"QPY format {version} is newer than this Qiskit reads ({qpy.QPY_VERSION}); {remedy}")
    circuits = _read(data)
    if len(circuits) != 1:
        raise CannotLoad(f"the QPY file holds {len(circuits)} circuits; save one circuit a file")
    circuit = circuits[0]
    if not isinstance(circuit, QuantumCircuit):
        raise CannotLoad("the QPY file holds no circuit; save a `QuantumCircuit`")
    try:
        _read(data[:-1])
    except CannotLoad:
        with refusing_panics("the circuit in the QPY file cannot be written out ({}); save it without a layout"):
            circuit = plain(layout_undone(circuit))
        return LoadedCircuit(circuit, tuple(circuit.parameters), (None,) * len(circuit.data), "qpy")
    raise CannotLoad("the QPY file has bytes after its circuit; write it again with `qiskit.qpy.dump`")


def _read(data: bytes) -> list[Any]:
    damaged = "the QPY file is damaged ({}); write it again with `qiskit.qpy.dump`"
    with refusing_panics(damaged), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file of another Qiskit is read or refused, not warned about
        return list(qpy.load(io.BytesIO(data)))
