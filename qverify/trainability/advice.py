"""What to do about gradients that are too small: each remedy measured on this very circuit.

    v = max over weights k of Var[d_k O] / ||O||**2      passes: lower end >= bound,  fails: upper end < bound

Remedies: another claimed observable; the local cost of a global one, (1/m) sum of its m factors, and each factor
alone; fewer layers, the most that pass, by bisection where there are many; weights drawn near zero, and the widest
`uniform(-w, w)` that passes, by halving and then bisection; a tree of blocks on as many wires. Where none passes
alone, the local cost together with the others.
Source: Cerezo et al., Nat. Commun. 12, 1791 (2021), for local costs; Zhang et al., NeurIPS 35 (2022),
arXiv:2203.09376, for laws whose width falls with depth; Cervero Martin et al., Quantum 7, 974 (2023), for the tree.
Cost: at most MOST answers of `respond`, at a relative error of 0.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.errors import counted
from qverify.subject import Observable, parse_observable
from qverify.trainability.answer import Advice, Remedy
from qverify.trainability.families import qttn
from qverify.trainability.laws import Law, parse_law
from qverify.trainability.layers import FEWEST_STEPS, Layers, first_layers, first_steps, layers_of, steps_in
from qverify.trainability.remedies import Case, Effort, Looks, effort_of, is_sampled, judged, largest
from qverify.trainability.route import Question, Responses

NEAR_ZERO = ("normal(0, 0.1)", "uniform(-0.3, 0.3)")
FIRST_WIDTH = 1.57  # radians; a quarter turn either way


def advise(
    circuit: QuantumCircuit,
    question: Question,
    answer: Responses,
    threshold: float,
    source: str,
    rng: Generator,
    claimed: Iterable[Observable] = (),
) -> Advice:
    """The judgement of a circuit's gradients, and what would change it.

    Args:
        answer: what `respond` said to the question.
        threshold: of the largest variance over ||O||**2; source: who says so, in words.
        claimed: the observables that may be read instead.

    Raises:
        Unusable: the observable is zero.
    """
    top = largest(answer, question.observable)
    verdict = judged(top, threshold)
    scale = question.observable.bound**2
    alive = [(n, m) for n, m in zip(answer.names, answer.variances, strict=True) if n not in answer.dead]
    below = tuple(n for n, m in alive if m.hi / scale < threshold)
    dead = tuple(n for n in answer.names if n in answer.dead)
    remedies: tuple[Remedy, ...] = ()
    if verdict != "passes":
        looks = Looks(question, threshold, rng)
        others = [o for o in claimed if o.text != question.observable.text]
        remedies = tuple(_remedies(circuit, looks, others, effort_of(circuit, is_sampled(answer.method))))
    return Advice(
        threshold, source, question.observable.text, top, verdict, below, dead, remedies, question.confidence
    )


def _remedies(circuit: QuantumCircuit, looks: Looks, claimed: list[Observable], effort: Effort) -> Iterator[Remedy]:
    question = looks.question
    found = [looks.measure(case) for case in _claimed(circuit, question, claimed[: effort.claimed])]
    local = local_cost(question.observable, circuit)
    found += _local(circuit, looks, local, effort.single)
    found += _fewer(circuit, looks, effort.layers)
    near = [looks.measure(_drawn("near zero", circuit, question, law)) for law in NEAR_ZERO]
    widths = min(effort.widths, effort_of(circuit, any(is_sampled(r.message) for r in near)).widths)
    found += [*near, *_widest(circuit, looks, widths), *_tree(circuit, looks)]
    if local and not any(r.verdict == "passes" for r in found):
        found += [looks.measure(case) for case in _together(circuit, question, local)]
    yield from found


# ------------------------------------------------------------------------------ what is read


def local_cost(observable: Observable, circuit: QuantumCircuit) -> tuple[Observable, ...]:
    """The mean of the factors of products, and each of them alone; nothing where no term is a product."""
    products = [term.factors for term in observable.terms if len(term.factors) > 1]
    factors = sorted({f for product in products for f in product}, key=lambda f: (f[1], f[0]))
    if len(factors) < 2:
        return ()
    words = [f"P0[{k}]" if kind == "P" else f"{kind}{k}" for kind, k in factors]
    texts = [" + ".join(f"{1 / len(words)!r}*{word}" for word in words), *words]
    return tuple(parse_observable(text, circuit.num_qubits, circuit.num_clbits) for text in texts)


def _claimed(circuit: QuantumCircuit, question: Question, claimed: list[Observable]) -> Iterator[Case]:
    for observable in claimed:
        change = f"read {observable.text} instead, claimed too"
        yield Case("observable", change, circuit, replace(question, observable=observable))


def _local(circuit: QuantumCircuit, looks: Looks, local: tuple[Observable, ...], most: int) -> list[Remedy]:
    """The mean of all factors, and the best of some of them alone."""
    if not local:
        return []
    mean, singles = local[0], local[1:]
    words = f"the mean of {singles[0].text} .. {singles[-1].text}" if len(singles) > 2 else mean.text
    found = [looks.measure(Case("local cost", words, circuit, replace(looks.question, observable=mean)))]
    at = np.unique(np.linspace(0, len(singles) - 1, min(most, len(singles))).round().astype(int))
    tried = [
        looks.measure(
            Case(
                "local cost",
                f"{singles[k].text} alone, the best of {counted(len(at), 'wire')} tried",
                circuit,
                replace(looks.question, observable=singles[k]),
            )
        )
        for k in at
    ]
    return [*found, max(tried, key=_lower)]


def _lower(remedy: Remedy) -> float:
    return -math.inf if remedy.top is None or remedy.top.log2_lo is None else remedy.top.log2_lo


# ------------------------------------------------------------------------------ what is run


def _fewer(circuit: QuantumCircuit, looks: Looks, most: int) -> list[Remedy]:
    """The most layers that pass; the fewest tried where none does.

    Where there are more than may be tried, found by bisection: no theorem says that each layer makes it smaller.
    """
    layers = layers_of(circuit)
    count = layers.count if layers else steps_in(circuit)
    if count < (2 if layers else FEWEST_STEPS):
        return []
    tried = dict[int, Remedy]()

    def look(some: int) -> bool:
        tried[some] = looks.measure(_cut("fewer layers", circuit, looks.question, layers, some))
        return tried[some].verdict == "passes"

    if count - 1 <= most:
        passing = next((some for some in range(count - 1, 0, -1) if look(some)), 0)
        return [tried[passing or 1]]
    passing, failing = 0, count
    while failing - passing > 1 and len(tried) < most:
        some = (passing + failing) // 2
        passing, failing = (some, failing) if look(some) else (passing, some)
    return [tried[passing or failing]]


def _cut(kind: str, circuit: QuantumCircuit, question: Question, layers: Layers | None, count: int) -> Case:
    if layers:
        words = f"{count} of {layers.count} layers ({layers.sign})"
        less = first_layers(circuit, layers, count)
    else:
        words = f"the first {count} of {steps_in(circuit)} time steps (no layers were recognised)"
        less = first_steps(circuit, count)
    there = {p.name for p in less.parameters}
    return Case(
        kind,
        words,
        less,
        replace(
            question,
            weights=tuple(name for name in question.weights if name in there),
            laws={name: law for name, law in question.laws.items() if name in there},
            features=tuple(name for name in question.features if name in there),
        ),
    )


def _tree(circuit: QuantumCircuit, looks: Looks) -> list[Remedy]:
    """Another architecture of the same width."""
    n = circuit.num_qubits
    if n < 2 or circuit.num_clbits:
        return []
    tree, text = qttn(n)
    weights = tuple(p.name for p in tree.parameters)
    asked = replace(looks.question, observable=parse_observable(text, n, 0), weights=weights)
    asked = replace(asked, laws={}, features=(), zero_wires=None)
    return [looks.measure(Case("architecture", f"a tree of blocks on {n} wires (family qttn)", tree, asked))]


# ------------------------------------------------------------------------------ where it starts


def _drawn(kind: str, circuit: QuantumCircuit, question: Question, law: str) -> Case:
    """Every weight drawn by the law."""
    laws: dict[str, Law] = {**question.laws, **dict.fromkeys(question.weights, parse_law(law))}
    return Case(kind, f"every weight by {law}", circuit, replace(question, laws=laws), f"*={law}")


def _widest(circuit: QuantumCircuit, looks: Looks, most: int) -> list[Remedy]:
    """The widest `uniform(-w, w)` that passes, w to three digits; nothing where none tried does."""
    if not most:
        return []
    halvings, width = max(min(most, 3), most - 2), FIRST_WIDTH
    best = looks.measure(_uniform(circuit, looks.question, width))
    for _ in range(halvings - 1):
        if best.verdict == "passes" or best.top is None:
            break
        width = _digits(width / 2)
        best = looks.measure(_uniform(circuit, looks.question, width))
    if best.verdict != "passes":
        return []
    if width == FIRST_WIDTH:
        return [best]
    wide = 2 * width
    for _ in range(most - halvings):
        middle = _digits(math.sqrt(width * wide))
        tried = looks.measure(_uniform(circuit, looks.question, middle))
        if tried.verdict == "passes":
            best, width = tried, middle
        else:
            wide = middle
    return [best]


def _uniform(circuit: QuantumCircuit, question: Question, width: float) -> Case:
    return _drawn("narrower law", circuit, question, f"uniform(-{width}, {width})")


def _digits(width: float) -> float:
    """Three digits, downwards."""
    step = 10.0 ** (math.floor(math.log10(width)) - 2)
    return float(f"{math.floor(width / step) * step:.3g}")


def _together(circuit: QuantumCircuit, question: Question, local: tuple[Observable, ...]) -> Iterator[Case]:
    """The local cost with weights near zero, and with the fewest layers."""
    asked = replace(question, observable=local[0])
    law = NEAR_ZERO[0]
    near = _drawn("together", circuit, asked, law)
    yield replace(near, change=f"the mean of the {len(local) - 1} factors, and every weight by {law}")
    layers = layers_of(circuit)
    if layers:
        less = _cut("together", circuit, asked, layers, 1)
        yield replace(less, change=f"the mean of the {len(local) - 1} factors, and {less.change}")
