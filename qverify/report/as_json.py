"""The report as JSON, with the keys that other programs rely on (schema version 1)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from qverify.policy import Judged
from qverify.report.model import SCHEMA, Report, SubjectReport


def as_json(report: Report) -> str:
    """The whole report, sorted keys, two-space indentation, one trailing newline."""
    value = {
        "schema": SCHEMA,
        "exit": report.exit_code,
        "policy": {
            "digest": report.policy.digest,
            "version": report.policy.version,
            "source": report.policy_source,
        },
        "seed": report.seed,
        "versions": report.versions,
        "subjects": [_subject(s, report) for s in report.subjects],
    }
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def _subject(subject: SubjectReport, report: Report) -> dict[str, Any]:
    return {
        "path": subject.path,
        "digest": subject.digest,
        "circuit_digest": subject.circuit_digest,
        "claims_digest": subject.claims_digest,
        "policy_digest": subject.policy_digest,
        "verdict": subject.verdict,
        "message": subject.message,
        "certificate": report.certificates.get(subject.path),
        "findings": [_finding(j, subject, report.seed) for j in subject.judged],
    }


def _finding(judged: Judged, subject: SubjectReport, seed: int) -> dict[str, Any]:
    finding = judged.finding
    first = next((e.counterexample for e in finding.evidence if e.counterexample is not None), None)
    return {
        "check": finding.check,
        "verdict": judged.verdict,
        "required": judged.required,
        "message": finding.message,
        "waived": judged.waiver is not None,
        "waiver": None if judged.waiver is None else msgspec.to_builtins(judged.waiver),
        "evidence": [
            {k: v for k, v in msgspec.to_builtins(e).items() if k != "counterexample"} | {"bound": judged.bound}
            for e in finding.evidence
        ],
        "counterexample": None if first is None else msgspec.to_builtins(first),
        "seed": finding.seed,
        "replay": f"qverify audit {subject.path} --select {finding.check} --seed {seed}",
    }
