"""What does the property management system export? A line a stay that has ended, with the bill for the room.

`total` is the room alone and is in the till too, as department "room": whoever reads both as purchases counts it twice.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, named, numbered, texts
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import HOTELS, clock, euros, moments

TOLD_MOBILE = 0.7  # share of stays at which the guest leaves a telephone number


def pms(world: World, draws: Draws) -> Source:
    """Stays in the order of departure: folio, booking, hotel, room, checkin, checkout, guest, email, mobile, total."""
    stays, people, size = world.stays, world.people, len(world.stays)
    order = np.argsort(stays.out, kind="stable")
    who = stays.person[order]
    room = 100 * (1 + draws.among(6, size)) + 1 + draws.among(24, size)
    mobile = np.where(draws.chance(TOLD_MOBILE, size), people.mobile[who], "")
    columns = {
        "folio": numbered("F", size, 6),
        "booking": stays.booking[order],
        "hotel": named(HOTELS, stays.hotel[order]),
        "room": room.astype(np.str_),
        "checkin": moments(clock(stays.day[order], 14, draws.among(480, size))),
        "checkout": moments(clock(stays.out[order], 7, draws.among(300, size))),
        "guest": people.name[who],
        "email": people.mail[who],
        "mobile": texts([_spaced(number) for number in mobile.tolist()]),
        "total": euros(stays.cents[order]),
    }
    return exported("pms", columns, who, draws)


def _spaced(number: str) -> str:
    """The number as the desk types it: +33 6 39 98 12 34."""
    pairs = [number[at : at + 2] for at in range(4, len(number), 2)]
    return " ".join([number[:3], number[3], *pairs]) if number else ""
