"""A subject: one circuit, what its author claims about it, and the digests that name exactly this pair.

Everything downstream (finding, verdict, certificate, admission) speaks about `Subject.digest`:

    digest = SHA-256( circuit digest, claims digest )
    claims digest = SHA-256( claims, circuit digest of the claimed reference, digests of the twins if any )

so a change of gate, wire, angle, condition, order of parameters, claim, reference or twin is another subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
from qiskit.circuit import QuantumCircuit

from qverify.digest import byte_digest, digest_of
from qverify.subject.canonical import circuit_digest
from qverify.subject.claims import NO_CLAIMS, Claims
from qverify.subject.observables import Observable, parse_observable


@dataclass(frozen=True)
class Reference:
    """The circuit that a claim says this one is equal to, and its file."""

    path: str
    circuit: QuantumCircuit = field(compare=False)
    parameters: tuple[str, ...]
    circuit_digest: str


@dataclass(frozen=True)
class Twin:
    """Another circuit in the same folder that claims the same role of the same cell.

    subject: the circuit and its claims, without reference and twins of its own; None where it cannot be read.
    fault: why not, in one sentence.
    """

    path: str
    subject: Subject | None
    fault: str = ""

    @property
    def digest(self) -> str:
        """Names circuit and claims; an unreadable twin differs from every readable one."""
        return digest_of(["unreadable", self.fault]) if self.subject is None else self.subject.digest


@dataclass(frozen=True)
class Subject:
    """A circuit under verification. Never change `circuit`: `still_as_digested` would be false.

    path: the file as the user names it.
    parameters: names in declared order.
    lines: source line of each operation of `circuit.data`, where known.
    byte_digest: of the file's bytes; informative.
    twins: the other circuits that claim its role.
    """

    path: str
    circuit: QuantumCircuit = field(compare=False)
    parameters: tuple[str, ...]
    claims: Claims
    lines: tuple[int | None, ...]
    byte_digest: str
    reference: Reference | None
    circuit_digest: str
    claims_digest: str
    digest: str
    twins: tuple[Twin, ...] = ()

    def observables(self) -> tuple[Observable, ...]:
        """The claimed observables.

        Raises:
            Unusable: one cannot be read, or reads a wire that is not there.
        """
        sizes = self.circuit.num_qubits, self.circuit.num_clbits
        return tuple(parse_observable(text, *sizes) for text in self.claims.observables)

    def still_as_digested(self) -> bool:
        """Whether the circuit in memory is still the one that was digested."""
        return circuit_digest(self.circuit, self.parameters) == self.circuit_digest


def claims_digest(claims: Claims, reference: Reference | None, twins: tuple[Twin, ...] = ()) -> str:
    """Digest of everything claimed, the content of the claimed reference and of all twins included."""
    said = {k: v for k, v in msgspec.to_builtins(claims).items() if v != getattr(NO_CLAIMS, k)}
    if claims.equivalent_to is not None and claims.equivalent_to.match == "name":
        del said["equivalent_to"]["match"]  # said by saying nothing, as before there was a choice
    others = [sorted(twin.digest for twin in twins)] if twins else []
    return digest_of([_exact(said), reference.circuit_digest if reference else None, *others])


def _exact(value: object) -> object:
    if isinstance(value, dict):
        return {k: _exact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(v) for v in value]
    return repr(value) if isinstance(value, float) else value


def make_subject(  # each argument is one part of the value
    path: str,
    circuit: QuantumCircuit,
    parameters: tuple[str, ...],
    *,
    claims: Claims = NO_CLAIMS,
    lines: tuple[int | None, ...] = (),
    data: bytes = b"",
    reference: Reference | None = None,
) -> Subject:
    """A subject with its digests computed.

    Raises:
        Unusable: an angle is not a finite real number.
    """
    content = circuit_digest(circuit, parameters)
    claimed = claims_digest(claims, reference)
    return Subject(
        path=path,
        circuit=circuit,
        parameters=parameters,
        claims=claims,
        lines=lines or (None,) * len(circuit.data),
        byte_digest=byte_digest(data),
        reference=reference,
        circuit_digest=content,
        claims_digest=claimed,
        digest=digest_of([content, claimed]),
    )


def with_twins(subject: Subject, twins: tuple[Twin, ...]) -> Subject:
    """The subject beside the other circuits that claim its role; without any it is what it was."""
    claimed = claims_digest(subject.claims, subject.reference, twins)
    digest = digest_of([subject.circuit_digest, claimed])
    return replace(subject, twins=twins, claims_digest=claimed, digest=digest)
