"""Who stayed where and when, and how did it feel? The one true history that every system then tells in its own way.

Week after week each guest may come: more often if their kind and their own pace say so, in the season of their house,
and after an offer that they were sent. After a stay some do not come back, and more of them when it was bad: so lapse,
satisfaction and what offers change are all there to be found.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from relmkt.datasets._hotel.draws import Draws, Flags, Floats, Texts, Whole, chosen, numbered
from relmkt.datasets._hotel.people import NEVER, People
from relmkt.datasets._hotel.world import (
    BUSINESS,
    DAYS,
    HOLDOUT,
    HOTELS,
    INCIDENT,
    KINDS,
    LIFT,
    LOCAL,
    NIGHT,
    OFFER_WEEKS,
    OFFERS,
    PROMISE,
    TUESDAY,
    WEEKS,
    quality,
    season,
)

LEAVES = (0.10, 0.22, 0.45)  # share who are gone after a good, a middling (below 7) and a bad stay (below 5)
RETURNS = 0.15  # share of those gone who come back after a year
AWAY = 0.15  # share of stays in another house of the group


@frozen(eq=False)
class Stays:
    """The stays as columns in the order of arrival; `perceived` and `expected` are answers from 1 to 10."""

    person: Whole
    hotel: Whole
    day: Whole  # of arrival
    nights: Whole
    lead: Whole  # days between booking and arrival
    incident: Flags
    felt: Floats  # what it was worth, before it is rounded to an answer
    expected: Whole
    cents: Whole  # the bill for the room

    def __len__(self) -> int:
        return len(self.person)

    @property
    def out(self) -> Whole:
        """The day of departure."""
        return self.day + self.nights

    @property
    def booking(self) -> Texts:
        """The number of the reservation."""
        return numbered("B", len(self), 6)

    @property
    def perceived(self) -> Whole:
        return answer(self.felt, 1, 10)


@frozen(eq=False)
class World:
    """The persons, what they did, and who was sent which offer."""

    people: People
    stays: Stays
    offered: Flags  # shape (offers, people): could be sent it, and was
    heldout: Flags  # could be sent it, and was held out


def answer(felt: Floats, low: int, high: int) -> Whole:
    """A feeling as a whole number on a scale."""
    return np.clip(np.rint(felt), low, high).astype(np.int64)


def reachable(people: People, day: Whole | int) -> Flags:
    """Who may be written to for news on a day, or each on a day of their own."""
    return people.mail_consent & (people.entry * 7 <= day) & (day < people.withdrawal)


def live(people: People, draws: Draws) -> World:
    """The three years of these persons."""
    offered, heldout = _offers(people, draws)
    rate = np.array([kind.weekly for kind in KINDS])[people.kind] * people.pace
    back = np.where(people.kind < LOCAL, people.entry, NEVER)  # the first week in which they may come
    first, weeks = np.ones(len(people), dtype=bool), []
    for week in range(WEEKS):
        come, where, dow, leave, again = draws.unit((5, len(people)))
        lift = np.where(_recent(offered, week), LIFT, 1.0)
        wish = rate * lift * season(people.hotel, np.full(len(people), min(week * 7, DAYS - 1)))
        going = (back <= week) & (first | (come < wish))
        who = np.flatnonzero(going)
        stays = _stays(people, who, week * 7 + chosen_day(people.kind[who], dow[who]), where[who], draws)
        gone = leave[who] < np.array(LEAVES)[(stays.felt < 7).astype(int) + (stays.felt < 5)]
        back[who] = np.where(gone, np.where(again[who] < RETURNS, week + 52, NEVER), week + 1)
        first[who] = False
        weeks.append(stays)
    return World(people, _joined(weeks), offered, heldout)


def chosen_day(kind: Whole, at: Floats) -> Whole:
    """The weekday of arrival: business guests come from Sunday (0) to Thursday, others mostly on Fridays."""
    leisure, business = chosen((2, 1, 1, 1, 2, 5, 4), at), chosen((2, 4, 4, 3, 2, 0, 0), at)
    return np.where(kind == BUSINESS, business, leisure)


def _offers(people: People, draws: Draws) -> tuple[Flags, Flags]:
    could = np.stack([reachable(people, week * 7 + TUESDAY) for week in OFFERS])
    out = draws.unit(could.shape) < HOLDOUT
    return could & ~out, could & out


def _recent(offered: Flags, week: int) -> Flags:
    """Who was sent an offer that still lasts this week."""
    lasting = [0 <= week - sent < OFFER_WEEKS for sent in OFFERS]
    return np.asarray(offered[np.array(lasting)].any(axis=0))


def _stays(people: People, who: Whole, day: Whole, where: Floats, draws: Draws) -> Stays:
    size, kind = len(who), people.kind[who]
    hotel = (people.hotel[who] + np.where(where < AWAY, 1 + (where * 1_000_000).astype(np.int64) % 2, 0)) % len(HOTELS)
    nights_at = draws.unit(size)
    nights = 1 + np.where(kind == BUSINESS, chosen(KINDS[1].nights, nights_at), chosen(KINDS[0].nights, nights_at))
    incident = draws.chance(INCIDENT, size)
    day = np.minimum(day, DAYS - 1)
    felt = quality(hotel, day) + people.taste[who] + 0.9 * draws.bell(size) - 3.0 * incident
    expected = np.array(PROMISE)[hotel] + people.hope[who] + 0.5 * draws.bell(size)
    night = np.rint(np.array(NIGHT)[hotel] * (0.8 + 0.2 * season(hotel, day)) * (0.85 + 0.4 * draws.unit(size)))
    lead = np.where(kind == BUSINESS, 1 + draws.among(14, size), 3 + draws.among(75, size))
    return Stays(
        who, hotel, day, nights, lead, incident, felt, answer(expected, 1, 10), night.astype(np.int64) * 100 * nights
    )


def _joined(weeks: list[Stays]) -> Stays:
    """All weeks in the order of arrival; a stay that would end after the last day is not in the data."""
    names = ("person", "hotel", "day", "nights", "lead", "incident", "felt", "expected", "cents")
    columns = {name: np.concatenate([getattr(week, name) for week in weeks]) for name in names}
    order = np.argsort(columns["day"], kind="stable")
    order = order[(columns["day"] + columns["nights"])[order] < DAYS]
    return Stays(**{name: column[order] for name, column in columns.items()})
