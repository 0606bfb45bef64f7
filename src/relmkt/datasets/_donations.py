"""Who gave again, when giving comes round once a year?

The grouped counts behind the BG/BB example of Fader, Hardie & Shang, "Customer-base analysis in a discrete-time
noncontractual setting" (Marketing Science 29, 2010): 11,104 people who first gave to a public radio station in 1995,
followed over the six yearly occasions 1996 to 2001. The copy is the one carried by the package `lifetimes` 0.11.3.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ORIGIN = (
    "Donations to a public radio station, donors of 1995 over 1996 to 2001: Fader, Hardie & Shang, 'Customer-base "
    "analysis in a discrete-time noncontractual setting' (Marketing Science 29, 2010); copy of the package lifetimes "
    "0.11.3"
)


@frozen(eq=False, repr=False)
class Donations:
    """Donors counted by their history, one entry a distinct history; the columns are read-only.

    Attributes:
        frequency: occasions, of the six, on which they gave, int64, shape (22,).
        recency: the last occasion on which they gave, 0 if none, int64, shape (22,).
        periods: occasions they could have given on, int64, shape (22,).
        weights: how many donors have this history, int64, shape (22,).
        origin: where the data come from.

    >>> print(donations())
    Donations: 11,104 donors in 22 groups over 6 yearly occasions
    """

    frequency: NDArray[np.int64]
    recency: NDArray[np.int64]
    periods: NDArray[np.int64]
    weights: NDArray[np.int64]
    origin: str = ORIGIN

    def __len__(self) -> int:
        return len(self.weights)

    def __str__(self) -> str:
        donors, occasions = int(self.weights.sum()), int(self.periods.max())
        return f"Donations: {donors:,} donors in {len(self)} groups over {occasions} yearly occasions"

    __repr__ = __str__


@cache
def donations() -> Donations:
    """The 22 grouped histories of 11,104 donors over six yearly occasions.

    Returns:
        the groups in the order published; the same value at every call.

    >>> int(donations().weights[donations().frequency == 0].sum())
    3464

    Source: Fader, Hardie & Shang, Marketing Science 29 (2010).
    """
    import numpy as np

    with files("relmkt.datasets").joinpath("data/donations.csv").open("r", encoding="ascii") as lines:
        table = np.loadtxt(lines, dtype=np.int64, delimiter=",", skiprows=1)
    columns = np.ascontiguousarray(table.T)
    columns.setflags(write=False)
    return Donations(columns[0], columns[1], columns[2], columns[3])
