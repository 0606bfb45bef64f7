"""What does the central reservation system export? A line a reservation that was honoured."""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, named
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import HOTELS, clock, dates, moments

AT_WORK = 0.3  # share of bookings made from the address at work, by those who have one
CHANNELS = ("web", "phone", "agency", "desk")


def crs(world: World, draws: Draws) -> Source:
    """Reservations in the order of arrival: booking, booked, arrival, nights, hotel, email, guest, channel."""
    stays, people, size = world.stays, world.people, len(world.stays)
    who = stays.person
    at_work = draws.chance(AT_WORK, size) & (people.work[who] != "")
    columns = {
        "booking": stays.booking,
        "booked": dates(stays.day - stays.lead),
        "arrival": moments(clock(stays.day, 14, draws.among(480, size))),
        "nights": stays.nights.astype(np.str_),
        "hotel": named(HOTELS, stays.hotel),
        "email": np.where(at_work, people.work[who], people.mail[who]),
        "guest": people.name[who],
        "channel": named(CHANNELS, draws.pick((0.55, 0.1, 0.3, 0.05), size)),
    }
    return exported("crs", columns, who, draws, date="arrival")
