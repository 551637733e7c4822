"""Running something in a limited child process and getting its answer back as bytes, or the reason why not.

The child is forked from this process, has its own process group, a bound on its address space and no terminal.
Its death, a time-out and memory that runs out are values here, never exceptions of this process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess


@dataclass(frozen=True)
class Child:
    """A child at work. deadline: monotonic clock, seconds."""

    process: ForkProcess
    pipe: Connection
    deadline: float
    seconds: float
    memory: int


@dataclass(frozen=True)
class Ended:
    """How a child ended. answer: its bytes, or None. reason: one clause, where there is no answer."""

    answer: bytes | None
    timed_out: bool = False
    reason: str = ""


def start(work: Callable[[], bytes], seconds: float, memory: int) -> Child:
    """Fork a child that computes `work()`.

    Args:
        seconds: wall clock. memory: MiB of address space.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, work, memory), daemon=True)
    process.start()
    there.close()
    return Child(process, here, time.monotonic() + seconds, seconds, memory)


def _run(pipe: Connection, work: Callable[[], bytes], memory: int) -> None:
    os.setsid()  # its own process group: killing it kills what it started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    size = memory * 2**20
    with contextlib.suppress(ValueError, OSError):  # a lower hard limit is already in force
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # nothing that a library or a builder prints mixes with the report
        os.dup2(quiet, stream)
    pipe.send_bytes(work())
    pipe.close()


def collect(child: Child) -> Ended:
    """The answer of a child that is ready, dead or late; it is gone afterwards."""
    try:
        if child.pipe.poll():
            return Ended(child.pipe.recv_bytes())
        return Ended(None, timed_out=True, reason=f"took longer than {child.seconds:g} s")
    except (EOFError, OSError):
        child.process.join(5)
        return Ended(None, reason=_cause(child))
    finally:
        kill(child)
        child.pipe.close()


def _cause(child: Child) -> str:
    code = child.process.exitcode
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}; more than --memory {child.memory} may help"
    return f"ended without an answer (exit code {code}); it may need more than --memory {child.memory}"


def kill(child: Child) -> None:
    """End a child and everything that it started."""
    if child.process.is_alive() and child.process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.kill()
    child.process.join(5)


def run_isolated(work: Callable[[], bytes], seconds: float, memory: int) -> Ended:
    """Run `work()` in a child and wait for it."""
    child = start(work, seconds, memory)
    try:
        child.pipe.poll(seconds)
        return collect(child)
    finally:
        kill(child)
