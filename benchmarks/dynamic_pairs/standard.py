"""Circuits with feed-forward that people write: the originals of the mutants.

Sources: Bennett et al., Phys. Rev. Lett. 70, 1895 (1993); Zukowski et al., Phys. Rev. Lett. 71, 4287 (1993);
Griffiths and Niu, Phys. Rev. Lett. 76, 3228 (1996); Nielsen and Chuang (2010), sec. 5.2 and 10.1.
"""

from __future__ import annotations

from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.circuit.classical import expr

from benchmarks.dynamic import reused_bernstein_vazirani
from benchmarks.feed_forward import fourier, iterative_phase_estimation


def teleportation() -> QuantumCircuit:
    """A rotated wire sent to the third one."""
    out = QuantumCircuit(3, 2)
    out.ry(Parameter("theta"), 0)
    out.h(1)
    out.cx(1, 2)
    out.cx(0, 1)
    out.h(0)
    out.measure([0, 1], [0, 1])
    with out.if_test((out.clbits[1], 1)):
        out.x(2)
    with out.if_test((out.clbits[0], 1)):
        out.z(2)
    return out


def entanglement_swapping() -> QuantumCircuit:
    """Two pairs, a Bell measurement between them, and the corrections by a switch on the register."""
    out = QuantumCircuit(QuantumRegister(4), ClassicalRegister(2, "m"))
    for k in (0, 2):
        out.h(k)
        out.cx(k, k + 1)
    out.cx(1, 2)
    out.h(1)
    out.measure([1, 2], [0, 1])
    with out.switch(out.cregs[0]) as case:
        with case(1):
            out.z(3)
        with case(2):
            out.x(3)
        with case(3):
            out.x(3)
            out.z(3)
    return out


def repetition_code(rounds: int = 2) -> QuantumCircuit:
    """Three wires, two syndrome wires, corrections by the register's value; the syndrome wires are used again."""
    out = QuantumCircuit(QuantumRegister(5), ClassicalRegister(2, "s"))
    out.cx(0, 1)
    out.cx(0, 2)
    for _ in range(rounds):
        for k in (3, 4):
            out.reset(k)
            out.cx(k - 3, k)
            out.cx(k - 2, k)
            out.measure(k, k - 3)
        for value, wire in ((1, 0), (3, 1), (2, 2)):
            with out.if_test((out.cregs[0], value)):
                out.x(wire)
    return out


def active_reset() -> QuantumCircuit:
    """Three turns of measure and correct, then the wire is used."""
    out = QuantumCircuit(2, 2)
    out.ry(Parameter("theta"), 0)
    with out.for_loop(range(3)):
        out.measure(0, 0)
        with out.if_test((out.clbits[0], 1)):
            out.x(0)
    out.h(0)
    out.cx(0, 1)
    out.measure(1, 1)
    return out


def reset_and_reuse() -> QuantumCircuit:
    """A chain of correlated outcomes from two wires, one of them reset and used again."""
    out = QuantumCircuit(2, 3)
    out.h(0)
    for k in range(3):
        out.cx(0, 1)
        out.measure(1, k)
        out.reset(1)
        out.ry(0.4 + 0.3 * k, 0)
    with out.if_test(expr.bit_xor(out.clbits[0], out.clbits[2])):
        out.x(1)
    return out


def forget_or_keep() -> QuantumCircuit:
    """A measured wire decides, through `else` and a nested branch, what happens to another."""
    out, theta, phi = QuantumCircuit(2, 2), Parameter("theta"), Parameter("phi")
    out.rx(theta, 0)
    out.cx(0, 1)
    out.measure(0, 0)
    with out.if_test((out.clbits[0], 1)) as otherwise:
        out.ry(phi, 1)
        out.measure(1, 1)
        with out.if_test((out.clbits[1], 0)):
            out.reset(1)
    with otherwise:
        out.rz(phi, 1)
        out.h(1)
    return out


def standard() -> dict[str, QuantumCircuit]:
    """The circuits by name."""
    return {
        "teleportation": teleportation(),
        "entanglement swapping": entanglement_swapping(),
        "phase estimation, 3 rounds": iterative_phase_estimation(3),
        "phase estimation, 5 rounds": iterative_phase_estimation(5),
        "Bernstein-Vazirani, 4 bits": reused_bernstein_vazirani(4),
        "Fourier transform, 4 wires": fourier(4, semiclassical=True),
        "repetition code": repetition_code(),
        "active reset": active_reset(),
        "reset and reuse": reset_and_reuse(),
        "forget or keep": forget_or_keep(),
    }
