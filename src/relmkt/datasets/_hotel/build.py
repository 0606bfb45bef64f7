"""In which files does the group's history lie? All systems, each with its own stream of chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from relmkt.datasets._hotel.complaints import complaints
from relmkt.datasets._hotel.consents import consents
from relmkt.datasets._hotel.crs import crs
from relmkt.datasets._hotel.draws import Draws
from relmkt.datasets._hotel.loyalty import loyalty
from relmkt.datasets._hotel.margins import margins
from relmkt.datasets._hotel.mentions import mentions
from relmkt.datasets._hotel.messages import holdouts, messages
from relmkt.datasets._hotel.people import people
from relmkt.datasets._hotel.pms import pms
from relmkt.datasets._hotel.referrals import referrals
from relmkt.datasets._hotel.source import DEFECTS, Source
from relmkt.datasets._hotel.staff import owners, staff
from relmkt.datasets._hotel.stays import World, live
from relmkt.datasets._hotel.survey import survey
from relmkt.datasets._hotel.till import till
from relmkt.datasets._hotel.truth import Table, Truth

SYSTEMS: tuple[Callable[[World, Draws], Source], ...] = (
    crs,
    pms,
    till,
    loyalty,
    survey,
    messages,
    holdouts,
    mentions,
    consents,
    complaints,
    referrals,
    staff,
    owners,
    margins,
)


def sources(seed: int, guests: int) -> tuple[dict[str, Table], Truth, Mapping[str, Mapping[str, float]]]:
    """The tables of all systems, the truth behind them, and the stated rates of their defects."""
    persons = people(guests, Draws.of(seed, "people"))
    world = live(persons, Draws.of(seed, "stays"))
    exports = [system(world, Draws.of(seed, system.__name__)) for system in SYSTEMS]
    ids = np.append(persons.id, "")  # the last stands for nobody: -1
    return (
        {export.name: export.columns for export in exports},
        Truth(
            persons.columns,
            {export.name: ids[export.person] for export in exports},
            {export.name: export.defect for export in exports},
        ),
        DEFECTS,
    )
