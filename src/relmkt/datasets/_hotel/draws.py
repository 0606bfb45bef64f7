"""How does chance enter, so that one seed gives the same tables on every machine?

Only uniform doubles are taken from the generator, and only sums, products and comparisons follow: no logarithm, no
exponential, whose last bit differs between processors and would move a rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]
Shape = int | tuple[int, ...]


@frozen
class Draws:
    """A stream of chance: each source has its own, so that a new source never changes an older one's rows."""

    rng: np.random.Generator

    @classmethod
    def of(cls, seed: int, name: str) -> Draws:
        """The stream of a seed that belongs to a name."""
        return cls(np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(name.encode())]))))

    def unit(self, shape: Shape) -> Floats:
        """Uniform in [0, 1)."""
        return self.rng.random(shape)

    def chance(self, probability: float | Floats, size: int) -> Flags:
        """True with this probability, one for all or one each."""
        return self.unit(size) < probability

    def among(self, count: int | Floats | Whole, size: int) -> Whole:
        """A whole number from 0 to count - 1; a count below 1 gives 0."""
        return np.floor(self.unit(size) * np.maximum(count, 1)).astype(np.int64)

    def pick(self, weights: Sequence[float], size: int) -> Whole:
        """An index drawn in proportion to its weight."""
        return chosen(weights, self.unit(size))

    def bell(self, size: int) -> Floats:
        """Bell-shaped around 0, standard deviation 1, never beyond 3: twice the sum of three uniforms, centred."""
        thirds = self.unit((3, size))
        return np.asarray(2.0 * (thirds[0] + thirds[1] + thirds[2] - 1.5), dtype=np.float64)


def chosen(weights: Sequence[float], at: Floats) -> Whole:
    """The indices at which points of [0, 1) fall, if each index takes its weight's share of it."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    index = np.minimum(np.searchsorted(edges, at * edges[-1], side="right"), len(edges) - 1)
    return np.asarray(index, dtype=np.int64)


def named(names: Sequence[str], index: Whole) -> Texts:
    """The names that stand at these indices."""
    return np.array(names, dtype=np.str_)[index]


def texts(words: Sequence[str]) -> Texts:
    """Strings as a column, empty ones included."""
    return np.array(words, dtype=np.str_)


def numbered(letter: str, count: int, digits: int) -> Texts:
    """Running numbers: B000001, B000002…"""
    return texts([f"{letter}{number:0{digits}d}" for number in range(1, count + 1)])
