"""How does a label a customer read where they are counted? A column of text whose entries are plain `str`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["labelled"]


def labelled(texts: ArrayLike) -> NDArray[np.str_]:
    """A label a row, as an array of text that gives plain `str` when walked through, so that a count of it reads well.

    texts: shape (n,). Everything else is NumPy's: comparisons, masks and selections are vectorised.

    >>> from collections import Counter
    >>> told = labelled(["true", "none", "true"])
    >>> Counter(told)
    Counter({'true': 2, 'none': 1})
    >>> (told == "true").tolist()
    [True, False, True]
    """
    return np.asarray(texts, np.str_).view(_Labelled)


class _Labelled(np.ndarray[tuple[Any, ...], np.dtype[np.str_]]):
    """NumPy's own array but for its iterator, which would give `numpy.str_`: since NumPy 2 that prints its type."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist()) if self.ndim == 1 else super().__iter__()

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))

    def __array_wrap__(self, array: NDArray[Any], context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else array.view(np.ndarray)  # what is made of labels is no label
