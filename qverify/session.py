"""One audit from start to end: find circuits, choose policies, run, write certificates and reports.

This is where an audit touches files and the terminal; everything it calls takes and returns values.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qverify.audit import Choice, Limits, Progress, Task, audit
from qverify.certificate import certificate, encode, file_for, write_atomic
from qverify.check import all_checks
from qverify.discovery import find_circuits
from qverify.errors import BadPolicy, CannotLoad, CannotWrite
from qverify.policies import policy_at, read_policy, root_of, root_policy
from qverify.policy import Policy
from qverify.registry import check_names
from qverify.report.as_json import as_json
from qverify.report.markdown import as_markdown
from qverify.report.model import Report, SubjectReport
from qverify.report.picture import as_svg
from qverify.toml import nearest
from qverify.versions import versions

if TYPE_CHECKING:
    from rich.console import Console

WRITERS: dict[str, Callable[[Report], str]] = {"json": as_json, "md": as_markdown, "svg": as_svg}


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    paths: tuple[str, ...]
    policy: Path | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    output: tuple[str, ...]
    certificates: Path | None
    allow_python: bool
    seed: int


def run_audit(request: Request, limits: Limits, console: Console | None) -> Report:
    """Audit, write what was asked for, and return the report.

    Args:
        console: for progress, on stderr; None for none.

    Raises:
        BadPolicy: a policy, check or output format that is none (exit code 2).
        CannotLoad: a path that does not exist (exit code 3).
    """
    outputs = [_output(word) for word in request.output]
    today = datetime.datetime.now(datetime.UTC).date()
    choice = Choice(request.seed, today, _skipped(request), request.allow_python)
    tasks, roots, policy, source = _tasks(request)
    with _progress(console, len(tasks)) as progress:
        subjects = audit(tasks, choice, limits, progress)
    report = Report(subjects, policy, source, request.seed, versions())
    if request.certificates is not None and not choice.skipped:
        report = _certified(report, tasks, roots, request.certificates)
    for writer, file in outputs:
        _write(file, writer(report).encode())
    return report


def _write(file: Path, data: bytes) -> None:
    try:
        write_atomic(file, data)
    except OSError as fault:
        raise CannotWrite(f"cannot be written ({fault.strerror}); choose another file", str(file)) from None


def _output(word: str) -> tuple[Callable[[Report], str], Path]:
    form, _, file = word.partition("=")
    if form not in WRITERS or not file:
        known = ", ".join(WRITERS)
        raise BadPolicy(f"`--output {word}` is no FMT=FILE{nearest(form, list(WRITERS))}; formats: {known}")
    target = Path(file)
    if target.is_dir() or not os.access(_existing(target.parent), os.W_OK):
        raise CannotWrite("cannot be written; choose another file", file)
    return WRITERS[form], target


def _existing(folder: Path) -> Path:
    """The nearest folder on the way up that exists."""
    return folder if folder.exists() else _existing(folder.parent)


def _skipped(request: Request) -> frozenset[str]:
    names = check_names()
    for word in (*request.select, *request.ignore):
        if word not in names:
            raise BadPolicy(f"there is no check `{word}`{nearest(word, list(names))}; `qverify checks` lists them")
    left_out = set(names) - _with_required(request.select) if request.select else set()
    return frozenset(left_out | set(request.ignore))


def _with_required(selected: Iterable[str]) -> set[str]:
    """The checks that were selected, and those that they wait for."""
    wanted = set(selected)
    for found in reversed(all_checks()):  # each stands after those it requires
        wanted |= set(found.requires if found.name in wanted else ())
    return wanted


def _tasks(request: Request) -> tuple[list[Task], dict[str, str], Policy, str]:
    """Every circuit with its policy; the argument each was found below; the first root's policy and source."""
    tasks, roots, first = [], {}, None
    for argument in request.paths:
        root = root_of(argument)
        policy, source = (
            root_policy(root) if request.policy is None else (read_policy(request.policy), str(request.policy))
        )
        first = first or (policy, source)
        for path in find_circuits([argument]):
            if path not in roots:
                roots[path] = argument
                tasks.append(Task(path, policy_at(policy, root, path)))
    if first is None:
        raise CannotLoad("no path was given; name a circuit or a folder")
    return tasks, roots, *first


def _certified(report: Report, tasks: list[Task], roots: dict[str, str], folder: Path) -> Report:
    """Write a certificate for every pass, and remove the one of every subject that no longer passes."""
    written: dict[str, str] = {}
    for task, subject in zip(tasks, report.subjects, strict=True):
        file = file_for(subject.path, roots[subject.path], folder)
        try:
            if subject.verdict == "pass":
                made = certificate(subject, task.policy.version, report.seed, report.versions)
                write_atomic(file, encode(made))
                written[subject.path] = str(file)
            else:
                file.unlink(missing_ok=True)
        except OSError as fault:
            raise CannotLoad(f"the certificate cannot be written: {fault.strerror}", str(file)) from None
    return Report(report.subjects, report.policy, report.policy_source, report.seed, report.versions, written)


@contextmanager
def _progress(console: Console | None, total: int) -> Iterator[Progress]:
    """A live line on stderr with what runs now; silent where stderr is no terminal."""
    if console is None or not console.is_terminal:
        yield lambda _path, _report: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from qverify.report.text import plain

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console, transient=True) as bar:
        line, running = bar.add_task("", total=total), dict[str, None]()

        def step(path: str, report: SubjectReport | None) -> None:
            if report is None:
                running[path] = None
            else:
                running.pop(path, None)
                bar.advance(line)
            bar.update(line, description=plain(", ".join(running))[:70].replace("[", "\\["))

        yield step
