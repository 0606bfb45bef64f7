"""What is said of the group in public? A line a mention, by guests and by people whom nobody knows.

Who is behind a public name the sites do not say; the truth knows it for guests.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Floats, Texts, Whole, named, numbered, texts
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World, answer
from relmkt.datasets._hotel.world import DAYS, HOTELS, clock, moments, quality

SPEAKS = 0.05  # share of stays that are spoken of in public
OUTSIDERS = 0.03  # mentions by others, a guest of the group
SITES = ("reviews", "social", "maps")
FOLLOWERS = (0, 12, 80, 250, 900, 4_000, 25_000)
ANSWERED = 0.6
SAYINGS = (
    ("Never again in {hotel}.", "A sad stay in {hotel}, nobody cared.", "{hotel}: noisy, dear and rude."),
    ("{hotel} is a hotel like another.", "Slept in {hotel}, nothing to add."),
    ("We loved every hour in {hotel}!", "{hotel}: kind people, good beds.", "Back in {hotel} soon, thank you all."),
)


def mentions(world: World, draws: Draws) -> Source:
    """Mentions in the order of time: mention, at, site, author, hotel, stars, text, followers, answered."""
    stays, strangers = world.stays, int(OUTSIDERS * len(world.people))
    day = stays.out + draws.among(10, len(stays))
    row = np.flatnonzero(draws.chance(SPEAKS, len(stays)) & (day < DAYS - 7))
    house = np.concatenate([stays.hotel[row], draws.among(len(HOTELS), strangers)])
    day = np.concatenate([day[row], draws.among(DAYS - 7, strangers)])
    felt = np.concatenate([stays.felt[row], quality(house[len(row) :], day[len(row) :]) + 1.5 * draws.bell(strangers)])
    who = np.concatenate([stays.person[row], np.full(strangers, -1)])
    minute = clock(day, 8, draws.among(840, len(day)))
    order = np.argsort(minute, kind="stable")
    return _said(who[order], house[order], felt[order], minute[order], draws)


def _said(who: Whole, house: Whole, felt: Floats, minute: Whole, draws: Draws) -> Source:
    size = len(who)
    hotel, stars = named(HOTELS, house), answer(felt / 2 + 0.3, 1, 5)
    # a person keeps one name and one crowd of followers, whatever they say
    crowd = np.where(who >= 0, who * 7_919 % 97, draws.among(97, size)) % len(FOLLOWERS)
    answered = moments(minute + 15 + draws.among(3 * 1_440, size) * draws.among(2, size))
    columns = {
        "mention": numbered("M", size, 5),
        "at": moments(minute),
        "site": named(SITES, draws.pick((5, 3, 2), size)),
        "author": np.where(
            who >= 0, np.char.add("traveller", (who * 31 + 1_000).astype(np.str_)), numbered("visitor", size, 4)
        ),
        "hotel": hotel,
        "stars": stars.astype(np.str_),
        "text": _text(stars, hotel, draws),
        "followers": np.array(FOLLOWERS)[crowd].astype(np.str_),
        "answered": np.where(draws.chance(ANSWERED, size), answered, ""),
    }
    return exported("mentions", columns, who, draws)


def _text(stars: Whole, hotel: Texts, draws: Draws) -> Texts:
    """What is said, glad from four stars on and angry up to two."""
    mood, way = (stars >= 3).astype(int) + (stars >= 4), draws.unit(len(stars))
    triples = zip(mood.tolist(), way.tolist(), hotel.tolist(), strict=True)
    return texts([SAYINGS[one][int(two * len(SAYINGS[one]))].format(hotel=three) for one, two, three in triples])
