"""Who stands above a cut? A value on it is high or low, as whoever cuts has stated."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.scales._answers import numbers

__all__ = ["High", "above", "axes", "checked"]

Floats = NDArray[np.float64]
High = Literal[">=", ">"]


def above(value: Any, cut: Any, high: High) -> Any:
    """Whether a value, or each of an array, is high; of a measure the rule that says so.

    >>> above(5, 5, ">="), above(5, 5, ">")
    (True, False)
    """
    return value >= cut if high == ">=" else value > cut


def checked(high: High, name: str = "high") -> None:
    """Refuses another word, with a ValueError."""
    if high not in get_args(High):
        raise ValueError(f"{name}: expected '>=' or '>'")


def axes(attitude: ArrayLike, behaviour: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Attitude and behaviour as numbers, one a customer, and of whom both are known; ValueError for unlike length."""
    likes, buys = numbers(attitude), numbers(behaviour)
    if likes.ndim != 1 or likes.shape != buys.shape:
        raise ValueError("attitude and behaviour: expected one entry a customer in each, in the same order")
    return likes, buys, np.isfinite(likes) & np.isfinite(buys)
