"""Who has agreed to what, and who has taken it back? A line a statement, with wording, source and witness."""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Texts, Whole, named, numbered
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import DAYS, clock, moments

WORDINGS = ("Yes, send me the news of the hotels by e-mail.", "Yes, send me the news of the hotels by SMS.", "")
GIVEN_MAIL, GIVEN_SMS, TAKEN_BACK = range(3)
CHANNELS = ("mail", "sms", "*")
SOURCES = ("web form", "desk", "unsubscribe link")


def consents(world: World, draws: Draws) -> Source:
    """Statements in the order of time: consent, at, email, purpose, channel, state, wording, source, actor."""
    people = world.people
    begin = people.entry * 7
    spoke = people.mail_consent | people.sms_consent
    withdrew = spoke & (people.withdrawal < DAYS) & (people.withdrawal > begin)
    rows = [np.flatnonzero(flags) for flags in (people.mail_consent, people.sms_consent, withdrew)]
    who, sort = np.concatenate(rows), np.repeat(np.arange(3), [len(row) for row in rows])
    day = np.where(sort == TAKEN_BACK, people.withdrawal[who], begin[who])
    # both early in the day, before anything is sent: a day on which a consent changed has one answer
    minute = clock(day, 0, np.where(sort == TAKEN_BACK, 0, 10))
    order = np.lexsort((sort, who, minute))
    return _stated(world, who[order], sort[order], minute[order], draws)


def _stated(world: World, who: Whole, sort: Whole, minute: Whole, draws: Draws) -> Source:
    size = len(who)
    at_desk = draws.among(2, size)
    columns = {
        "consent": numbered("N", size, 5),
        "at": moments(minute),
        "email": world.people.mail[who],
        "purpose": np.full(size, "news"),
        "channel": named(CHANNELS, sort),
        "state": np.where(sort == TAKEN_BACK, "withdrawn", "given"),
        "wording": named(WORDINGS, sort),
        "source": named(SOURCES, np.where(sort == TAKEN_BACK, 2, at_desk)),
        "actor": _actor(world, who, np.where(sort == TAKEN_BACK, 0, at_desk)),
    }
    return exported("consents", columns, who, draws, date="at")


def _actor(world: World, who: Whole, at_desk: Whole) -> Texts:
    """Who took the statement down: the guest, or the desk of their house."""
    return named(("guest", "desk Paris", "desk Lyon", "desk Nice"), at_desk * (1 + world.people.hotel[who]))
