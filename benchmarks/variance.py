"""What does the variance of every gradient cost, and how far does it reach?

    race     Pauli walks against PennyLane's lightning.qubit with adjoint gradients, in the same run: seconds until
             the mean square of one gradient has the same relative standard error. Both get all others with it.
             The peer's time is extrapolated: seconds a sample, times (sd of g**2 / mean of g**2 / error)**2, both
             from its own samples. The walks are run in full.
    wide     100 qubits, 100 layers, 20,000 parameters: the seconds of each step until all have their intervals
    huge     1,000 qubits, 500 layers, 1,000,000 parameters, in a process of its own for its peak memory. The chain
             is built directly; what Qiskit would take for the circuit is measured at 20 layers and extrapolated
    deep     second moments down to 2**-170 against closed forms or a second method

Circuits are hardware-efficient: RY and RZ on every wire, then CZ along a line, in every layer. Seconds are the
processor's, so that they say something on a loaded machine; one core each.
Usage: python -m benchmarks.variance [--parts race,wide,huge,deep] [--samples 100] [--output FILE]
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  # threads are counted when a library is loaded

from benchmarks.families import Output  # noqa: E402
from qverify.subject.observables import parse_observable  # noqa: E402
from qverify.trainability.chain import Chain, End, Linear, Turn  # noqa: E402
from qverify.trainability.cone import live_names, reduced  # noqa: E402
from qverify.trainability.extract import chain_of  # noqa: E402
from qverify.trainability.families import hardware_efficient, qmps, ry_product  # noqa: E402
from qverify.trainability.looks import walked  # noqa: E402
from qverify.trainability.means import mean_squares  # noqa: E402
from qverify.trainability.moment import Moment  # noqa: E402
from qverify.trainability.route import Question, Responses, respond  # noqa: E402
from qverify.trainability.twisted import second_twisted  # noqa: E402
from qverify.trainability.walk import walk  # noqa: E402
from tests.qverify.trainability.test_families import second_moment  # noqa: E402

FOLLOWED = "ry_0_0"
MOST_WALKS = 2**26
QUANTILE = 0.95


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and seconds of this processor."""
    begun = time.process_time()
    made = work()
    return made, time.process_time() - begun


def z_string(n: int) -> str:
    """Z on every wire."""
    return " ".join(f"Z{k}" for k in range(n))


# ------------------------------------------------------------------------------ race


def lightning(n: int, layers: int, text: str, samples: int) -> tuple[np.ndarray[Any, Any], float]:
    """Gradients of the followed parameter at drawn angles, and seconds a sample."""
    import pennylane as qml

    device = qml.device("lightning.qubit", wires=n)
    wires = [0] if text == "Z0" else range(n)

    @qml.qnode(device, diff_method="adjoint")
    def cost(w: Any) -> Any:
        for layer in range(layers):
            for k in range(n):
                qml.RY(w[layer, k, 0], wires=k)
                qml.RZ(w[layer, k, 1], wires=k)
            for k in range(n - 1):
                qml.CZ(wires=[k, k + 1])
        return qml.expval(qml.prod(*(qml.PauliZ(k) for k in wires)) if len(wires) > 1 else qml.PauliZ(0))

    rng = np.random.default_rng(7)
    gradient = qml.grad(cost)

    def one() -> float:
        w = qml.numpy.array(rng.uniform(0, 2 * math.pi, (layers, n, 2)), requires_grad=True)
        return float(gradient(w)[0, 0, 0])

    one()
    found, seconds = timed(lambda: [one() for _ in range(samples)])
    return np.array(found), seconds / samples


def race(samples: int) -> Iterator[str]:
    """Rows of seconds at equal relative error."""
    import pennylane

    n = layers = 12
    yield f"race: pennylane {pennylane.__version__}, n = {n}, {layers} layers, {2 * n * layers} parameters"
    for text, goal in (("Z0", 1000), (z_string(n), 50)):
        circuit, _ = hardware_efficient(n, layers)
        weights = tuple(p.name for p in circuit.parameters)
        read = parse_observable(text, n, 0)
        chain, extracted = timed(lambda read=read, c=circuit, w=weights: reduced(chain_of(c, read, w)))
        at = weights.index(FOLLOWED)
        pilot = walk(chain, np.random.default_rng(1), 2**18, QUANTILE).gradients[at].value
        gradients, each = lightning(n, layers, text, samples)
        squares = gradients**2
        spread = float(squares.std(ddof=1) / squares.mean())
        name = text if text == "Z0" else "Z on all"
        for error in (0.1, 0.02):
            walks = math.ceil((1 - pilot) / (pilot * error**2))
            if walks > MOST_WALKS:
                continue
            found, seconds = timed(lambda c=chain, w=walks: walk(c, np.random.default_rng(2), w, QUANTILE))
            needed = (spread / error) ** 2
            peer = needed * each
            whole = seconds + extracted
            yield (
                f"  {name:9} error {error:.0%}: E g**2 {found.gradients[at].value:.3g}, {walks} walks in "
                f"{seconds:.3f} s (+ {extracted:.3f} s to read the circuit); lightning {needed:.0f} samples of "
                f"{each:.3f} s = {peer:.0f} s, mean {squares.mean():.2g} +- {squares.std() / samples**0.5:.2g}; "
                f"{peer / seconds:,.0f} times, with reading {peer / whole:,.0f} times (goal {goal})"
            )


# ------------------------------------------------------------------------------ wide and huge


def wide() -> Iterator[str]:
    """Rows of each step at 20,000 parameters."""
    n = layers = 100
    (circuit, text), built = timed(lambda: hardware_efficient(n, layers))
    weights = tuple(p.name for p in circuit.parameters)
    read = parse_observable(text, n, 0)
    yield f"wide: n = {n}, {layers} layers, {len(weights)} parameters, Z0; Qiskit builds it in {built:.2f} s"
    chain, extracted = timed(lambda: chain_of(circuit, read, weights))
    _, meant = timed(lambda: mean_squares(chain))
    cone, cut = timed(lambda: reduced(chain))
    live, alive = timed(lambda: len(live_names(chain)))
    found, seconds = timed(lambda: walked(cone, Question(read, weights), np.random.default_rng(0)))
    yield (
        f"  from circuit to chain {extracted:.2f} s, means {meant:.2f} s, cone {cut:.2f} s, dead parameters "
        f"{alive:.2f} s ({len(weights) - live} dead), {found.method} {seconds:.2f} s"
    )
    yield (
        f"  all intervals from the chain on: {meant + cut + alive + seconds:.2f} s; with reading the circuit "
        f"{extracted + meant + cut + alive + seconds:.2f} s (goal 2 s)"
    )
    answer, seconds = timed(lambda: respond(circuit, Question(read, weights), np.random.default_rng(0)))
    yield f"  the whole routing table, with a lower end for each: {seconds:.1f} s; {shown(answer)}"


def shown(answer: Responses) -> str:
    """The largest variance and the method."""
    return f"max Var {interval(answer.top)}, {answer.method}"


def interval(m: Moment) -> str:
    """A moment by its logarithms."""
    return f"2**{m.log2:.4f} in 2**[{m.log2_lo:.4f}, {m.log2_hi:.4f}]"


def chain_directly(n: int, layers: int) -> Chain:
    """The hardware-efficient circuit with Z0, without Qiskit."""
    cz = (0b1001, 0b0010, 0b0110, 0b1000)  # X0 -> X0 Z1, Z0 -> Z0, X1 -> Z0 X1, Z1 -> Z1
    steps: list[Turn | Linear] = []
    names: list[str] = []
    for layer in range(layers):
        for k in range(n):
            for letter in "YZ":
                steps.append(Turn((k,), letter, len(names), 1.0, 0.5))
                names.append(f"r{letter.lower()}_{layer}_{k}")
        steps += [Linear((k, k + 1), cz) for k in range(n - 1)]
    start = np.tile([0.0, 0.0, 1.0], (n, 1))
    return Chain(n, tuple(names), tuple(steps), (End(1.0, {0: (0.0, 0.0, 0.0, 1.0)}),), start)


def _huge(layers: int, pipe: Any) -> None:
    n = 1000
    chain, built = timed(lambda: chain_directly(n, layers))
    cone, cut = timed(lambda: reduced(chain))
    live, alive = timed(lambda: len(live_names(chain)))
    question = Question(parse_observable("Z0", n, 0), chain.names)
    found, seconds = timed(lambda: walked(cone, question, np.random.default_rng(0)))
    top = max(m.log2_hi for m in found.gradients)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    pipe.send(
        f"  chain {built:.1f} s, cone {cut:.1f} s, dead parameters {alive:.1f} s ({len(chain.names) - live} dead), "
        f"{found.method} {seconds:.1f} s; together {built + cut + alive + seconds:.1f} s (goal 120 s), peak memory "
        f"{peak:.2f} GiB (goal 4 GiB); every variance below 2**{top:.2f}"
    )


def huge(layers: int = 500) -> Iterator[str]:
    """Rows of each step at a million parameters."""
    yield f"huge: n = 1000, {layers} layers, {2000 * layers} parameters, Z0"
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe(duplex=False)
    child = processes.Process(target=_huge, args=(layers, there))
    child.start()
    there.close()
    try:
        yield here.recv()
    except EOFError:
        yield "  ended without an answer"
    child.join()
    few = 20
    (circuit, text), built = timed(lambda: hardware_efficient(1000, few))
    weights = tuple(p.name for p in circuit.parameters)
    _, read = timed(lambda: chain_of(circuit, parse_observable(text, 1000, 0), weights))
    yield (
        f"  extrapolated from {few} layers: Qiskit takes {built * layers / few:.0f} s to build the circuit, and "
        f"{read * layers / few:.0f} s are taken to read it"
    )


# ------------------------------------------------------------------------------ deep


def deep() -> Iterator[str]:
    """Rows of small moments, with their truth."""
    yield "deep: second moments far below 1 / samples (goal: within 1 %, 60 s)"
    circuit, text = ry_product(120)
    truth = 120 * math.log2(3 / 8)
    yield _row("RY product, n = 120, E f**2 of the global cost", *_asked(circuit, text), truth, "closed form")
    circuit, _ = hardware_efficient(100, 4)
    answer, seconds = _asked(circuit, "zeros")
    weights = tuple(p.name for p in circuit.parameters)
    chain = chain_of(circuit, parse_observable("zeros", 100, 0), weights)
    other = second_twisted(chain, np.random.default_rng(1), 8, 2048, of=())
    yield _row("hardware-efficient, L = 4, n = 100, E f**2 of zeros", answer, seconds, other.cost.log2, "twisted")
    n = 136
    circuit, text = qmps(n)
    answer, seconds = _asked(circuit, text, "b0_xx")
    truth = math.log2(second_moment(circuit, text, "b0_xx"))
    at = answer.names.index("b0_xx")
    yield _row(f"qMPS, n = {n}, gradient of the farthest block", answer, seconds, truth, "strings by hand", at)


def _asked(circuit: Any, text: str, focus: str = "") -> tuple[Responses, float]:
    weights = tuple(p.name for p in circuit.parameters)
    question = Question(parse_observable(text, circuit.num_qubits, 0), weights, focus=focus)
    return timed(lambda: respond(circuit, question, np.random.default_rng(0)))  # type: ignore[no-any-return]


def _row(title: str, answer: Responses, seconds: float, truth: float, oracle: str, at: int | None = None) -> str:
    m = answer.cost if at is None else answer.variances[at]
    off = math.expm1((m.log2 - truth) * math.log(2))
    return (
        f"  {title}: log2 {m.log2:.6f}, {oracle} {truth:.6f}, off by {off:.1e}, {seconds:.1f} s; {answer.method}; "
        f"all {len(answer.names)} gradients with it"
    )


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--parts", default="wide,race,deep,huge", help="which parts")
    options.add_argument("--samples", type=int, default=200, help="of the peer, to extrapolate from")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    choice = options.parse_args()
    output = Output(choice.output)
    parts = {"wide": wide, "race": lambda: race(choice.samples), "deep": deep, "huge": huge}
    for part in choice.parts.split(","):
        for line in parts[part]():
            output.line(line)
    output.line(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
