"""The report of an audit: frozen values that know nothing of colour, terminals or files."""

from __future__ import annotations

import msgspec

from qverify.finding import Verdict
from qverify.policy import Judged, Policy

SCHEMA = "https://qverify.dev/schemas/report/v1"


class SubjectReport(msgspec.Struct, frozen=True):
    """One circuit's verdict.

    digest: content digest of circuit and claims; empty where the circuit could not be read.
    message: why, for the verdict `error`; otherwise empty.
    reference: file and circuit digest of the claimed reference.
    twins: file and digest of every other circuit in its folder that claims its role.
    policy_digest: of the policy that judged it (the root's, tightened on the way down).
    """

    path: str
    verdict: Verdict
    message: str = ""
    digest: str = ""
    circuit_digest: str = ""
    claims_digest: str = ""
    byte_digest: str = ""
    reference: tuple[str, str] | None = None
    twins: tuple[tuple[str, str], ...] = ()
    policy_digest: str = ""
    judged: tuple[Judged, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """A whole audit. certificates: path -> certificate file written."""

    subjects: tuple[SubjectReport, ...]
    policy: Policy
    policy_source: str
    seed: int
    versions: dict[str, str]
    certificates: dict[str, str] = {}

    @property
    def exit_code(self) -> int:
        """0 all pass, 1 something does not hold, 3 something could not be read or crashed, 5 nothing audited."""
        verdicts = {subject.verdict for subject in self.subjects}
        if not verdicts:
            return 5
        if "error" in verdicts:
            return 3
        return 0 if verdicts == {"pass"} else 1
