"""Who told whom? A line a recommendation that the programme's invitation code made visible.

A promoter's friend may be a person of the group (`friend` is then their address, and they first appear within a week)
or somebody who never came.
"""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, Texts, Whole, numbered, texts
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.world import DAYS, clock, moments

TOLD_IN_VAIN = 0.03  # share of very good stays after which a friend is told who never comes


def referrals(world: World, draws: Draws) -> Source:
    """Recommendations in the order of time: referral, at, email, friend, code."""
    came_by, came = _who_came(world, draws)
    friend_day = world.people.entry[came] * 7 - 1 - draws.among(6, len(came))
    vain_by, vain_day = _in_vain(world, draws)
    who, day = np.concatenate([came_by, vain_by]), np.concatenate([friend_day, vain_day])
    nobody = texts([f"ami{number}@inconnu.example" for number in range(len(vain_by))])
    friend = np.concatenate([world.people.mail[came], nobody])
    minute = clock(day, 9, draws.among(720, len(day)))
    order = np.argsort(minute, kind="stable")
    return _told(world, who[order], friend[order], minute[order], draws)


def _told(world: World, who: Whole, friend: Texts, minute: Whole, draws: Draws) -> Source:
    columns = {
        "referral": numbered("P", len(who), 5),
        "at": moments(minute),
        "email": world.people.mail[who],
        "friend": friend,
        "code": texts([f"AMI{number % 999_983:06d}" for number in (who * 104_729).tolist()]),
    }
    return exported("referrals", columns, who, draws)


def _who_came(world: World, draws: Draws) -> tuple[Whole, Whole]:
    """Promoters, and the persons whom they brought: each was told by somebody whose very good stay was over by then."""
    good = np.flatnonzero(world.stays.perceived >= 9)
    good = good[np.argsort(world.stays.out[good], kind="stable")]
    told = np.flatnonzero(world.people.referred)
    before = np.searchsorted(world.stays.out[good], world.people.entry[told] * 7 - 7, side="left")
    picked = draws.among(before, len(told))
    had = before > 0
    return world.stays.person[good[picked[had]]], told[had]


def _in_vain(world: World, draws: Draws) -> tuple[Whole, Whole]:
    day = world.stays.out + 1 + draws.among(20, len(world.stays))
    row = (world.stays.perceived >= 9) & (day < DAYS) & draws.chance(TOLD_IN_VAIN, len(day))
    return world.stays.person[row], day[row]
