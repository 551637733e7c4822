"""Inputs of an OpenQASM 3 program as Qiskit parameters, in declared order.

Rule: `input float a;` and `input angle a;` are the parameter `a`. Qiskit writes the elements of a ParameterVector
`t` of length N as `_t_0_` .. `_t_{N-1}_`, in an order of its own; where a program declares exactly such a family,
each number once, it is the vector again: `t[0]` .. `t[N-1]`, placed in index order where the first one is declared.
Source: Qiskit 2.6 `qiskit/qasm3/exporter.py`, the escaping of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from qiskit.circuit import Parameter, ParameterVector

_ELEMENT = re.compile(r"_(.+)_(\d{1,5})_", re.DOTALL)


class Inputs:
    """The inputs of one program.

    Args:
        names: all inputs of the program, in declared order, without repetition.
    """

    def __init__(self, names: Iterable[str]) -> None:
        order = list(dict.fromkeys(names))
        families: dict[str, set[int]] = {}
        for name in order:
            if (found := _ELEMENT.fullmatch(name)) and str(int(found.group(2))) == found.group(2):
                families.setdefault(found.group(1), set()).add(int(found.group(2)))
        vectors = {
            base: ParameterVector(base, len(numbers))
            for base, numbers in families.items()
            if numbers == set(range(len(numbers)))
        }
        self.parameters: dict[str, Parameter] = {}
        for name in order:
            found = _ELEMENT.fullmatch(name)
            if found and found.group(1) in vectors and str(int(found.group(2))) == found.group(2):
                for k, element in enumerate(vectors[found.group(1)]):
                    self.parameters.setdefault(f"_{found.group(1)}_{k}_", element)
            else:
                self.parameters[name] = Parameter(name)

    def declared(self) -> tuple[Parameter, ...]:
        """All parameters, in declared order."""
        return tuple(self.parameters.values())
