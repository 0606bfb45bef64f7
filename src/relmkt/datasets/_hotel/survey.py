"""What do guests answer after a stay? A line a response, a column an item, as a survey tool exports it.

`hotel.stay` and `hotel.service` are answered from 1 to 10, `recommend` from 0 to 10; `stay.expected` and
`stay.perceived` set what was expected beside what was found, from 1 to 10; `expects` names what the guest looked for
and `origin` where the expectation came from. Those who were very pleased or displeased answer more often.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Texts, Whole, named, numbered
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World, answer
from relmkt.datasets._hotel.world import DAYS, HOTELS, dates

ANSWERS = (0.36, 0.26, 0.42)  # share who answer after a bad (below 7), an ordinary and a very good stay (9 and 10)
BLANK = 0.05  # share of responses in which an item after the first is left out, for each item
EXPECTS = ("usage", "productivity", "image", "experience")
ORIGINS = ("earlier stay", "our promise", "competitors", "word of mouth", "prescriber", "own values")


def survey(world: World, draws: Draws) -> Source:
    """Responses in the order of date."""
    stays = world.stays
    perceived = stays.perceived
    share = np.array(ANSWERS)[(perceived >= 7).astype(int) + (perceived >= 9)]
    date = stays.out + 1 + draws.among(6, len(stays))
    row = np.flatnonzero(draws.chance(share, len(stays)) & (date < DAYS))
    row = row[np.argsort(date[row], kind="stable")]
    who, size = stays.person[row], len(row)
    columns = {
        "response": numbered("R", size, 5),
        "date": dates(date[row]),
        "email": world.people.mail[who],
        "hotel": named(HOTELS, stays.hotel[row]),
        **_answers(world, row, draws),
        "expects": named(EXPECTS, draws.pick((3, 2, 1, 4), size)),
        "origin": named(ORIGINS, draws.pick((3, 2, 1, 2, 1, 1), size)),
    }
    return exported("survey", columns, who, draws, date="date", scale=("hotel.stay", "recommend"))


def _answers(world: World, row: Whole, draws: Draws) -> dict[str, Texts]:
    """The answers as they are typed, some left blank."""
    felt, size = world.stays.felt[row], len(row)
    given = {
        "hotel.stay": answer(felt, 1, 10),
        "hotel.service": answer(felt + 0.2 + 0.8 * draws.bell(size), 1, 10),
        "recommend": answer(felt + 0.4 + 1.0 * draws.bell(size), 0, 10),
        "stay.expected": world.stays.expected[row],
        "stay.perceived": answer(felt + 0.3 * draws.bell(size), 1, 10),
    }
    blank = {item: draws.chance(0.0 if item == "hotel.stay" else BLANK, size) for item in given}
    return {item: np.where(blank[item], "", scores.astype(np.str_)) for item, scores in given.items()}
