"""Does every mutant of a circuit with feed-forward die, under every notion, and is none accused that is equal?

Originals: the shipped circuits of circuits/mcmc, and what people write (dynamic_pairs/standard.py). A mutant has
one fault, or one change that makes no difference; at most --places are drawn of a kind and circuit. Each is
compared with its original under every notion, for any input and from |0...0>; what is true comes from density
matrices by classical record, computed apart from qverify (dynamic_pairs/oracle.py), at three drawn values of the
parameters.

    differ, killed   mutants that differ, and how many of them are called different
    equal, proved    mutants that are equal all the same, and how many of them are called equivalent
    missed           differ, and called equivalent          accused   equal, and called different

Seconds are the processor's. Usage: python -m benchmarks.dynamic_mutants [--places 2] [--only WORD] [--records FILE]
[--output FILE]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

import msgspec  # noqa: E402  # threads are counted when a library is loaded
import numpy as np  # noqa: E402
from qiskit import QuantumCircuit  # noqa: E402

from benchmarks.dynamic_pairs.distances import WHOLE, Asked, Truth, truth  # noqa: E402
from benchmarks.dynamic_pairs.edits import AT_THE_TOP, EVERYWHERE, all_edits  # noqa: E402
from benchmarks.dynamic_pairs.judge import timed, truly, wrong_word  # noqa: E402
from benchmarks.dynamic_pairs.standard import standard  # noqa: E402
from benchmarks.families import Output  # noqa: E402
from benchmarks.mutation.edits import edited  # noqa: E402
from benchmarks.mutation.shipped import seed_of  # noqa: E402
from benchmarks.mutation.table import columns  # noqa: E402
from qverify.discovery import load_subject  # noqa: E402
from qverify.equivalence.decide import Question, decide  # noqa: E402
from qverify.subject import make_subject  # noqa: E402

SHIPPED = Path(__file__).parents[1] / "circuits" / "mcmc"
NOTIONS, INPUTS = ("instrument", "channel", "outcomes"), ("any", "zero")
POINTS, TOLERANCE = 3, 1e-8
OPEN = ("undecided", "crash")


class Said(msgspec.Struct, frozen=True):
    """One mutant under one notion and input: what is true, and what was said."""

    circuit: str
    kind: str
    where: str
    notion: str
    input: str
    truth: tuple[float, float]
    truly: str
    verdict: str
    method: str
    seconds: float
    faults: tuple[str, ...] = ()
    message: str = ""

    @property
    def name(self) -> str:
        """In words; no two share it."""
        return f"{self.circuit}: {self.kind}: {self.where} ({self.notion} from {self.input})"

    @property
    def differs(self) -> bool:
        """Whether the mutant differs."""
        return self.truly == "different"

    @property
    def equal(self) -> bool:
        """Whether the mutant is equal, to the tolerance."""
        return self.truly in ("equal", "within")


def originals() -> dict[str, QuantumCircuit]:
    """The circuits whose mutants are judged, by name."""
    shipped = {f"mcmc/{file.name}": load_subject(str(file)).circuit for file in sorted(SHIPPED.glob("*.qasm"))}
    return shipped | standard()


def mutants(name: str, circuit: QuantumCircuit, places: int) -> Iterator[tuple[str, str, QuantumCircuit]]:
    """(kind, where, mutant) of the drawn edits."""
    for kind in (*EVERYWHERE, *AT_THE_TOP):
        rng = np.random.default_rng(seed_of(name, kind))
        found = all_edits(kind, circuit, rng)
        for k in sorted(int(k) for k in rng.permutation(len(found))[:places]):
            yield kind, found[k].where, edited(circuit, found[k])


def judged(of: tuple[str, str, str], a: QuantumCircuit, b: QuantumCircuit, notion: str, given: str) -> Said:
    """A mutant beside its original. of: circuit, kind, where."""
    names = sorted(p.name for p in a.parameters)
    rng = np.random.default_rng(seed_of(*of))
    points = [{p: float(rng.uniform(-1, 1)) for p in names} for _ in range(POINTS if names else 1)]
    asked = Asked(notion, given)
    found: list[Truth] = [truth(a, b, at, asked, k) for k, at in enumerate(points)]
    word = truly(found, TOLERANCE, drawn=given == "any" and a.num_qubits > WHOLE)
    ends = max(t.lo for t in found), max(t.hi for t in found)
    left, right = (make_subject(side, circuit, tuple(names)) for side, circuit in (("a", a), ("b", b)))
    question = Question(notion, given, TOLERANCE)  # type: ignore[arg-type]
    said, seconds = timed(lambda: decide(left, right, question))
    if isinstance(said, Exception):
        what = f"{type(said).__name__}: {said}"
        return Said(*of, notion, given, ends, word, "crash", "", seconds, ("crash",), what)
    faults = tuple(wrong_word(said.verdict, word))
    return Said(*of, notion, given, ends, word, said.verdict, said.method, seconds, faults, said.message)


def all_judged(places: int, only: str, records: Path | None) -> Iterator[Said]:
    """Every mutant under every notion and input; those already in the file are not judged again."""
    known: dict[str, Said] = {}
    if records is not None and records.exists():
        rows = (msgspec.json.decode(text, type=Said) for text in records.read_bytes().splitlines())
        known = {said.name: said for said in rows}
    for name, circuit in originals().items():
        if only not in name:
            continue
        for kind, where, mutant in mutants(name, circuit, places):
            for notion in NOTIONS:
                for given in INPUTS:
                    key = f"{name}: {kind}: {where} ({notion} from {given})"
                    found = known.get(key) or judged((name, kind, where), circuit, mutant, notion, given)
                    if records is not None and key not in known:
                        with records.open("ab") as file:
                            file.write(msgspec.json.encode(found) + b"\n")
                    yield found


def table(found: Sequence[Said], given: str) -> Iterator[str]:
    """Kind by notion, for one input."""
    head = [word for notion in NOTIONS for word in (f"{notion[:5]} differ", "killed", "equal", "proved")]
    rows: list[list[object]] = [["kind", *head, "missed", "accused", "undecided", "unknown"]]
    some = [s for s in found if s.input == given]
    for kind in (*EVERYWHERE, *AT_THE_TOP, "all"):
        mine = [s for s in some if kind in ("all", s.kind)]
        if mine:
            rows.append([kind, *(count for notion in NOTIONS for count in counts(mine, notion)), *ends(mine)])
    yield from columns(rows)


def counts(found: Sequence[Said], notion: str) -> Iterator[int]:
    """differ, killed, equal, proved under one notion."""
    mine = [s for s in found if s.notion == notion]
    for true, word in ((Said.differs, "different"), (Said.equal, "equivalent")):
        those = [s for s in mine if true.fget(s)]  # type: ignore[attr-defined]
        yield len(those)
        yield sum(s.verdict == word for s in those)


def ends(found: Sequence[Said]) -> Iterator[int]:
    """missed, accused, undecided, and those of which the oracle says nothing sure."""
    yield sum(s.differs and s.verdict == "equivalent" for s in found)
    yield sum(s.equal and s.verdict == "different" for s in found)
    yield sum(s.verdict in OPEN for s in found)
    yield sum(s.truly == "near" for s in found)


def lines(found: Sequence[Said]) -> Iterator[str]:
    """The tables, the methods, and what needs a look."""
    for name in dict.fromkeys(s.circuit for s in found):
        mine = [s for s in found if s.circuit == name]
        seconds = [s.seconds for s in mine]
        yield (
            f"  {name}: {len({(s.kind, s.where) for s in mine})} mutants, {len(mine)} questions, "
            f"median {statistics.median(seconds):.3f} s, at most {max(seconds):.2f} s"
        )
    for given in INPUTS:
        yield f"\nfor {'any input' if given == 'any' else 'the input |0...0>'}\n"
        yield from table(found, given)
    yield "\nwhich method answered"
    ways = Counter((s.verdict, s.method) for s in found)
    yield from (f"{count:7}  {verdict:11} {method}" for (verdict, method), count in ways.most_common())
    look = [s for s in found if s.faults or s.verdict in OPEN]
    yield f"\nwrong, undecided or crashed: {len(look) or 'none'} of {len(found)}"
    for s in look:
        yield f"  {s.name}: {s.truly} [{s.truth[0]:.3g}, {s.truth[1]:.3g}]; {s.verdict}, {s.method}; {s.message}"


def chosen() -> argparse.Namespace:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--places", type=int, default=2, help="mutants of a kind and circuit that are drawn")
    options.add_argument("--only", default="", help="circuits whose name holds this word")
    options.add_argument("--records", type=Path, help="a file of records, to go on from")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    return options.parse_args()


def main() -> None:
    """Judge all mutants and print the tables."""
    warnings.simplefilter("ignore")
    choice = chosen()
    output = Output(choice.output)
    found = []
    for number, said in enumerate(all_judged(choice.places, choice.only, choice.records), start=1):
        found.append(said)
        if sys.stderr.isatty():
            print(f"\r{number} questions", end="", file=sys.stderr, flush=True)
    for text in lines(found):
        output.line(text)


if __name__ == "__main__":
    main()
