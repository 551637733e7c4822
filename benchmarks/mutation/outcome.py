"""What was said about one mutant, as a value that can be written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

OPEN = ("inconclusive", "error")
SYNTACTIC = ("feature_maps",)  # it speaks of the gates as claimed, so an equal circuit in other gates rightly fails


class Outcome(msgspec.Struct, frozen=True):
    """What was said about one mutant.

    equal: whether it is the original, for any input. equal_as_claimed: for inputs and outputs as claimed.
    compared: whether the audit has a claimed reference to compare it with.
    verdict, method, seconds: of `decide` against the original.
    checks: the verdict of each check; empty where the audit was not asked.
    """

    circuit: str
    kind: str
    where: str
    equal: bool
    equal_as_claimed: bool
    distance: float | None  # None: infinite, which JSON has no word for
    verdict: str
    method: str
    seconds: float
    compared: bool = False
    checks: dict[str, str] = {}

    @property
    def name(self) -> str:
        """In words; no two mutants share it."""
        return f"{self.circuit}: {self.kind}: {self.where}"

    @property
    def killed(self) -> bool:
        """Whether `decide` tells it from the original."""
        return self.verdict == "different"

    @property
    def failed(self) -> list[str]:
        """The checks that fail."""
        return [check for check, verdict in self.checks.items() if verdict == "fail"]

    @property
    def audit(self) -> str:
        """fail, open (refused because something is not known) or pass."""
        if self.failed:
            return "fail"
        return "open" if any(verdict in OPEN for verdict in self.checks.values()) else "pass"

    @property
    def accused_by(self) -> list[str]:
        """Who calls an equal mutant a different circuit."""
        who = ["equiv"] if self.equal and self.killed else []
        for check in self.failed:
            equal = self.equal_as_claimed if check == "deferred_measurement" else self.equal
            who += [check] if equal and check not in SYNTACTIC else []
        return who


Known = Mapping[str, Outcome]


def read_records(file: Path | None) -> dict[str, Outcome]:
    """Outcomes by name that an earlier run wrote."""
    if file is None or not file.exists():
        return {}
    found = (msgspec.json.decode(line, type=Outcome) for line in file.read_bytes().splitlines())
    return {outcome.name: outcome for outcome in found}


def write_record(file: Path | None, outcome: Outcome) -> None:
    """Add one outcome to a file."""
    if file is not None:
        with file.open("ab") as out:
            out.write(msgspec.json.encode(outcome) + b"\n")
