"""Certificates: the verdict on one subject, bound to exactly what was judged.

An in-toto Statement (v1) whose predicate lists content, claims and policy digests, versions, seed, waivers and
every check with its evidence. The file is the canonical JSON of that value with its own digest inside; a file that
is not byte for byte the canonical JSON of its content is refused, so no byte can change unnoticed. The digest shows
damage, not origin: whoever can write the folder can write a certificate.
Source: in-toto Attestation Framework, Statement v1; SLSA Verification Summary v1 for the fields.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec

from qverify.digest import byte_digest, digest_of
from qverify.errors import NotAdmitted
from qverify.policy import Judged, Waiver
from qverify.report.model import SubjectReport

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://qverify.dev/attestation/audit/v1"
MAX_BYTES = 2**22


class Predicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was judged, by what, and how it went."""

    content_digest: str
    circuit_digest: str
    claims_digest: str
    reference: tuple[str, str] | None
    twins: tuple[tuple[str, str], ...]
    policy_digest: str
    policy_version: int
    verdict: str
    seed: int
    versions: dict[str, str]
    waivers: tuple[Waiver, ...]
    checks: tuple[Judged, ...]


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, and the digest of the bytes that were audited (informative)."""

    name: str
    digest: dict[str, str]


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate; `integrity` is the digest of everything else in it."""

    type: str = msgspec.field(name="_type")
    subject: tuple[Named, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: Predicate
    integrity: str


def certificate(report: SubjectReport, policy_version: int, seed: int, versions: dict[str, str]) -> Certificate:
    """The certificate of a subject that passed."""
    if report.verdict != "pass":
        raise ValueError(f"{report.path} did not pass, so nothing certifies it")
    predicate = Predicate(
        content_digest=report.digest,
        circuit_digest=report.circuit_digest,
        claims_digest=report.claims_digest,
        reference=report.reference,
        twins=report.twins,
        policy_digest=report.policy_digest,
        policy_version=policy_version,
        verdict=report.verdict,
        seed=seed,
        versions=versions,
        waivers=tuple(j.waiver for j in report.judged if j.waiver is not None),
        checks=report.judged,
    )
    named = Named(report.path, {"sha256": report.byte_digest.removeprefix("sha256:")})
    unsealed = Certificate(STATEMENT, (named,), PREDICATE, predicate, "")
    return msgspec.structs.replace(unsealed, integrity=_integrity(unsealed))


def _integrity(found: Certificate) -> str:
    return digest_of(json.loads(encode(msgspec.structs.replace(found, integrity=""))))


def encode(found: Certificate) -> bytes:
    """The bytes of a certificate file."""
    value = json.loads(msgspec.json.encode(found))
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n").encode()


def decode(data: bytes, where: str) -> Certificate:
    """Read a certificate file.

    Raises:
        NotAdmitted: it is damaged, edited or of another kind.
    """
    damaged = NotAdmitted("is no certificate, or was edited; audit again to write a new one", where)
    if len(data) > MAX_BYTES:
        raise damaged
    try:
        found = msgspec.json.decode(data, type=Certificate)
    except (msgspec.MsgspecError, RecursionError):
        raise damaged from None
    kinds = (found.type, found.predicate_type) == (STATEMENT, PREDICATE)
    if not kinds or encode(found) != data or _integrity(found) != found.integrity:
        raise damaged
    return found


def certificate_digest(found: Certificate) -> str:
    """Digest of a certificate's bytes."""
    return byte_digest(encode(found))


def file_for(path: str, root: str, folder: Path) -> Path:
    """Where the certificate of the circuit `path`, audited below `root`, is kept in `folder`."""
    base = Path(root) if Path(root).is_dir() else Path(root).parent
    relative = os.path.relpath(path.replace("%", "%25").replace(":", "%3A"), base)
    return folder / base.resolve().name / f"{relative}.json"


def write_atomic(file: Path, data: bytes) -> None:
    """Write a file so that it is either the old one or the whole new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
