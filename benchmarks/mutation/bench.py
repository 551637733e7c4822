"""Mutants of circuits from MQT Bench: does `decide` kill every one that differs, and accuse none that does not?

Circuits: at the level of the algorithm where that is made of standard gates, else target-independent or of native
gates; composite gates are written out and final measurements dropped, except in the three that measure and branch.
Every third mutant of at most 8 wires is also compiled by Qiskit (level 2, basis rz, sx, x, cx) and compared with
the original as the compiler leaves it.
Source: Quetschlich, Burgholzer and Wille, MQT Bench, Quantum 7, 1062 (2023), arXiv:2204.13719.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ControlFlowOp, Gate
from qiskit.circuit.library import standard_gates

from qverify.structure import is_dynamic
from qverify.subject import make_subject

from .dynamic import ALL_KINDS
from .edits import KINDS, edited
from .outcome import Known, Outcome
from .shipped import all_edits, decided, seed_of
from .truth import MATRIX_WIRES, Setting, Truth

BASIS = ["rz", "sx", "x", "cx"]
STANDARD = {kind for kind in vars(standard_gates).values() if isinstance(kind, type)}
SEEDS = {"graphstate": {"seed": 1}}  # every other is the same in every run
COMPILED = 3  # one in so many mutants is also compiled
WIDEST_GATE = 4  # wires; a wider one is written out


@dataclass(frozen=True)
class Row:
    """A benchmark: its name there, its size, and its level: alg, indep or native."""

    name: str
    size: int
    level: str

    def __str__(self) -> str:
        return f"{self.name} {self.size} {self.level}"


ROWS = (
    Row("ae", 6, "indep"), Row("bmw_quark_cardinality", 5, "alg"), Row("bmw_quark_copula", 6, "alg"),
    Row("bv", 17, "alg"), Row("cdkm_ripple_carry_adder", 8, "indep"), Row("dj", 8, "indep"),
    Row("draper_qft_adder", 8, "indep"), Row("ghz", 20, "alg"), Row("graphstate", 16, "alg"),
    Row("grover", 5, "indep"), Row("hhl", 5, "indep"), Row("modular_adder", 6, "native"), Row("qaoa", 8, "alg"),
    Row("qft", 8, "indep"), Row("qft", 14, "indep"), Row("qftentangled", 7, "native"), Row("qnn", 8, "alg"),
    Row("qpeexact", 9, "alg"), Row("qpeinexact", 6, "native"), Row("qpeinexact", 12, "alg"),
    Row("qwalk", 6, "alg"), Row("randomcircuit", 6, "indep"), Row("vbe_ripple_carry_adder", 7, "indep"),
    Row("vqe_real_amp", 10, "alg"), Row("vqe_su2", 6, "native"), Row("vqe_two_local", 7, "alg"),
    Row("vqe_real_amp", 16, "alg"), Row("qaoa", 12, "alg"), Row("wstate", 12, "alg"), Row("wstate", 6, "native"),
    Row("dynamic_qft", 4, "alg"), Row("ghz_dynamic", 5, "alg"), Row("iqpe", 4, "alg"),
)  # fmt: skip


def available() -> bool:
    """Whether MQT Bench is installed."""
    try:
        import mqt.bench  # noqa: F401
    except ImportError:
        return False
    return True


def circuit_of(row: Row) -> QuantumCircuit:
    """The circuit of a row, of standard gates and, where it branches, measurements."""
    from mqt.bench import BenchmarkLevel, get_benchmark
    from mqt.bench.targets import get_target_for_gateset

    level = {"alg": BenchmarkLevel.ALG, "indep": BenchmarkLevel.INDEP, "native": BenchmarkLevel.NATIVEGATES}
    target = get_target_for_gateset("ibm_falcon", num_qubits=row.size) if row.level == "native" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_benchmark(
            row.name, level[row.level], row.size, target=target, random_parameters=False, **SEEDS.get(row.name, {})
        )
    if not any(isinstance(item.operation, ControlFlowOp) for item in found.data):
        found.remove_final_measurements(inplace=True)
    return written_out(found)


def written_out(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit with composite and wide gates replaced by their definitions; barriers and layout dropped."""
    out = QuantumCircuit(*circuit.qregs, *circuit.cregs, global_phase=circuit.global_phase)
    for item in circuit.data:
        if item.operation.name != "barrier":
            out.append(item)
    while names := {
        i.operation.name for i in out.data if isinstance(i.operation, Gate) and not _plain(i.operation)
    }:
        out = out.decompose(sorted(names))
    return out


def _plain(gate: Gate) -> bool:
    return gate.name == "unitary" or (gate.base_class in STANDARD and gate.num_qubits <= WIDEST_GATE)


def bench_outcomes(row: Row, places: int, known: Known) -> Iterator[Outcome]:
    """Every drawn mutant of one benchmark circuit, some compiled as well; those in `known` as they were."""
    circuit, name = circuit_of(row), str(row)
    parameters = tuple(p.name for p in circuit.parameters)
    original = make_subject(name, circuit, parameters)
    setting = Setting(dict.fromkeys(parameters, (-math.pi, math.pi)), is_dynamic(circuit))
    truth = Truth(circuit, setting, seed_of(name))
    narrow = circuit.num_qubits <= MATRIX_WIRES and not setting.dynamic
    kinds = ALL_KINDS if setting.dynamic else KINDS
    edits = ((kind, edit) for kind, edit, drawn in all_edits(circuit, name, places, kinds) if drawn)
    for k, (kind, edit) in enumerate(edits):
        names = [name, f"{name} compiled"] if narrow and k % COMPILED == 0 else [name]
        for each in names:
            before = known.get(f"{each}: {kind}: {edit.where}")
            if before is not None:
                yield before
                continue
            mutant = edited(circuit, edit)
            if each != name:
                mutant = transpile(mutant, basis_gates=BASIS, optimization_level=2, seed_transpiler=1)
            distance = truth.distance(mutant)
            equal = distance <= truth.rounding
            verdict, method, seconds = decided(original, make_subject(each, mutant, parameters))
            yield Outcome(each, kind, edit.where, equal, equal, distance, verdict, method, seconds)
