"""What do the tills export? A line a ticket, with the loyalty card where one was shown and nothing else on the person.

Guests pay their room, and often breakfast, restaurant, bar and spa; people of the town come to the restaurant; and
some tickets are of passers-by whom nobody knows.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from relmkt.datasets._hotel.draws import Draws, Texts, Whole, named, numbered
from relmkt.datasets._hotel.loyalty import joined
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import DAYS, HOTELS, LOCAL, clock, euros, moments

DEPARTMENTS = ("room", "breakfast", "restaurant", "bar", "spa")
ROOM, BREAKFAST, RESTAURANT, BAR, SPA = range(5)
TAKEN = (1.0, 0.55, 0.30, 0.25, 0.07)  # share of stays with a ticket of each department
PRICE = (0, 1_700, 4_600, 1_900, 8_500)  # cents, before half to one and a half of it is taken
HOUR = (7, 8, 20, 21, 15)
SHOWN = 0.85  # share of members' tickets on which the card was shown
PASSERS = 0.4  # passers-by at restaurant and bar, a guest of the group
VISITS = 26  # of a person of the town, in three years at most


@frozen(eq=False)
class Tickets:
    """Tickets as columns; a person of -1 is nobody we know."""

    person: Whole
    hotel: Whole
    department: Whole
    day: Whole
    cents: Whole


def till(world: World, draws: Draws) -> Source:
    """Tickets in the order of time: ticket, closed, hotel, department, total, currency, card."""
    tickets = _joined([*_of_stays(world, draws), _of_locals(world, draws), _of_passers(world, draws)])
    minute = clock(tickets.day, 0, 60 * np.array(HOUR)[tickets.department] + draws.among(120, len(tickets.day)))
    order = np.argsort(minute, kind="stable")
    columns = {
        "ticket": numbered("T", len(order), 6),
        "closed": moments(minute[order]),
        "hotel": named(HOTELS, tickets.hotel[order]),
        "department": named(DEPARTMENTS, tickets.department[order]),
        "total": euros(tickets.cents[order]),
        "currency": np.full(len(order), "EUR"),
        "card": _card(world, tickets, draws)[order],
    }
    return exported("till", columns, tickets.person[order], draws, date="closed")


def _card(world: World, tickets: Tickets, draws: Draws) -> Texts:
    """The card shown, or nothing: not a member yet, not shown, not known."""
    known = (tickets.person >= 0) & (joined(world)[tickets.person] <= tickets.day)
    return np.where(known & draws.chance(SHOWN, len(known)), world.people.card[tickets.person], "")


def _price(department: Whole, draws: Draws) -> Whole:
    return np.rint(np.array(PRICE)[department] * (0.5 + draws.unit(len(department)))).astype(np.int64)


def _of_stays(world: World, draws: Draws) -> list[Tickets]:
    """What guests pay during a stay; the room on the day of departure."""
    stays, tickets = world.stays, []
    for department, share in enumerate(TAKEN):
        row = np.flatnonzero(draws.chance(share, len(stays)))
        sort = np.full(len(row), department)
        if department == ROOM:
            day, cents = stays.out[row], stays.cents[row]
        else:
            late = 1 if department == BREAKFAST else 0
            day = stays.day[row] + late + draws.among(stays.nights[row], len(row))
            cents = _price(sort, draws)
        tickets.append(Tickets(stays.person[row], stays.hotel[row], sort, day, cents))
    return tickets


def _of_locals(world: World, draws: Draws) -> Tickets:
    """People of the town at the restaurant of their house, from their first visit on."""
    people = world.people
    local = np.flatnonzero(people.kind == LOCAL)
    times = 1 + draws.among(np.rint(VISITS * people.pace[local] / 3), len(local))
    who = np.repeat(local, times)
    first = np.append(True, who[1:] != who[:-1])[: len(who)]
    start = people.entry[who] * 7
    day = np.where(first, start, start + draws.among(DAYS - start, len(who)))
    sort = np.full(len(who), RESTAURANT)
    return Tickets(who, people.hotel[who], sort, day, _price(sort, draws))


def _of_passers(world: World, draws: Draws) -> Tickets:
    size = int(PASSERS * len(world.people))
    sort = np.where(draws.chance(0.5, size), RESTAURANT, BAR)
    return Tickets(
        np.full(size, -1), draws.among(len(HOTELS), size), sort, draws.among(DAYS, size), _price(sort, draws)
    )


def _joined(parts: list[Tickets]) -> Tickets:
    names = ("person", "hotel", "department", "day", "cents")
    return Tickets(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
