"""The cell with mid-circuit measurement of `circuits/mcmc`, assembled without certificates."""

from __future__ import annotations

from qlstm.channel import channel_of
from qlstm.measured_cell import MeasuredCell
from qlstm.roles import ROLES
from qlstm.sequence import sequence_of
from qverify import load_subject
from tests.qlstm.published import VerifiedLike
from tests.shipped import ROOT


def measured_cell() -> MeasuredCell:
    """Six blocks joined, behind stand-ins for admitted circuits."""
    subjects = {role: load_subject(str(ROOT / "circuits" / "mcmc" / f"{role}.qasm")) for role in ROLES}
    sequence = sequence_of({role: s.circuit for role, s in subjects.items()})
    features = tuple(dict.fromkeys(f for s in subjects.values() for f in s.claims.features))
    weights = tuple(dict.fromkeys(w for s in subjects.values() for w in s.claims.weights))
    verified = {role: VerifiedLike(s) for role, s in subjects.items()}
    return MeasuredCell("mcmc", channel_of(sequence, features, weights), {}, verified)  # type: ignore[arg-type]
