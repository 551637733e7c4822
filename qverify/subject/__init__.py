"""What is verified: a circuit, the claims about it, and the digest that names exactly this pair."""

from qverify.subject.claims import Claims, EquivalentTo, parse_claims
from qverify.subject.observables import Observable, Term, parse_observable
from qverify.subject.subject import Reference, Subject, Twin, make_subject, with_twins

__all__ = [
    "Claims",
    "EquivalentTo",
    "Observable",
    "Reference",
    "Subject",
    "Term",
    "Twin",
    "make_subject",
    "parse_claims",
    "parse_observable",
    "with_twins",
]
