"""The first strings of twisted walks, drawn site by site from the observable's weights times a look-ahead.

    chance(P) ~ weight(P) F(P),   F a train of letters;   every letter given those left of it

Source: conditional sampling of matrix product states, Ferris and Vidal, Phys. Rev. B 85, 165146 (2012).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.trainability.chain import End
from qverify.trainability.train_ends import ORDER, Train
from qverify.trainability.walk import total_weight

Real = NDArray[np.float64]
Codes = NDArray[np.uint8]


def first_strings(
    ends: tuple[End, ...], look: Train, rng: Generator, sizes: tuple[int, list[int], float]
) -> tuple[Codes, Real]:
    """Letters (sites, count) as x + 2 z, and the natural logs of weight over chance, (count,).

    Args:
        sizes: how many; the site of each wire; the share of every draw that is from the weights alone.
    """
    count, sites, share = sizes
    live = [end for end in ends if total_weight((end,)) > -math.inf]
    tables = [_table(end, sites) for end in live]
    rights = [_rights(look, table) for table in tables]
    prior = np.exp2(np.array([total_weight((end,)) for end in live]) - total_weight(ends))
    guess = np.array(
        [max(0.0, float(envs[0][0][0])) * 2.0 ** min(0.0, envs[0][1] - _top(rights)) for envs in rights]
    )
    guess *= np.array([end.weight for end in live])
    chances = (1.0 - share) * guess / guess.sum() + share * prior if guess.sum() > 0.0 else prior
    chances /= chances.sum()
    which = rng.choice(len(live), count, p=chances)
    letters = np.zeros((len(sites), count), dtype=np.uint8)
    logs = np.zeros(count)
    for k, end in enumerate(live):
        mine = np.flatnonzero(which == k)
        if mine.size:
            letters[:, mine], logs[mine] = _strings(
                look, tables[k], [r for r, _ in rights[k]], rng, (mine.size, share)
            )
            logs[mine] += math.log(end.weight / chances[k])
    return letters, logs


def _top(rights: list[list[tuple[Real, float]]]) -> float:
    return max(envs[0][1] for envs in rights)


def _table(end: End, sites: list[int]) -> Real:
    """Weights of I, X, Z, Y on every site."""
    table = np.zeros((len(sites), 4))
    table[:, 0] = 1.0
    for wire, weights in end.letters.items():
        table[sites[wire]] = np.array(weights)[ORDER]
    return table


def _rights(look: Train, table: Real) -> list[tuple[Real, float]]:
    """What is to come right of each site, summed over letters: a vector and log2 of its factor."""
    envs = [(np.ones(1), 0.0)]
    for core, weights in zip(reversed(look.cores), reversed(table), strict=True):
        vector = np.einsum("c,acb,b->a", weights, core, envs[-1][0])
        norm = float(np.abs(vector).max())
        envs.append((vector / norm, envs[-1][1] + math.log2(norm)) if norm > 0.0 else (vector, -math.inf))
    return envs[::-1]


def _strings(
    look: Train, table: Real, rights: list[Real], rng: Generator, sizes: tuple[int, float]
) -> tuple[Codes, Real]:
    """Strings site by site, and the logs of weight over chance."""
    count, share = sizes
    letters = np.zeros((len(table), count), dtype=np.uint8)
    logs = np.zeros(count)
    left = np.ones((1, count))
    everyone = np.arange(count)
    for i, (core, weights) in enumerate(zip(look.cores, table, strict=True)):
        onward = np.tensordot(core, left, axes=(0, 0))  # (c, b, N)
        if np.count_nonzero(weights) == 1:
            chosen = np.full(count, int(np.flatnonzero(weights)[0]))
            logs += math.log(weights.max())
        else:
            guess = np.maximum(np.einsum("c,cbn,b->cn", weights, onward, rights[i + 1]), 0.0)
            prior = (weights / weights.sum())[:, None]
            total = guess.sum(axis=0)
            guess = np.where(total > 0.0, guess / np.where(total > 0.0, total, 1.0), prior)
            chances = (1.0 - share) * guess + share * prior
            ladder = np.cumsum(chances, axis=0)
            chosen = np.minimum((rng.random(count) * ladder[-1] >= ladder).sum(axis=0), np.flatnonzero(weights)[-1])
            logs += np.log(weights[chosen] * ladder[-1] / chances[chosen, everyone])
        letters[i] = chosen
        left, _ = flat(onward[chosen, :, everyone].T)
    return letters, logs


def flat(vectors: Real) -> tuple[Real, Real]:
    """Columns divided by their largest entry, and that entry; a zero column stays."""
    top = np.abs(vectors).max(axis=0)
    top = np.where(top > 0.0, top, 1.0)
    return vectors / top, top
