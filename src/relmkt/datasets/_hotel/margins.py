"""What is left of a sale? The margin rate of each department of each house, a year, as the controller states it."""

from __future__ import annotations

import numpy as np

from relmkt.datasets._hotel.draws import Draws, named
from relmkt.datasets._hotel.source import Source, exported
from relmkt.datasets._hotel.stays import World
from relmkt.datasets._hotel.till import DEPARTMENTS
from relmkt.datasets._hotel.world import HOTELS

YEARS = (2023, 2024, 2025)
POINTS = (58, 62, 24, 55, 38)  # per cent of revenue left, by department
BY_HOUSE = (-2, 1, 3)


def margins(world: World, draws: Draws) -> Source:
    """One line a house, department and year: hotel, department, year, rate."""
    size = len(HOTELS) * len(DEPARTMENTS) * len(YEARS)
    at = np.arange(size)
    house, department, year = at // 15, at // 3 % 5, at % 3
    points = np.array(POINTS)[department] + np.array(BY_HOUSE)[house] + draws.among(3, size) - 1
    columns = {
        "hotel": named(HOTELS, house),
        "department": named(DEPARTMENTS, department),
        "year": np.array(YEARS)[year].astype(np.str_),
        "rate": np.char.add("0.", points.astype(np.str_)),
    }
    return exported("margins", columns, np.full(size, -1), draws)
