"""Families of circuits, one for every number of qubits, with what is known of their gradients.

A family is a function n -> (circuit, observable): the circuit at n qubits and the text of what is measured. Every
weight is a parameter of its own and enters one gate, so the second moments are those of `chain`. `focus` names the
parameter whose gradient the expected class is about; in a tensor network it belongs to the block at the canonical
centre, the farthest from the measured wire.

The blocks of the tensor networks are general two-qubit gates in 15 angles: RZ RY RZ on both wires, RXX RYY RZZ, RZ
RY RZ on both (Cartan's form; Vatan and Williams, Phys. Rev. A 69, 032315 (2004), arXiv:quant-ph/0308006). Uniform
angles make them near a 2-design and not one: each turn is a fair coin, so walks have dyadic weights, and a 2-design
has fifteenths. The staircase decays by 0.417 a block where a 2-design has 0.4; the classes are the same.
Sources: Chen, Yoo, Fang, arXiv:2009.01783 (2020); McClean et al., Nat. Commun. 9, 4812 (2018); Cerezo et al., Nat.
Commun. 12, 1791 (2021); Cervero Martin, Plekhanov, Lubasch, Quantum 7, 974 (2023), arXiv:2209.00292.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from qiskit.circuit import Parameter, QuantumCircuit

from qverify.errors import Unusable

Built = tuple[QuantumCircuit, str]
MAX_PARAMETERS = 5_000_000  # a few GB of Qiskit objects


@dataclass(frozen=True)
class Family:
    """Circuits of one kind.

    focus: n -> the parameter whose gradient variance has the class `expected` in n.
    features: what the names of parameters begin with that are data, empty where there are none.
    least: the smallest n.
    """

    name: str
    title: str
    source: str
    expected: str
    build: Callable[[int], Built]
    focus: Callable[[int], str]
    features: str = ""
    least: int = 2

    def __call__(self, n: int) -> Built:
        """The circuit at n qubits and the observable.

        Raises:
            Unusable: n is below `least`, or not a power of two where the family needs one.
        """
        if n < self.least:
            raise Unusable(f"the family `{self.name}` begins at {self.least} qubits, but {n} were asked for")
        return self.build(n)


def family(name: str) -> Family:
    """A family by its name; `hea:4` is `hea` with 4 layers, and so for the other families with layers.

    Raises:
        Unusable: there is none of that name, or it has no layers.
    """
    word, _, layers = name.partition(":")
    found = FAMILIES.get(word)
    if found is None:
        raise Unusable(f"there is no family `{word}`; there are {', '.join(sorted(FAMILIES))}")
    if not layers:
        return found
    if word not in _LAYERED or not layers.isdecimal() or int(layers) < 1:
        raise Unusable(f"`{name}` asks for layers; write for example `hea:4`, for one of {', '.join(_LAYERED)}")
    expected = "constant" if word == "hea" else found.expected  # a light cone of fixed width, or a global cost
    build = partial(_LAYERED[word], layers=int(layers))
    return Family(name, f"{found.title}, L = {layers}", found.source, expected, build, found.focus)


def qlstm(n: int) -> Built:
    """The published VQC: H, RY(arctan x), RZ(arctan x**2), then twice two rings of CNOTs and RZ RY RZ on each wire.

    At n = 4 it is `circuits/chen2020/forget.qasm`, with its names. Rings are CNOTs from i to i + 1 and i to i + 2.
    """
    qc = QuantumCircuit(n)
    for i in range(n):
        qc.h(i)
    for i in range(n):
        x = Parameter(f"x{i}")
        qc.ry(x.arctan(), i)
        qc.rz((x**2).arctan(), i)
    for layer in range(2):
        for step in (1, 2):
            for i in range(n):
                if (i + step) % n != i:
                    qc.cx(i, (i + step) % n)
        for i in range(n):
            qc.rz(Parameter(f"alpha_{layer}_{i}"), i)
            qc.ry(Parameter(f"beta_{layer}_{i}"), i)
            qc.rz(Parameter(f"gamma_{layer}_{i}"), i)
    return qc, "Z0"


def hardware_efficient(n: int, layers: int | None = None, observable: str = "Z0") -> Built:
    """RY and RZ on each wire, then CZ along a line; `layers` times, n if not said."""
    depth = n if layers is None else layers
    _guard(2 * n * depth, n)
    qc = QuantumCircuit(n)
    for layer in range(depth):
        for i in range(n):
            qc.ry(Parameter(f"ry_{layer}_{i}"), i)
            qc.rz(Parameter(f"rz_{layer}_{i}"), i)
        for i in range(n - 1):
            qc.cz(i, i + 1)
    return qc, observable


def hardware_efficient_global(n: int, layers: int | None = None) -> Built:
    """The same with Z on every wire."""
    return hardware_efficient(n, layers, " ".join(f"Z{i}" for i in range(n)))


def ry_product(n: int, observable: str = "zeros") -> Built:
    """RY on each wire. With |0...0><0...0|: Var d_k = (1/8) (3/8)**(n - 1); with P0 of wire 0: 1/8."""
    qc = QuantumCircuit(n)
    for i in range(n):
        qc.ry(Parameter(f"theta_{i}"), i)
    return qc, observable


def ry_product_local(n: int) -> Built:
    """RY on each wire and the mean of P0 over the wires: Var d_k = 1/(8 n**2)."""
    return ry_product(n, " + ".join(f"{1.0 / n!r}*P0[{i}]" for i in range(n)))


def qmps(n: int) -> Built:
    """A staircase of blocks on the wires (i, i + 1), from the canonical centre at wire 0; Z on the last wire."""
    return _network(n, [(i, i + 1) for i in range(n - 1)], f"Z{n - 1}")


def qttn(n: int) -> Built:
    """A binary tree: the root block joins the two halves, each half splits again; Z on the last wire. Any n."""
    pairs: list[tuple[int, int]] = []
    halves = [(0, n)]
    while halves:
        pairs += [(lo, (lo + hi) // 2) for lo, hi in halves]
        split = [half for lo, hi in halves for half in ((lo, (lo + hi) // 2), ((lo + hi) // 2, hi))]
        halves = [(lo, hi) for lo, hi in split if hi - lo > 1]
    return _network(n, pairs, f"Z{n - 1}")


def qmera(n: int) -> Built:
    """The binary tree with a layer of disentanglers between neighbours after each level, open ends; n = 2**k.

    Z in the middle, on wire n / 2: the wires at the ends meet no disentangler.
    """
    if n & (n - 1):
        raise Unusable(f"the family `qmera` needs a power of two, but {n} qubits were asked for")
    pairs: list[tuple[int, int]] = []
    stride = n // 2
    while stride:
        pairs += [(i, i + stride) for i in range(0, n, 2 * stride)]
        pairs += [(i, i + stride) for i in range(stride, n - stride, 2 * stride)]
        stride //= 2
    return _network(n, pairs, f"Z{n // 2}")


def _network(n: int, pairs: list[tuple[int, int]], observable: str) -> Built:
    """A block on each pair in turn; the first is at the canonical centre."""
    _guard(15 * len(pairs), n)
    qc = QuantumCircuit(n)
    for k, (i, j) in enumerate(pairs):
        angles = [Parameter(f"b{k}_{letter}") for letter in _ANGLES]
        for wire, (first, middle, last) in ((i, angles[0:3]), (j, angles[3:6])):
            qc.rz(first, wire)
            qc.ry(middle, wire)
            qc.rz(last, wire)
        qc.rxx(angles[6], i, j)
        qc.ryy(angles[7], i, j)
        qc.rzz(angles[8], i, j)
        for wire, (first, middle, last) in ((i, angles[9:12]), (j, angles[12:15])):
            qc.rz(first, wire)
            qc.ry(middle, wire)
            qc.rz(last, wire)
    return qc, observable


_ANGLES = ("a0", "a1", "a2", "b0", "b1", "b2", "xx", "yy", "zz", "c0", "c1", "c2", "d0", "d1", "d2")


def _guard(count: int, n: int) -> None:
    if count > MAX_PARAMETERS:
        raise Unusable(f"{n} qubits make {count} parameters, and at most {MAX_PARAMETERS} are built")


_MCCLEAN = "McClean et al. 2018, Nat. Commun. 9, 4812; Cerezo et al. 2021, Nat. Commun. 12, 1791"
_CEREZO = "Cerezo et al. 2021, Nat. Commun. 12, 1791"
_CERVERO = "Cervero Martin, Plekhanov, Lubasch 2023, Quantum 7, 974"
_LAYERED: dict[str, Callable[..., Built]] = {"hea": hardware_efficient, "hea_global": hardware_efficient_global}

FAMILIES: dict[str, Family] = {
    made.name: made
    for made in (
        Family(
            "qlstm", "QLSTM's VQC at any width, Z on wire 0", "Chen, Yoo, Fang 2020, arXiv:2009.01783", "constant",
            qlstm, lambda _: "beta_1_0", features="x", least=1,
        ),
        Family(
            "hea", "hardware-efficient (RY, RZ, CZ line), L = n, Z on wire 0", _MCCLEAN, "exponential",
            hardware_efficient, lambda _: "ry_0_0", least=1,
        ),
        Family(
            "hea_global", "hardware-efficient (RY, RZ, CZ line), L = n, Z on all wires", _MCCLEAN, "exponential",
            hardware_efficient_global, lambda _: "ry_0_0", least=1,
        ),
        Family(
            "ry_global", "a product of RY, the global cost", _CEREZO, "exponential",
            ry_product, lambda _: "theta_0", least=1,
        ),
        Family(
            "ry_local", "a product of RY, the local cost", _CEREZO, "polynomial",
            ry_product_local, lambda _: "theta_0", least=1,
        ),
        Family(
            "qmps", "matrix product state: a staircase of general blocks, Z at its end", _CERVERO, "exponential",
            qmps, lambda _: "b0_xx",
        ),
        Family(
            "qttn", "tree tensor network: a binary tree of general blocks, Z at a leaf", _CERVERO, "polynomial",
            qttn, lambda _: "b0_xx",
        ),
        Family(
            "qmera", "entanglement renormalisation: a tree with disentanglers, Z inside", _CERVERO, "polynomial",
            qmera, lambda _: "b0_xx",
        ),
    )
}  # fmt: skip
