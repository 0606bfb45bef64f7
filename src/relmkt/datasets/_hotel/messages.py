"""What was sent, and what came back? A line a message; and a line a person who was held out of an offer.

Before a stay goes a service message, after it a word of thanks; to those who agreed go a magazine a quarter, a wish on
their birthday, a guide to the house after a first stay, and six promotional offers. An offer really brings people back
(`LIFT` in the world's figures), so a comparison with those held out has something to find.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from relmkt.datasets._hotel.draws import Draws, Flags, Texts, Whole, named, numbered
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World, reachable
from relmkt.datasets._hotel.world import DAYS, OFFERS, START, TUESDAY, clock, moments

SERVICE, INFORMATIVE, PROMOTIONAL, EDUCATIONAL = range(4)
KINDS = ("service", "informative", "promotional", "educational")
OPENED, CLICKED, REPLIED = (0.75, 0.35, 0.28, 0.40), (0.20, 0.06, 0.07, 0.15), (0.04, 0.01, 0.005, 0.01)  # by kind
DEAD = 0.02  # share of addresses that bounce everything
THANKED_BY_SMS = 0.5  # share of thanks sent by SMS to those who agreed to it


@frozen(eq=False)
class Batch:
    """Messages of one campaign as columns."""

    campaign: str
    kind: int
    person: Whole
    minute: Whole


def messages(world: World, draws: Draws) -> Source:
    """Messages as sent: message, sent, channel, to, kind, campaign, status, opened, clicked, replied."""
    batches = [batch for batch in (*_of_stays(world), *_of_calendar(world)) if len(batch.person)]
    size = [len(batch.person) for batch in batches]
    who = np.concatenate([np.empty(0, dtype=np.int64), *(batch.person for batch in batches)])
    minute = np.concatenate([np.empty(0, dtype=np.int64), *(batch.minute for batch in batches)])
    kind = np.repeat(np.array([batch.kind for batch in batches], dtype=np.int64), size)
    campaign = np.repeat(np.array([batch.campaign for batch in batches], dtype=np.str_), size)
    order = np.flatnonzero(minute < (DAYS - 4) * 1_440)
    order = order[np.argsort(minute[order], kind="stable")]
    return _sent(world, who[order], minute[order], kind[order], campaign[order], draws)


def holdouts(world: World, draws: Draws) -> Source:
    """Who could have been sent an offer and was not, by chance: campaign, at, email."""
    offer, who = np.nonzero(world.heldout)
    day = np.array(list(OFFERS))[offer] * 7 + TUESDAY
    columns = {
        "campaign": named([f"offer {name}" for name in OFFERS.values()], offer),
        "at": moments(clock(day, 10, np.zeros_like(day))),
        "email": world.people.mail[who],
    }
    return exported("holdouts", columns, who, draws)


def _of_stays(world: World) -> Iterator[Batch]:
    """Around a stay: two days before it, the day after it, and a week after the first."""
    stays, people = world.stays, world.people
    soon = np.flatnonzero((stays.lead >= 2) & (stays.day >= 2))
    yield Batch("before your stay", SERVICE, stays.person[soon], clock(stays.day[soon] - 2, 9, soon % 50))
    for name, kind, after in (("thank you", INFORMATIVE, 1), ("guide to the house", EDUCATIONAL, 7)):
        day = stays.out + after
        may = people.mail_consent[stays.person] & (day < people.withdrawal[stays.person])
        row = np.flatnonzero(may & (_first(stays.person) | (kind == INFORMATIVE)))
        yield Batch(name, kind, stays.person[row], clock(day[row], 11, row % 50))


def _of_calendar(world: World) -> Iterator[Batch]:
    """On fixed days: offers, a magazine a quarter, birthdays."""
    people = world.people
    for (week, name), offered in zip(OFFERS.items(), world.offered, strict=True):
        who = np.flatnonzero(offered)
        yield Batch(f"offer {name}", PROMOTIONAL, who, clock(np.full(len(who), week * 7 + TUESDAY), 10, who % 50))
    for quarter in range(12):
        day = 30 + quarter * 91
        who = np.flatnonzero(reachable(people, day))
        yield Batch(f"magazine {quarter + 1}", INFORMATIVE, who, clock(np.full(len(who), day), 10, who % 50))
    for year in (2023, 2024, 2025):
        day_of = _birthday(people.birth, year)
        who = np.flatnonzero(reachable(people, day_of) & people.member)
        yield Batch(f"birthday {year}", INFORMATIVE, who, clock(day_of[who], 9, who % 50))


def _first(person: Whole) -> Flags:
    """Which entries are the first of their person."""
    first = np.zeros(len(person), dtype=bool)
    first[np.unique(person, return_index=True)[1]] = True
    return first


def _birthday(birth: Whole, year: int) -> Whole:
    """The day since START on which persons have their birthday in a year; 29 February is kept on 1 March elsewhere."""
    born = START + birth
    months = born.astype("datetime64[M]")
    day_of_month = (born - months.astype("datetime64[D]")).astype(np.int64)
    month = np.datetime64(f"{year}-01", "M") + months.astype(np.int64) % 12
    return np.asarray((month.astype("datetime64[D]") - START).astype(np.int64) + day_of_month, dtype=np.int64)


def _sent(world: World, who: Whole, minute: Whole, kind: Whole, campaign: Texts, draws: Draws) -> Source:
    people, size = world.people, len(who)
    by_sms = people.sms_consent[who] & (people.mobile[who] != "") & (campaign == "thank you")
    by_sms &= draws.chance(THANKED_BY_SMS, size)
    alive = by_sms | ~draws.chance(DEAD, len(people))[who]
    opened = alive & ~by_sms & draws.chance(np.array(OPENED)[kind], size)
    clicked = opened & draws.chance(np.array(CLICKED)[kind] / np.array(OPENED)[kind], size)
    replied = alive & draws.chance(np.array(REPLIED)[kind], size)
    later = minute + 5 + draws.among(1_440, size)
    columns = {
        "message": numbered("E", size, 6),
        "sent": moments(minute),
        "channel": np.where(by_sms, "sms", "mail"),
        "to": np.where(by_sms, people.mobile[who], people.mail[who]),
        "kind": named(KINDS, kind),
        "campaign": campaign,
        "status": np.where(alive, "delivered", "bounced"),
        "opened": np.where(opened, moments(later), ""),
        "clicked": np.where(clicked, moments(later + 2), ""),
        "replied": np.where(replied, moments(later + 60), ""),
    }
    return exported("messages", columns, who, draws)
