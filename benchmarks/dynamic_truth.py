"""Is the checker ever wrong about circuits that measure and branch? Generated pairs, the truth by brute force.

A pair is a random circuit (1 to 6 qubits, up to 8 bits, registers that share bits, branches in branches, switches,
loops, boxes, composites that measure) and what changes made of it: such that keep what it does (a measurement
deferred, conditions rewritten, resets as measurements, loops unrolled ...) and mistakes (a condition inverted, a
reset missing, bits exchanged, a feed-forward angle off by 1e-1 to 1e-8 ...). It is asked under every notion, for
any input and from |0...0>. The truth comes from density matrices by classical record, computed apart from qverify
(dynamic_pairs/oracle.py); a change is never assumed to do what it is called.

    near    neither distance is sure, or it is between rounding and the tolerance
    false=  said equivalent, and different        false#  said different, and equal
    missed  the interval of the distance does not hold the truth
    proved  equal pairs that the two methods that defer measurements prove without the others

With parameters the truth is computed at five drawn values; angles are analytic in them, so that a difference shows
at almost all. Seconds are the processor's, of the checker alone.
Usage: python -m benchmarks.dynamic_truth [--first 0] [--pairs 500] [--records FILE] [--output FILE]
       python -m benchmarks.dynamic_truth --pair N | --methods
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import Counter
from collections.abc import Iterator

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

from qiskit import QuantumCircuit  # noqa: E402  # threads are counted when a library is loaded

from benchmarks.dynamic_pairs.judge import Record, answer, judged, timed, true_distances  # noqa: E402
from benchmarks.dynamic_pairs.pairs import pair  # noqa: E402
from benchmarks.dynamic_pairs.table import TOLD, line, share, table  # noqa: E402
from benchmarks.families import Output  # noqa: E402
from benchmarks.judged import command_line, judged_pairs  # noqa: E402


def one(number: int) -> Iterator[str]:
    """A pair written out, its answer and its record."""
    of = pair(number)
    for name, circuit in (("A", of.a), ("B", of.b)):
        yield f"{name}: {circuit.num_qubits} wires, {circuit.num_clbits} bits"
        yield from written(circuit, "  ")
    yield f"{of.asked}, tolerance {of.tolerance:g}; {of.kind}{''.join(f' + {m}' for m in of.more)}"
    yield f"truth: {', '.join(f'[{t.lo:.6g}, {t.hi:.6g}]' for t in true_distances(of))}"
    said, seconds = timed(lambda: answer(of))
    yield f"{said} in {seconds:.2f} s"
    yield line(judged(number))


def written(circuit: QuantumCircuit, indent: str) -> Iterator[str]:
    """A circuit and its bodies, with the bits of conditions by number."""
    places = {bit: k for k, bit in enumerate(circuit.clbits)}
    registers = {r.name: [places[bit] for bit in r] for r in circuit.cregs}
    yield f"{indent}registers {registers}"
    for item in circuit.data:
        op = item.operation
        wires = [circuit.find_bit(q).index for q in item.qubits]
        bits = [places[c] for c in item.clbits]
        words = [
            op.name,
            *map(str, [] if getattr(op, "blocks", ()) else op.params),
            f"wires {wires}",
            f"bits {bits}",
        ]
        test = getattr(op, "condition", None) or getattr(op, "target", None)
        words += [] if test is None else [f"test {shown(test, places)}"]
        words += [f"control state {op.ctrl_state}"] if hasattr(op, "ctrl_state") else []
        words += [f"indices {op.params[0]} of {op.params[1]}"] if op.name == "for_loop" else []
        words += (
            [f"cases {op.cases_specifier()}"[:0] + f"labels {[k for k, _ in op.cases_specifier()]}"]
            if op.name == "switch_case"
            else []
        )
        yield indent + " ".join(words)
        inner = getattr(op, "blocks", ())
        if not inner and op.name.startswith("circuit"):
            inner = (op.definition,)
        for k, body in enumerate(inner):
            yield f"{indent}  body {k}"
            yield from written(body, indent + "    ")


def shown(test: object, places: dict[object, int]) -> str:
    """A condition with bits by number."""
    text = str(test)
    for bit, k in places.items():
        text = text.replace(str(bit), f"bit {k}")
    return text


def methods(records: list[Record]) -> Iterator[str]:
    """The share of equal pairs that deferral alone proves, kind by kind."""
    yield f"{'kind of change':32} equal pairs that deferral or its normal form proves"
    for kind in dict.fromkeys(r.kind for r in records if r.truly == "equal"):
        yield f"{kind:32} {share(r for r in records if r.kind == kind)}"
    yield f"{'all':32} {share(records)}"
    failed = [r for r in records if r.truly == "equal" and not r.proved]
    yield f"answered by other methods: {dict(Counter((r.verdict, r.method) for r in failed))}"
    yield from (line(r) for r in failed)


def chosen() -> argparse.Namespace:
    """The command line."""
    options = command_line(__doc__)
    options.add_argument("--methods", action="store_true", help="what deferral alone proves, kind by kind")
    return options.parse_args()


def main() -> None:
    """Print, and write."""
    warnings.simplefilter("ignore")
    choice = chosen()
    output = Output(choice.output)
    if choice.pair is not None:
        found = one(choice.pair)
    else:
        numbers = range(choice.first, choice.first + choice.pairs)
        records = list(judged_pairs(numbers, choice.records, judged, TOLD))
        found = methods(records) if choice.methods else table(records)
    for text in found:
        output.line(text)


if __name__ == "__main__":
    main()
