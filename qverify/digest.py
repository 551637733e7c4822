"""Digests of values: SHA-256 over canonical JSON.

    digest = SHA-256( JSON of [version tag, value] ), sorted keys, no white space, ASCII, no NaN

Equal values give equal bytes in every process; floats enter as their shortest exact decimals.
"""

from __future__ import annotations

import hashlib
import json

VERSION = "qverify-content-1"


def digest_of(value: object) -> str:
    """`sha256:<hex>` of a JSON value."""
    text = json.dumps([VERSION, value], sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def byte_digest(data: bytes) -> str:
    """`sha256:<hex>` of a file's bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
