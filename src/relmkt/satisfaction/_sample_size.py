"""How many answers does a share or a mean need? The margin on either side, solved for n.

Cochran (1977), Sampling Techniques, chapter 4: n = z²·p(1 − p)/margin², and n/(1 + (n − 1)/N) where there
are no more than N to ask. A margin is half of the interval's width: ±0.1 at p = ½ takes 97 answers, an interval that is
0.1 wide in all takes 385, and calculators that do not say which they mean differ by a factor of four.
"""

from __future__ import annotations

from math import ceil

from relmkt.scales._quantiles import normal_quantile

__all__ = ["answers_needed", "share_sample_size"]


def share_sample_size(margin: float, *, share: float, level: float = 0.95, population: float | None = None) -> int:
    """How many answers give a Wald interval of so much on either side of a share, such as a CSAT, rounded up.

    margin: half of the interval's width, a fraction above 0. share: what is expected, in [0, 1]; at one half the
    answers vary most, so that no other share takes more of them. level: coverage. population: how many there are to
    ask, where they are few. At least 1.

    Raises ValueError for a margin, a share, a level or a population outside.

    >>> share_sample_size(0.1, share=0.5), share_sample_size(0.05, share=0.5)
    (97, 385)
    >>> share_sample_size(0.05, share=0.5, population=1_000)
    278

    Source: Cochran 1977.
    """
    if not (margin > 0 and 0 <= share <= 1 and 0 < level < 1):
        raise ValueError("expected a margin above 0, a share from 0 to 1 and a level between 0 and 1")
    return answers_needed(margin, share * (1 - share), level, population)


def answers_needed(margin: float, variance: float, level: float, population: float | None) -> int:
    """How many answers of this variance give a Wald interval of so much on either side of their mean, at least 1."""
    if population is not None and not population >= 1:
        raise ValueError("population: expected one or more")
    n = normal_quantile(level) ** 2 * variance / margin**2
    if population is not None and n > 1:
        n = min(n / (1 + (n - 1) / population), population)
    return max(ceil(n - 1e-9), 1)
