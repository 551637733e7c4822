"""Does the same pair get the same answer, byte by byte, in every run?

Each run is a process of its own with another hash seed and another order of the pairs, beside processes that keep
every core busy. The pairs are built anew in each, so their digests are compared too.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec

from .judge import answer, subjects
from .pairs import kind_of, pair

ROOT = Path(__file__).parents[2]


def sample(count: int) -> list[int]:
    """Numbers of pairs, every kind before any kind again."""
    seen: dict[str, int] = {}
    ranked = []
    for number in range(20 * count):
        seen[kind_of(number)] = seen.get(kind_of(number), 0) + 1
        ranked.append((seen[kind_of(number)], number))
    return [number for _, number in sorted(ranked)[:count]]


def answers(numbers: list[int], order: int) -> Iterator[str]:
    """A line of JSON a pair: its number, the digests of its circuits and of the encoded answer, the verdict."""
    shuffled = Random(order).sample(numbers, len(numbers))  # noqa: S311  # reproducible
    for number in shuffled:
        of = pair(number)
        digests = [side.circuit_digest[:16] for side in subjects(of)]
        try:
            said = answer(of)
            verdict, encoded = said.verdict, hashlib.sha256(msgspec.json.encode(said)).hexdigest()
        except Exception as fault:  # noqa: BLE001  # whatever it raises is what is reported
            verdict, encoded = "crash", f"{type(fault).__name__}: {fault}"
        yield json.dumps([number, digests, encoded, verdict])


def _busy() -> None:
    while True:
        sum(k * k for k in range(10_000))


def repeated(runs: int, count: int) -> Iterator[str]:
    """Run them all and say what differed; a run is `equivalence_truth --answers`, which prints `answers`."""
    busy = [multiprocessing.Process(target=_busy, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in busy:
        process.start()
    try:
        found = [_one(count, order) for order in range(runs)]
    finally:
        for process in busy:
            process.terminate()
    numbers = sample(count)
    missing = [n for n in numbers if any(n not in one for one in found)]
    pairs = [n for n in numbers if n not in missing and len({one[n][0] for one in found}) > 1]
    texts = [n for n in numbers if n not in missing + pairs and len({one[n][1] for one in found}) > 1]
    verdicts = [n for n in texts if len({one[n][2] for one in found}) > 1]
    yield f"{count} pairs, {runs} runs each, {len(busy)} busy processes beside them"
    crashes = sorted({n for one in found for n in one if one[n][2] == "crash"})
    yield f"other verdict in some run: {verdicts or 'none'}; other bytes in some run: {texts or 'none'}"
    yield f"crash in some run: {crashes or 'none'}; no answer in some run: {missing or 'none'}"
    yield f"pair itself built otherwise in some run: {pairs or 'none'}"


def _one(count: int, order: int) -> dict[int, tuple[str, str, str]]:
    """One run in a process of its own: number -> (digests of the pair, digest of the answer, verdict)."""
    command = [sys.executable, "-m", "benchmarks.equivalence_truth", "--answers", str(count), "--order", str(order)]
    environment = os.environ | {"PYTHONHASHSEED": str(order + 1)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    rows = [json.loads(text) for text in done.stdout.splitlines() if text.startswith("[")]
    return {number: (str(digests), encoded, verdict) for number, digests, encoded, verdict in rows}
