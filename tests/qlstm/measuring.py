"""A small cell that measures: six blocks on one work and one memory wire, quick to compile."""

from __future__ import annotations

from pathlib import Path

from qiskit import QuantumCircuit

from qlstm.channel import channel_of
from qlstm.measured_cell import MeasuredCell
from qlstm.roles import ROLES
from qlstm.sequence import sequence_of
from qverify.subject.claims import Claims
from tests.qlstm.published import SubjectLike, VerifiedLike
from tests.subjects import subject_of

HEAD = "input float[64] x; "
ENTER = "ry(scale * x + offset) work[0]; cx hidden[0], work[0]; "
BLOCKS = {
    "forget": f"bit[1] f; {ENTER} f[0] = measure work[0]; reset work[0];",
    "input": f"bit[1] i; {ENTER} ry(input_y) hidden[0]; rx(input_x) hidden[0]; "
    "i[0] = measure work[0]; reset work[0];",
    "update": "qubit[1] f_in; bit[1] f; f[0] = measure f_in[0]; "
    "if (f[0] == 1) { ry(update_y) hidden[0]; } else { rz(update_z) hidden[0]; } "
    "rx(update_x) work[0]; cx work[0], hidden[0]; reset work[0];",
    "output": f"bit[1] o; {ENTER} o[0] = measure work[0]; if (o[0]) {{ x work[0]; }} ry(output_y) work[0]; "
    "cx work[0], hidden[0];",
    "hidden": "ry(hidden_y) hidden[0]; cx hidden[0], work[0];",
    "output_processing": f"bit[1] y; {ENTER} ry(readout_y) hidden[0]; y[0] = measure work[0]; reset work[0];",
}
WEIGHTS = (
    "scale",
    "offset",
    "input_y",
    "input_x",
    "update_y",
    "update_z",
    "update_x",
    "output_y",
    "hidden_y",
    "readout_y",
)


def blocks(**changed: str) -> dict[str, QuantumCircuit]:
    """The six circuits by role, some with another text."""
    found = {}
    for role, body in (BLOCKS | changed).items():
        named = [w for w in WEIGHTS if f"({w})" in body or f"({w} *" in body or f"+ {w})" in body]
        text = HEAD + "".join(f"input float[64] {w}; " for w in named) + "qubit[1] work; qubit[1] hidden; " + body
        found[role] = subject_of(text).circuit
    return found


def cell(**changed: str) -> MeasuredCell:
    """The six blocks joined, behind stand-ins for admitted circuits."""
    made = blocks(**changed)
    channel = channel_of(sequence_of(made), ("x",), WEIGHTS)
    claims = Claims(cell="small", features=("x",), weights=WEIGHTS)
    verified = {r: VerifiedLike(SubjectLike(made[r], claims, Path(f"small/{r}.qasm"))) for r in ROLES}
    return MeasuredCell("small", channel, {}, verified)  # type: ignore[arg-type]
