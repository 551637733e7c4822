"""Is the equivalence checker ever wrong? Generated pairs of circuits with the truth computed by brute force.

A pair is a random circuit and what changes made of it: such that keep the unitary (compiling, gate identities,
algebra of angles, periods, relabelled wires ...) and mistakes of every kind (signs, squares, negated controls,
half periods, angles off by 1e-1 to 1e-8 ...). The truth comes from Qiskit's matrices at drawn parameter values,
among them the values of the checker's own counterexample; a change is never assumed to do what it is called.

    near    the truth is the tolerance, to rounding, so that either word is right
    false=  said equivalent, a distance above the tolerance exists      false#  said different, none exists
    missed  the interval of the distance does not hold the truth        beside  another order of wires, or equality
    weak    the states of the counterexample are no further apart               from |0...0>, is told and is not so
            than the tolerance                                          none    different without a counterexample

Seconds are the processor's, of the checker alone.
Usage: python -m benchmarks.equivalence_truth [--pairs 10000] [--records FILE] [--output FILE]
       python -m benchmarks.equivalence_truth --pair N | --repeats 20 | --angle-errors | --snippets 100
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import Counter
from collections.abc import Iterator

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

from benchmarks.families import Output  # noqa: E402  # threads are counted when a library is loaded
from benchmarks.judged import command_line, judged_pairs  # noqa: E402
from benchmarks.truth.angle_errors import angle_errors  # noqa: E402
from benchmarks.truth.judge import answer, judged  # noqa: E402
from benchmarks.truth.pairs import kind_of, pair  # noqa: E402
from benchmarks.truth.repeats import answers, repeated, sample  # noqa: E402
from benchmarks.truth.replay import replayed  # noqa: E402
from benchmarks.truth.table import TOLD, line, table  # noqa: E402


def one(number: int) -> Iterator[str]:
    """A pair written out, its answer and its record."""
    of = pair(number)
    for name, circuit in (("A", of.a), ("B", of.b)):
        yield f"{name}: {circuit.num_qubits} wires, global phase {circuit.global_phase}"
        for item in circuit.data:
            op, wires = item.operation, [circuit.find_bit(q).index for q in item.qubits]
            control = f" control state {op.ctrl_state}" if hasattr(op, "ctrl_state") else ""
            yield f"  {op.name} {[str(p) for p in getattr(op, 'params', [])]} {wires}{control}"
    record = judged(number)
    yield line(record)
    if record.verdict != "crash":
        yield str(answer(of))


def snippets(count: int) -> Iterator[str]:
    """How many counterexamples show what they claim, when their lines are run."""
    found: Counter[str] = Counter()
    for number in (n for n in sample(3 * count) if n % 2):
        of = pair(number)
        said = replayed(of)
        found["shown" if said == "shown" else "not shown"] += said != "no counterexample"
        if said not in ("shown", "no counterexample"):
            yield f"{number:6} {kind_of(number)}: {said}"
        if found.total() >= count:
            break
    yield f"counterexamples replayed from files: {dict(found)}"


def chosen() -> argparse.Namespace:
    """The command line."""
    options = command_line(__doc__)
    options.add_argument("--repeats", type=int, help="how many runs of the same pairs are compared")
    options.add_argument("--sample", type=int, default=100, help="how many pairs are repeated")
    options.add_argument("--angle-errors", action="store_true", help="errors of 1e-6 at 4 to 20 qubits")
    options.add_argument("--snippets", type=int, help="how many counterexamples are replayed")
    options.add_argument("--answers", type=int, help=argparse.SUPPRESS)
    options.add_argument("--order", type=int, default=0, help=argparse.SUPPRESS)
    return options.parse_args()


def lines(choice: argparse.Namespace) -> Iterator[str]:
    """What the chosen part prints."""
    if choice.pair is not None:
        yield from one(choice.pair)
    elif choice.repeats is not None:
        yield from repeated(choice.repeats, choice.sample)
    elif choice.angle_errors:
        yield from angle_errors()
    elif choice.snippets is not None:
        yield from snippets(choice.snippets)
    else:
        numbers = range(choice.first, choice.first + choice.pairs)
        yield from table(list(judged_pairs(numbers, choice.records, judged, TOLD)))


def main() -> None:
    """Print, and write."""
    warnings.simplefilter("ignore")
    choice = chosen()
    if choice.answers is not None:
        for text in answers(sample(choice.answers), choice.order):
            print(text, flush=True)
        return
    output = Output(choice.output)
    for text in lines(choice):
        output.line(text)


if __name__ == "__main__":
    main()
