"""Admission: the only door from a file to a `VerifiedCircuit`.

    admit = load the file  ->  find the certificate of exactly this content  ->  judge its evidence again, today,
            under the policy of the one who admits

The certificate's own word is never enough: digests are recomputed from the file, the policy's digest must be the
admitter's, and every bound is applied once more. There is no way around it.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qverify.certificate import Certificate, certificate_digest, decode
from qverify.discovery import find_circuits, load_subject
from qverify.errors import CannotLoad, NotAdmitted
from qverify.load import read_bytes
from qverify.policies import policy_at, read_policy
from qverify.policy import Policy, judge, subject_verdict
from qverify.subject import Subject
from qverify.versions import tool_version

_SEAL: Any = object()


@dataclass(frozen=True)
class VerifiedCircuit:
    """A circuit that holds a valid certificate. Only `admit` makes one.

    subject: circuit, claims and digests, built from the bytes that were digested.
    certificate_digest: of the certificate that admitted it.
    """

    subject: Subject
    certificate_digest: str
    seal: Any = None

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a VerifiedCircuit is made by qverify.admit, from a file with a certificate")

    def still_holds(self) -> None:
        """Recompute the digest of the circuit in memory.

        Raises:
            NotAdmitted: it is no longer what was certified.
        """
        if not self.subject.still_as_digested():
            raise NotAdmitted("the circuit in memory was changed after admission", self.subject.path)


@dataclass(frozen=True)
class Certificates:
    """The certificates of a folder; `damaged` names the files that are none."""

    folder: Path
    found: tuple[Certificate, ...]
    damaged: tuple[str, ...]


def read_certificates(folder: Path) -> Certificates:
    """Read every certificate below a folder, in sorted order."""
    found, damaged = [], []
    for file in sorted(folder.rglob("*.json")):
        try:
            found.append(decode(read_bytes(file), str(file)))
        except (NotAdmitted, CannotLoad):
            damaged.append(str(file))
    return Certificates(folder, tuple(found), tuple(damaged))


def admit(path: str | Path, certificates: Path, policy: Path, *, root: Path | None = None) -> VerifiedCircuit:
    """Admit one circuit.

    Args:
        path: the circuit file.
        certificates: folder of certificates.
        policy: the admitter's policy file.
        root: the folder that the policy governs; the policy file's own folder when None.

    Raises:
        NotAdmitted: with the file and the reason.
        CannotLoad, BadClaims, BadPolicy: an input cannot be read.
    """
    governed = policy.parent if root is None else root
    return _admit(str(path), read_certificates(certificates), read_policy(policy), governed)


def admit_folder(circuits: Path, certificates: Path, policy: Path) -> tuple[VerifiedCircuit, ...]:
    """Admit every circuit below a folder, or none: one circuit without a certificate refuses the folder.

    Raises:
        NotAdmitted: with the first file that is not admitted, and the reason.
        CannotLoad, BadClaims, BadPolicy: an input cannot be read.
    """
    paths = find_circuits([str(circuits)])
    if not paths:
        raise NotAdmitted("holds no circuit; name a folder with circuits", str(circuits))
    known, judged_by = read_certificates(certificates), read_policy(policy)
    below = circuits.resolve().is_relative_to(policy.parent.resolve())
    root = policy.parent if below else circuits
    return tuple(_admit(path, known, judged_by, root) for path in paths)


def _admit(path: str, known: Certificates, policy: Policy, root: Path) -> VerifiedCircuit:
    subject = load_subject(path)
    mine = [c for c in known.found if c.predicate.content_digest == subject.digest]
    if not mine:
        raise _why_none(subject, known)
    reasons = []
    for each in mine:
        reason = _objection(each, policy_at(policy, root, path))
        if not reason:
            return VerifiedCircuit(subject, certificate_digest(each), _SEAL)
        reasons.append(reason)
    raise NotAdmitted(reasons[0], path)


def _objection(found: Certificate, policy: Policy) -> str:
    """Why a certificate of the right content does not admit, or nothing."""
    said = found.predicate
    again = "; run `qverify audit` again"
    if said.policy_digest != policy.digest:
        return f"its certificate was given under another policy (version {said.policy_version}){again}"
    if said.versions.get("qverify") != tool_version():
        return (
            f"its certificate was given by qverify {said.versions.get('qverify')}, this is {tool_version()}{again}"
        )
    today = datetime.datetime.now(datetime.UTC).date()
    rejudged = [judge(j.finding, said.content_digest, policy, today) for j in said.checks]
    verdict = subject_verdict(rejudged, policy)
    if verdict != "pass":
        bad = next(
            (j.finding.check for j in rejudged if j.required and j.verdict not in ("pass", "not_applicable")), ""
        )
        return f"its certificate does not satisfy the policy today (`{bad}`: {verdict}){again}"
    return ""


def _why_none(subject: Subject, known: Certificates) -> NotAdmitted:
    """The reason why no certificate speaks of this content, naming the file that changed."""
    again = "run `qverify audit` again"
    same_file = [c for c in known.found if _same(c.subject[0].name, subject.path)]
    for each in same_file:
        said = each.predicate
        if said.circuit_digest != subject.circuit_digest:
            return NotAdmitted(f"was changed after its audit; {again}", subject.path)
        if said.reference and subject.reference and said.reference[1] != subject.reference.circuit_digest:
            where = subject.reference.path
            return NotAdmitted(f"was changed after {subject.path} was audited against it; {again}", where)
        twin = _changed_twin(said.twins, subject)
        if twin:
            return NotAdmitted(
                f"was changed after {subject.path}, which claims the same role, was audited; {again}", twin
            )
        claims = str(Path(subject.path).with_suffix(".toml"))
        changed = "was changed" if os.path.lexists(claims) else "was removed"
        return NotAdmitted(f"{changed} after {subject.path} was audited; {again}", claims)
    if known.damaged:
        note = f"no certificate in {known.folder} is for it, and {known.damaged[0]} is damaged or edited; {again}"
        return NotAdmitted(note, subject.path)
    return NotAdmitted(f"has no certificate in {known.folder}; {again}", subject.path)


def _changed_twin(said: tuple[tuple[str, str], ...], subject: Subject) -> str:
    """The circuit with the same role that is new, gone or not what it was, or nothing."""
    before = {Path(path).name: (path, digest) for path, digest in said}
    now = {Path(twin.path).name: (twin.path, twin.digest) for twin in subject.twins}
    for name in sorted({*before, *now}):
        if name not in before or name not in now or before[name][1] != now[name][1]:
            return (now.get(name) or before[name])[0]
    return ""


def _same(named: str, path: str) -> bool:
    """Whether a certificate's name and a path mean the same file, as far as names tell."""
    if os.path.realpath(named) == os.path.realpath(path):
        return True
    return Path(named).parts[-2:] == Path(path).parts[-2:]
