"""What is the simulated group like? Its houses, its years, its seasons and its prices: every figure is invented.

The group has a house in Paris, one in Lyon and one in Nice. Three things happen to it, for later chapters to find:
Nice is renovated and better from June 2024, Paris is short of staff in the summer of 2025, and six promotional
offers (with a fifth of those who could have had one held out) really do bring people back.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from relmkt.datasets._hotel.draws import Floats, Texts, Whole, texts

HOTELS = ("Paris", "Lyon", "Nice")
START = np.datetime64("2023-01-01", "D")  # a Sunday
DAYS = 1_096  # to 31 December 2025
WEEKS = 157

# how busy each house is from January to December; 1 is an ordinary month
SEASONS = (
    (0.7, 0.8, 0.9, 1.1, 1.2, 1.2, 1.0, 0.7, 1.1, 1.1, 0.9, 1.3),
    (0.9, 1.0, 1.1, 1.0, 1.1, 1.1, 0.8, 0.5, 1.1, 1.1, 1.0, 1.3),
    (0.5, 0.8, 0.7, 0.9, 1.2, 1.5, 1.9, 2.0, 1.2, 0.8, 0.4, 0.6),
)
NIGHT = (168, 124, 139)  # euros for an ordinary night
QUALITY = (7.6, 8.4, 7.7)  # what an ordinary stay is worth to an ordinary guest, of 10
PROMISE = (8.1, 7.9, 7.8)  # what the house leads one to expect
RENOVATED = 517  # day since START: Nice from 1 June 2024
SHORT_STAFFED = (882, 973)  # Paris, June to August 2025
INCIDENT = 0.08  # share of stays on which something goes wrong

OFFERS = {  # week in which each leaves
    9: "spring 2023",
    35: "autumn 2023",
    61: "spring 2024",
    87: "autumn 2024",
    113: "spring 2025",
    139: "autumn 2025",
}
HOLDOUT = 0.2  # share of the reachable who are not sent an offer, to measure it
LIFT = 1.6  # how much more often those who had it come, while it lasts
OFFER_WEEKS = 4
TUESDAY = 2  # the weekday on which offers and magazines leave; weeks begin on Sunday


@frozen
class Kind:
    """A sort of guest: its share of the people, how often it returns in an ordinary week, and how long it stays."""

    name: str
    share: float
    weekly: float
    nights: tuple[float, ...]  # weights of 1, 2, 3… nights


KINDS = (
    Kind("leisure", 0.56, 0.016, (0.2, 0.4, 0.2, 0.1, 0.05, 0.0, 0.05)),
    Kind("business", 0.24, 0.060, (0.6, 0.3, 0.1)),
    Kind("local", 0.08, 0.0, (1.0,)),  # comes to the restaurant, never sleeps here
    Kind("prospect", 0.12, 0.0, (1.0,)),  # has left an address, has bought nothing
)
LEISURE, BUSINESS, LOCAL, PROSPECT = range(4)


def clock(day: Whole, hour: int, minutes: Whole) -> Whole:
    """Minutes since START: so many minutes after an hour of a day."""
    return day * 1_440 + hour * 60 + minutes


def month(day: Whole) -> Whole:
    """The month, 0 for January, in which days since START fall."""
    return (START + day).astype("datetime64[M]").astype(np.int64) % 12


def season(hotel: Whole, day: Whole) -> Floats:
    """How busy houses are on days."""
    busy: Floats = np.array(SEASONS)[hotel, month(day)]
    return busy


def quality(hotel: Whole, day: Whole) -> Floats:
    """What an ordinary stay is worth on a day, of 10, with the renovation and the shortage."""
    better = 0.7 * ((hotel == 2) & (day >= RENOVATED))
    worse = 0.8 * ((hotel == 0) & (day >= SHORT_STAFFED[0]) & (day <= SHORT_STAFFED[1]))
    return np.asarray(np.array(QUALITY)[hotel] + better - worse, dtype=np.float64)


def dates(day: Whole) -> Texts:
    """Days since START written 2024-05-31."""
    return texts(np.datetime_as_string(START + day, unit="D").tolist())


def moments(minute: Whole) -> Texts:
    """Local minutes since START written 2024-05-31T14:05.

    What falls between two and three at night is told as three: that hour is skipped once a year and comes twice once.
    """
    into = minute % 1_440
    told = minute + np.where((into >= 120) & (into < 180), 180 - into, 0)
    return texts(np.datetime_as_string(START.astype("datetime64[m]") + told, unit="m").tolist())


def euros(cents: Whole) -> Texts:
    """Cents written 129.90."""
    return texts([f"{value // 100}.{value % 100:02d}" for value in cents.tolist()])
