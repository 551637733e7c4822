"""Every measured bit that steers later operations feels something: what comes in, or the state it leaves behind.

Why: a gate whose control has just been reset does nothing, so the "input gate" that is measured there fires with a
probability that its weights set alone, whatever comes in. It trains without complaint, and steers by chance.
Formula: number of measurements whose bit some later condition may read and which are coins, = 0. A coin: given the
earlier record, the probability of 1 is a function of the weights alone (not of a feature, not of the state of a
wire that does not start in |0>), and both outcomes leave the other wires in the same state, so that a random
number generator could stand in its place. A bit that the earlier record fixes is none. In a loop every turn must
be one.
Source: dependence is shown at drawn points with the same weights; a coin is proved by what is surely known of
wires at any width, or exact (Schwartz, J. ACM 27, 701, 1980: identity of polynomials modulo a prime), to 8 wires.
Limits: a bit whose chance feels nothing while its outcome shows in the state it leaves (teleportation, a random
frame) is no coin; where the claims name `features` it is undecided, since such a circuit should feel them.
Parameters that no claim calls a weight count as what comes in. A random number that is meant as one (a random
twirl) is counted too. Dependences below 1e-5, and more than 10 wires, are undecided.
Fails: reset q0; cx q0, q1; ry(w) q0; c = measure q0; if (c) ...
Fix: let a wire that carries the input act on the measured wire: turn the controlled gate around, or encode again.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Counterexample, Evidence
from qverify.hygiene import Program, Steering, Tally, executions, flow_of, program_of, steering_measurements
from qverify.hygiene.numbers import Points
from qverify.hygiene.tally import by_site
from qverify.snippet import load_lines, prepare_lines, snippet
from qverify.structure import is_dynamic
from qverify.subject import Subject


@check()
def steering_bits_feel_the_input(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the coins among the bits that steer."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that measure and branch")
    program = program_of(subject)
    if not any(step.branch for step in executions(program.steps)):
        raise NotApplicable("speaks of circuits that branch")
    if not program.free and not program.data:
        raise NotApplicable("nothing comes in: every wire starts in |0> and every parameter is a weight")
    found, points, fault = steering_measurements(subject, program, flow_of(program), rng)
    tally, example = Tally("coins that steer"), None
    known = {each.step: each for each in found}
    for steps in by_site(known).values():
        turns = [known[step] for step in steps if not known[step].fixed]
        if not turns:
            tally.clear("exact")  # no chance in it: it says what the record says, or never varies
        elif all(turn.coin for turn in turns):
            tally.accuse(_blame(turns[0]), max((turn.by for turn in turns), key=("proof", "exact").index))
            example = example or _example(subject, program, points, turns[0])
        elif any(turn.felt or (turn.told and not program.features) for turn in turns):
            tally.clear("numerical")
        else:
            why = (
                "only the state it leaves feels the outcome" if any(t.told for t in turns) else "no dependence seen"
            )
            tally.doubt(f"{turns[0].step.where}: {why}")
    tried = f"not looked for: {fault}" if fault else "24 drawn points (dependence above 1e-5)"
    yield tally.evidence(f"{tried}; what is surely known of wires, and polynomials modulo a prime (coins)", example)


def _blame(turn: Steering) -> str:
    p = f", whose probability of 1 is {turn.shown[2]:.4f} at one draw of the weights," if turn.shown else ""
    return f"{turn.step.where}{p} steers {turn.steers[0].where} and feels nothing that comes in"


def _example(subject: Subject, program: Program, points: Points | None, turn: Steering) -> Counterexample | None:
    """Two inputs with the same weights and the same chance of 1."""
    if points is None or turn.shown is None:
        return None
    low, high, p, q = turn.shown
    values = points.at(low), points.at(high)
    words = points.letters[low], points.letters[high]
    bit, moved = turn.step.bit, sorted(program.data)
    others = ", ".join(f"{name} = {values[1][name]:.6g}" for name in moved)
    written = [s.bit for s in executions(program.steps) if s.kind == "measure"]
    snippets = ""
    if written.count(bit) == 1:
        earlier = sorted(set(written[: written.index(bit)]) - {bit})
        snippets = _replay(subject, values, words, bit, earlier)
    return Counterexample(
        values=values[0],
        input=f"{words[0]} and {words[1]}",
        record="",
        expected=f"another probability of c{bit} = 1 for the second input" + (f" with {others}" if others else ""),
        observed=f"{p:.6g} and {q:.6g}, given the likeliest record before",
        snippet=snippets,
    )


def _replay(
    subject: Subject, values: tuple[dict[str, float], ...], words: tuple[str, ...], bit: int, earlier: list[int]
) -> str:
    n = subject.circuit.num_qubits
    return snippet(
        load_lines(subject.path, values[0], "first"),
        load_lines(subject.path, values[1], "second"),
        prepare_lines(words[0], "before_first"),
        prepare_lines(words[1], "before_second"),
        [
            "simulator = AerSimulator(seed_simulator=1)",
            "for c, before in ((first, before_first), (second, before_second)):",
            "    whole = c.copy_empty_like()",
            f"    whole.compose(before, range({n}), inplace=True)",
            "    whole.compose(c, inplace=True)",
            "    result = simulator.run(transpile(whole, simulator, optimization_level=0), shots=8192).result()",
            "    seen = {}",
            "    for record, count in result.data()['counts'].items():",
            f"        key = tuple(int(record, 16) >> k & 1 for k in {earlier!r})",
            f"        seen.setdefault(key, [0, 0])[int(record, 16) >> {bit} & 1] += count",
            f"    print('frequency of c{bit} = 1, by the bits {earlier!r} before it')",
            "    print({key: ones / (zeros + ones) for key, (zeros, ones) in sorted(seen.items())})",
        ],
        imports=("from qiskit import transpile", "from qiskit_aer import AerSimulator"),
    )
