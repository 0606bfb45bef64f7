"""What does the loyalty programme export? A line a card.

Some members hold two cards, the second taken later under their other address: that is how it is, and no defect of the
export, and a reader that joins different cards by itself is wrong elsewhere.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Flags, Whole, named
from relmkt.datasets._hotel.people import CITIES, INTERESTS, NEVER
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import DAYS, LOCAL, dates

SECOND_CARD = 0.015  # share of members
TOLD_MOBILE, TOLD_BIRTHDAY = 0.85, 0.8


def joined(world: World) -> Whole:
    """The day on which each takes the card: the end of the first stay, or the first visit of those who do not stay."""
    people, stays = world.people, world.stays
    first = np.full(len(people), NEVER)
    np.minimum.at(first, stays.person, stays.out)
    day = np.where(people.kind < LOCAL, first, people.entry * 7)
    return np.where(people.member, day, NEVER)


def loyalty(world: World, draws: Draws) -> Source:
    """Cards in the order of joining: joined, card, email, mobile, name, birthday, city, interest."""
    people, day = world.people, joined(world)
    second = draws.chance(SECOND_CARD, len(people)) & (day + 60 < DAYS)
    who = np.concatenate([np.flatnonzero(day < DAYS), np.flatnonzero(second)])
    again = np.arange(len(who)) >= (day < DAYS).sum()
    when = day[who] + np.where(again, 60, 0)
    order = np.argsort(when, kind="stable")
    return _cards(world, who[order], again[order], when[order], draws)


def _cards(world: World, who: Whole, again: Flags, when: Whole, draws: Draws) -> Source:
    people, size = world.people, len(who)
    columns = {
        "joined": dates(when),
        "card": np.where(again, np.char.add("7", people.card[who]), people.card[who]),
        "email": np.where(again & (people.work[who] != ""), people.work[who], people.mail[who]),
        "mobile": np.where(draws.chance(TOLD_MOBILE, size), people.mobile[who], ""),
        "name": people.name[who],
        "birthday": np.where(draws.chance(TOLD_BIRTHDAY, size), dates(people.birth[who]), ""),
        "city": named(CITIES, people.city[who]),
        "interest": named(INTERESTS, people.interest[who]),
    }
    return exported("loyalty", columns, who, draws, date="joined")
