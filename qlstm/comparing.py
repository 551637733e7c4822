"""A comparison as it is asked for on the command line, and its rows in words: medians, and who beats whom.

One LSTM of each size and head asked for, cells that qverify admitted, persistence and autoregression. Paired tests
(paired.py) compare each cell with every other model on the test error, seed by seed, corrected over the data sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qlstm.cells import AnyCell, Cell, model
from qlstm.compare import Contestant, Kept, Question, Row, classical, compare
from qlstm.config import Config
from qlstm.errors import BadUsage
from qlstm.paired import Paired, over_sets, paired
from qlstm.run import verified_cell


@dataclass(frozen=True)
class Asked:
    """Data sets and models by name."""

    data: tuple[str, ...]
    target: str | None
    features: tuple[str, ...]
    cells: tuple[str, ...]
    classical: tuple[str, ...]


def compared(
    asked: Asked,
    config: Config,
    seeds: Iterable[int],
    out: Path | None,
    places: tuple[Path, Path, Path],
    report: Callable[[Row], None],
) -> list[Row]:
    """Run what is missing of a comparison.

    Args:
        out: file of finished rows.
        places: folders of circuits and certificates, and the policy.

    Raises:
        BadUsage: a model or data set is unknown, a cell does not take so many features, or `out` holds rows of
            another budget.
    """
    width = max(1, len(asked.features))
    contestants = [classical(name, config.window, width) for name in asked.classical]
    for name in asked.cells:
        cell = verified_cell(name, *places, 0)
        takes = _takes(cell)
        if takes != width:
            raise BadUsage(
                f"the cell `{name}` takes {takes} features and not {width}; choose others with --features"
            )
        contestants.insert(0, Contestant(model(cell, config.window), cell.qubits))
    questions = [Question(name, asked.target, asked.features) for name in asked.data]
    return compare(contestants, questions, config, seeds, Kept(out, config), report)


def _takes(cell: AnyCell) -> int:
    return 1 if isinstance(cell, Cell) else len(cell.channel.features)


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """Lines of text: one a data set and model, then one a cell, rival and data set."""
    yield (
        f"{'data':22}{'model':22}{'weights':>8}{'seeds':>6}  {'MSE median':>10} {'worst':>9} {'1-MAPE':>7} "
        f"{'2.5 %':>6} {'horizon':>7} {'s':>7}"
    )
    for (data, name), group in grouped(rows).items():
        mse = [row["mse"] for row in group]
        told = [_median(group, key) for key in ("one_minus_mape", "within_2_5", "horizon", "seconds")]
        yield (
            f"{data:22}{name:22}{group[0]['parameters']:>8}{len(group):>6}  {np.median(mse):10.2e} {max(mse):9.2e} "
            f"{told[0]:7.3f} {told[1]:6.3f} {told[2]:7.1f} {told[3]:7.2f}"
        )
    for cell in dict.fromkeys(row["model"] for row in rows if row["qubits"]):
        rivals = [name for name in dict.fromkeys(row["model"] for row in rows) if name != cell]
        for rival in rivals:
            yield ""
            yield f"{cell} against {rival}: test MSE, seed by seed; p after Holm over the data sets"
            for one in over_sets(list(_paired(rows, cell, rival))):
                yield (
                    f"  {one.data:22} {one.verdict:9} in {one.wins} of {one.seeds} seeds lower, median ratio "
                    f"{one.median_ratio:9.3g}, p {one.p_wilcoxon:.2g} (signed rank), {one.p_sign:.2g} (sign)"
                )


def _median(group: Sequence[Row], key: str) -> float:
    values = [row[key] for row in group if row.get(key) is not None]
    return float(np.median(values)) if values else float("nan")


def grouped(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by data set and model, in order of appearance."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["data"], row["model"]), []).append(row)
    return found


def _paired(rows: Sequence[Row], cell: str, rival: str) -> Iterator[Paired]:
    groups = grouped(rows)
    for data in dict.fromkeys(row["data"] for row in rows):
        ours = {row["seed"]: row["mse"] for row in groups.get((data, cell), [])}
        theirs = {row["seed"]: row["mse"] for row in groups.get((data, rival), [])}
        constant = theirs.get(None)
        seeds = sorted(ours if constant is not None else ours.keys() & theirs.keys())
        if seeds:
            b = [theirs[s] if constant is None else constant for s in seeds]
            yield paired(data, np.array([ours[s] for s in seeds]), np.array(b))
