"""Whatever a parser raises, as one sentence.

Rule: an exception or a Rust panic of a library becomes `CannotLoad`; an interrupt and an exit stay what they are.
A panic (pyo3's `PanicException`) derives from `BaseException`, so it is told by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from qverify.errors import CannotLoad, Unusable

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
MAX_MESSAGE = 200


@contextmanager
def refusing_panics(sentence: str, line: int | None = None) -> Iterator[None]:
    """Turn anything that a parser raises into a refusal; `{}` in the sentence is what the parser said.

    Raises:
        CannotLoad: the block raised.
    """
    try:
        yield
    except (Unusable, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except RecursionError:
        raise CannotLoad("the circuit is nested too deeply; write it more plainly", line=line) from None
    except MemoryError:
        raise CannotLoad("the circuit does not fit into memory; make it smaller", line=line) from None
    except BaseException as fault:
        if not isinstance(fault, Exception) and type(fault).__name__ != "PanicException":
            raise
        raise CannotLoad(sentence.format(plainly(fault)), line=line) from None


def plainly(fault: BaseException) -> str:
    """The first line of what an exception says, short and without colours."""
    text = _ANSI.sub("", str(fault)).strip().strip("'\"")
    first = text.splitlines()[0].strip() if text else ""
    return (first or type(fault).__name__)[:MAX_MESSAGE].rstrip(".")
