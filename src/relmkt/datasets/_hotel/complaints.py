"""What do guests complain of? A line a complaint, by the desk, by mail or by telephone, and when it was answered."""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, named, numbered
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import DAYS, HOTELS, clock, moments

SAID, SAID_ANYWAY = 0.4, 0.08  # share who complain of an incident, and of a stay below 5 without one
ANSWERED = 0.9
TOPICS = ("noise", "room", "service", "bill", "breakfast")
TEXTS = (
    "The street kept us awake.",
    "The room was not ready and not clean.",
    "We waited half an hour at the desk.",
    "The bill holds things that we did not take.",
    "Breakfast was cold and the staff were short.",
)


def complaints(world: World, draws: Draws) -> Source:
    """Complaints in the order of time: complaint, at, email, hotel, booking, channel, topic, text, answered."""
    stays = world.stays
    share = np.where(stays.incident, SAID, np.where(stays.felt < 5, SAID_ANYWAY, 0.0))
    day = stays.day + 1 + draws.among(stays.nights + 3, len(stays))
    row = np.flatnonzero(draws.chance(share, len(stays)) & (day < DAYS - 7))
    minute = clock(day[row], 8, draws.among(780, len(row)))
    order = np.argsort(minute, kind="stable")
    row, minute, size = row[order], minute[order], len(row)
    topic = draws.pick((3, 3, 2, 1, 1), size)
    answered = moments(minute + 20 + draws.among(4 * 1_440, size) * draws.among(2, size))
    columns = {
        "complaint": numbered("C", size, 5),
        "at": moments(minute),
        "email": world.people.mail[stays.person[row]],
        "hotel": named(HOTELS, stays.hotel[row]),
        "booking": stays.booking[row],
        "channel": named(("desk", "mail", "phone"), draws.pick((5, 3, 2), size)),
        "topic": named(TOPICS, topic),
        "text": named(TEXTS, topic),
        "answered": np.where(draws.chance(ANSWERED, size), answered, ""),
    }
    return exported("complaints", columns, stays.person[row], draws)
