"""Does every mutant die, and is none accused that is equal? Kind by check, and by verdict of `equiv`.

Part 1: mutants of the shipped circuits, all judged by `equiv`, drawn ones also by every check of the audit under
the original's claims. Part 2: drawn mutants of circuits from MQT Bench, where that is installed, judged by `equiv`.
Whether a mutant is equal to its original is computed apart, by Qiskit's matrices, states and density matrices
(mutation/truth.py). Places are drawn by the circuit's name, so the same mutants come in every run.
Usage: python benchmarks/mutants.py [--places 3] [--part 1|2] [--only WORD] [--records FILE] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

from mutation.bench import ROWS, available, bench_outcomes  # noqa: E402  # threads are counted when a library is loaded
from mutation.dynamic import ALL_KINDS  # noqa: E402
from mutation.outcome import Outcome, read_records, write_record  # noqa: E402
from mutation.shipped import distinct, shipped, shipped_subjects  # noqa: E402
from mutation.table import (  # noqa: E402
    code,
    equal_table,
    kill_table,
    listed,
    lists,
    method_table,
    said_of,
    verdict_table,
)

from qverify.registry import check_names  # noqa: E402

CIRCUITS = Path(__file__).parents[1] / "circuits"
NO_BENCH = "MQT Bench is not installed, so part 2 is left out; `pip install mqt.bench` adds it."


def head(options: argparse.Namespace) -> Iterator[str]:
    """What was asked, and what it ran with."""
    names = ("qverify", "qiskit", "qiskit-aer", "numpy", *(("mqt.bench",) if available() else ()))
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    yield f"{date.today()}, python {platform.python_version()}, {versions}"
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    yield f"{load}; {options.places} places of a kind and circuit are drawn; seconds are the processor's"


def part_1(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What equiv says of every place; kind by check, for circuits with a reference and without."""
    asked = [o for o in outcomes if o.checks]
    yield "\nPART 1  Mutants of the shipped circuits\n"
    yield from subjects_of(outcomes, asked)
    yield "\nWhat equiv says of every mutant, at every place\n"
    yield from verdict_table(outcomes)
    yield "\nWhat the audit says of the drawn ones. Checks: mutants that fail them, claims and bounds as shipped:"
    checks = sorted(check_names())
    yield "  " + ", ".join(f"{code(c)} {c}" for c in checks)
    yield "fail, open, pass: the whole audit (open: refused, something is not known). killed: by equiv or a check."
    for compared, title in ((True, "with a reference, by claim"), (False, "without a reference: audits see less")):
        yield f"\nDifferent mutants of circuits {title}\n"
        yield from kill_table([o for o in asked if o.compared is compared], checks)
    yield "\nEqual mutants: what equiv says, what the audit says (other gates: only `feature_maps` fails, which is"
    yield "about the gates that the claims list; accused: any other check fails)\n"
    yield from equal_table(asked)
    yield ""
    yield from lists(outcomes)
    yield from let_through([o for o in asked if not o.equal and o.audit == "pass"])


def subjects_of(outcomes: Sequence[Outcome], asked: Sequence[Outcome]) -> Iterator[str]:
    """The circuits, how many mutants each has, and the kinds that have a place in none."""
    for name, same in distinct(shipped_subjects(CIRCUITS)).items():
        every, drawn = (sum(o.circuit == name for o in group) for group in (outcomes, asked))
        if every:
            yield f"  {name}: {every} mutants, {drawn} of them audited"
            yield from [f"    the same but for titles: {', '.join(same)}"] if same else []
    missing = [kind for kind in ALL_KINDS if not any(o.kind == kind for o in outcomes)]
    if missing:
        yield f"  no place in these circuits: {', '.join(missing)}"


def let_through(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Different mutants that pass the whole audit: by name where it compares, else by number."""
    title = "Differ, and pass an audit that compares them with a reference"
    yield from listed(title, (said_of(o) for o in outcomes if o.compared))
    counts = Counter(o.circuit for o in outcomes if not o.compared)
    yield f"Differ, and pass an audit that has no reference: {counts.total() or 'none'}"
    yield from (f"  {name}: {count}" for name, count in counts.items())


def part_2(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Kind by verdict, circuit by method."""
    plain = [o for o in outcomes if not o.circuit.endswith(" compiled")]
    circuits = {o.circuit for o in plain}
    kinds = {circuit.split()[0] for circuit in circuits}
    yield f"\nPART 2  Mutants of {len(circuits)} circuits of {len(kinds)} kinds from MQT Bench\n"
    yield from verdict_table(plain)
    yield "\nThe same, every third mutant, compiled at level 2\n"
    yield from verdict_table([o for o in outcomes if o.circuit.endswith(" compiled")])
    yield "\nWhich method answered\n"
    yield from method_table(outcomes)
    yield ""
    yield from lists(outcomes)


def judged(options: argparse.Namespace) -> Iterator[tuple[int, Outcome]]:
    """(part, outcome) of every mutant asked for; those already in the records are not judged again."""
    known = read_records(options.records)
    asked = [(1, shipped(CIRCUITS, options.places, options.only, known))] if options.part in (0, 1) else []
    if options.part in (0, 2) and available():
        asked += [(2, bench_outcomes(row, options.places, known)) for row in ROWS if options.only in str(row)]
    for part, outcomes in asked:
        for outcome in outcomes:
            if outcome.name not in known:
                write_record(options.records, outcome)
            yield part, outcome


def asked() -> argparse.Namespace:
    """The options."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--places", type=int, default=3, help="mutants of a kind and circuit that are drawn")
    words.add_argument("--part", type=int, choices=(0, 1, 2), default=0, help="0: both")
    words.add_argument("--only", default="", help="circuits whose name holds this word")
    words.add_argument("--records", type=Path, help="keep outcomes here; judge none found here again")
    words.add_argument("--output", type=Path, help="also write the tables here")
    return words.parse_args()


def main() -> None:
    """Judge all mutants and print the tables."""
    options = asked()
    warnings.simplefilter("ignore")
    lines = list(head(options))
    outcomes: dict[int, list[Outcome]] = {1: [], 2: []}
    for number, (part, outcome) in enumerate(judged(options), start=1):
        outcomes[part].append(outcome)
        print(f"\r{number} mutants", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    lines += part_1(outcomes[1]) if outcomes[1] else ()
    lines += part_2(outcomes[2]) if outcomes[2] else ()
    lines += [f"\n{NO_BENCH}"] if options.part in (0, 2) and not available() else []
    print("\n".join(lines))
    if options.output is not None:
        options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
