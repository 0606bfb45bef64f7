"""Who looks after the guests? The people of each house, and whose guest is whose.

A guest who has stayed three times has an owner, the guest relations officer of the house; on 30 September 2024 each
officer handed the whole portfolio over to a successor. Customer orientation is what colleagues answered, from 1 to 5.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Whole, named, numbered, texts
from relmkt.datasets._hotel.people import FIRST, LAST, NEVER
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import HOTELS, START, dates

HANDOVER = 638  # day since START: 30 September 2024
OWNED_FROM = 3  # stays
# the staff of one house in the order of their numbers; the second officer follows the first
ROLES = ("manager", "guest relations", "guest relations", "desk", "desk", "desk", "restaurant", "spa")
ORIENTATION = (3.6, 4.3, 3.9)  # by house, of 5


def staff(world: World, draws: Draws) -> Source:
    """One line a member: staff, name, hotel, role, since, until, orientation."""
    each, size = len(ROLES), len(ROLES) * len(HOTELS)
    post, house = np.arange(size) % each, np.arange(size) // each
    names = zip(draws.among(len(FIRST), size).tolist(), draws.among(len(LAST), size).tolist(), strict=True)
    orientation = np.rint(10 * np.clip(np.array(ORIENTATION)[house] + 0.4 * draws.bell(size), 1, 5)).astype(np.int64)
    columns = {
        "staff": numbered("S", size, 2),
        "name": texts([f"{FIRST[one]} {LAST[two]}" for one, two in names]),
        "hotel": named(HOTELS, house),
        "role": named(ROLES, post),
        "since": np.where(post == 2, dates(np.array([HANDOVER])), str(START)),
        "until": np.where(post == 1, dates(np.array([HANDOVER])), ""),
        "orientation": texts([f"{tenths // 10}.{tenths % 10}" for tenths in orientation.tolist()]),
    }
    return exported("staff", columns, np.full(size, -1), draws)


def owners(world: World, draws: Draws) -> Source:
    """One line an assignment, in the order of its beginning: assignment, email, hotel, staff, since, until."""
    since = _owned_since(world)
    owned = np.flatnonzero(since < NEVER)
    handed = owned[since[owned] < HANDOVER]
    late = owned[since[owned] >= HANDOVER]
    who = np.concatenate([handed, handed, late])
    second = np.arange(len(who)) >= len(handed)
    day = np.where(second, np.maximum(since[who], HANDOVER), since[who])
    order = np.argsort(day, kind="stable")
    who, day, second = who[order], day[order], second[order]
    house = world.people.hotel[who]
    columns = {
        "assignment": numbered("A", len(who), 5),
        "email": world.people.mail[who],
        "hotel": named(HOTELS, house),
        "staff": numbered("S", len(ROLES) * len(HOTELS), 2)[house * len(ROLES) + 1 + second],
        "since": dates(day),
        "until": np.where(second, "", dates(np.array([HANDOVER]))),
    }
    return exported("owners", columns, who, draws)


def _owned_since(world: World) -> Whole:
    """The day on which each guest's third stay ended, NEVER for those with fewer."""
    stays = world.stays
    order = np.lexsort((stays.out, stays.person))
    who, out = stays.person[order], stays.out[order]
    nth = np.arange(len(who)) - np.searchsorted(who, who, side="left")
    since = np.full(len(world.people), NEVER)
    third = nth == OWNED_FROM - 1
    since[who[third]] = out[third]
    return since
