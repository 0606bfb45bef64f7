"""What does CDNOW not hold, that contacts need? Addresses, birthdays and consents, simulated and labelled so.

CDNOW has purchases and nothing else. Six customers in ten, drawn with a seed, are given a profile and what a form at
the first order would have asked; every such fact has the source "simulated". No figure here says anything of people.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.datasets import CDNOW
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Fact, Profile
from relmkt.windows import DAY, Instant, hours

__all__ = ["SOURCE", "simulated"]

SOURCE = "simulated"
_SHARE, _PHONE, _LEFT = 0.6, 0.5, 0.04
_AGREED = {("care", "mail"): 0.95, ("news", "mail"): 0.7, ("care", "sms"): 0.8}
_WORDING = {"care": "Yes, ask me whether all went well", "news": "Yes, send me the news"}
_ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Europe/Paris")
_SPREAD = (0.3, 0.1, 0.1, 0.35, 0.15)
_NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gina", "Hal", "Ida", "Jack", "Kim", "Lea", "Max", "Nina", "Omar")
_FILLED = hours(9)


@frozen
class _Draw:
    """What was drawn for one customer."""

    name: str
    born: date
    zone: str
    phone: bool
    agreed: tuple[tuple[str, str], ...]
    left: int | None  # days after the first order, None: stayed


def simulated(base: CDNOW, rng: np.random.Generator) -> tuple[Fact, ...]:
    """Profiles and consents of six customers in ten, stated at their first order; a few withdrew later.

    base: the purchases. rng: seeded; the same seed draws the same people.

    >>> from relmkt.datasets import cdnow
    >>> facts = simulated(cdnow(), np.random.default_rng(1998))
    >>> {fact.source for fact in facts}
    {'simulated'}
    """
    ids, codes = np.unique(base.customer, return_inverse=True)
    first = np.full(ids.size, np.iinfo(np.int64).max)
    np.minimum.at(first, codes, base.at)
    chosen = np.flatnonzero(rng.random(ids.size) < _SHARE)
    last = int(base.at.max()) - DAY
    return tuple(
        fact
        for place, draw in zip(chosen.tolist(), _drawn(rng, chosen.size), strict=True)
        for fact in _facts(str(ids[place]), int(first[place]), last, draw)
    )


def _drawn(rng: np.random.Generator, n: int) -> Iterator[_Draw]:
    names, zones = rng.integers(len(_NAMES), size=n), rng.choice(len(_ZONES), size=n, p=_SPREAD)
    ages, phone = rng.integers(6_000, 26_000, size=n), rng.random(n) < _PHONE
    asked = rng.random((n, len(_AGREED))) < np.array(list(_AGREED.values()))
    left, after = rng.random(n) < _LEFT, rng.integers(30, 400, size=n)
    for k in range(n):
        agreed = tuple(_pairs(asked[k], bool(phone[k])))
        born = date(1998, 1, 1) - timedelta(days=int(ages[k]))
        gone = int(after[k]) if left[k] else None
        yield _Draw(_NAMES[names[k]], born, _ZONES[zones[k]], bool(phone[k]), agreed, gone)


def _pairs(asked: NDArray[np.bool_], phone: bool) -> Sequence[tuple[str, str]]:
    return [pair for pair, yes in zip(_AGREED, asked.tolist(), strict=True) if yes and (phone or pair[1] != "sms")]


def _facts(customer: str, first: int, last: int, draw: _Draw) -> Iterator[Fact]:
    at = Instant(first + _FILLED)
    told = {"name": draw.name, "mail": f"customer-{customer}@example.org", "birthday": draw.born.isoformat()}
    told |= {"zone": draw.zone, **({"phone": f"+999{customer:>09}"} if draw.phone else {})}
    yield Profile(customer, at, told, id="profile", source=SOURCE)
    for purpose, channel in draw.agreed:
        asked, id = _WORDING[purpose], f"consent-{purpose}-{channel}"
        yield ConsentGiven(customer, at, purpose, channel, id=id, wording=asked, source=SOURCE, actor=customer)
    if draw.left is not None:
        gone = Instant(min(first + draw.left * DAY, last))
        yield ConsentWithdrawn(customer, gone, id="withdrawal", source=SOURCE, actor=customer)
