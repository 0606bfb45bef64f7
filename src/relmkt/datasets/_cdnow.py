"""Who bought what in the best-studied customer base there is?

CDNOW sold music on the web. The data follow everyone who first bought there in the first quarter of 1997 until the end
of June 1998: 69,659 purchases by 23,570 customers. Published for research by Fader and Hardie, "Forecasting repeat
sales at CDNOW: a case study" (Interfaces 31, 2001), and the base on which the BG/NBD and Pareto/NBD papers report
their parameters; the copy is the one carried by the package `lifetimes` 0.11.3. Dates stand at 00:00 UTC.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    K = TypeVar("K", bound=np.generic)

ORIGIN = (
    "CDNOW, customers of the first quarter of 1997 to June 1998: Fader & Hardie, 'Forecasting repeat sales at CDNOW: "
    "a case study' (Interfaces 31, 2001); copy of the package lifetimes 0.11.3"
)
A_DAY = 86_400_000_000  # microseconds


@frozen(eq=False, repr=False)
class CDNOW:
    """Purchases of the CDNOW cohort as columns, one entry a purchase, in the order of the published file.

    Nothing is cleaned: 255 rows repeat another row exactly and 80 have an amount of zero in the whole base, and all are
    purchases. The columns are read-only.

    Attributes:
        customer: id in the master file, five digits, shape (purchases,).
        at: midnight UTC of the day, whole microseconds since 1970, int64, shape (purchases,).
        cds: number of CDs, int64, shape (purchases,).
        cents: amount in whole US cents, exact, int64, shape (purchases,).
        sample: the ids of the 1/10 systematic sample that the papers fit, shape (2357,).
        currency: "USD".
        origin: where the data come from.

    >>> base = cdnow()
    >>> print(base)
    CDNOW: 69,659 purchases of 23,570 customers, 1997-01-01 to 1998-06-30, 2,500,315.63 USD
    >>> base.customer[:3].tolist(), base.cents[:3].tolist()
    (['00001', '00002', '00002'], [1177, 1200, 7700])
    """

    customer: NDArray[np.str_]
    at: NDArray[np.int64]
    cds: NDArray[np.int64]
    cents: NDArray[np.int64]
    sample: NDArray[np.str_]
    currency: str = "USD"
    origin: str = ORIGIN

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The purchases as a table: `customer`, `day` (datetime64), `amount` (dollars, float64) and `cds`.

        An amount is the float nearest to its whole cents, so rounding a hundred of it gives `cents` back exactly.

        >>> {name: str(column[1]) for name, column in cdnow().columns.items()}
        {'customer': '00002', 'day': '1997-01-12', 'amount': '12.0', 'cds': '1'}
        """
        day = self.at.view("datetime64[us]").astype("datetime64[D]")
        return {"customer": self.customer, "day": day, "amount": self.cents / 100, "cds": self.cds}

    def __len__(self) -> int:
        return len(self.at)

    def __str__(self) -> str:
        import numpy as np

        first, last = (str(np.datetime64(int(at), "us"))[:10] for at in (self.at.min(), self.at.max()))
        people, revenue = len(np.unique(self.customer)), int(self.cents.sum())
        return (
            f"CDNOW: {len(self):,} purchases of {people:,} customers, {first} to {last}, "
            f"{revenue // 100:,}.{revenue % 100:02d} {self.currency}"
        )

    __repr__ = __str__


@cache
def cdnow() -> CDNOW:
    """The whole CDNOW cohort: 69,659 purchases of 23,570 customers in US dollars.

    Returns:
        the purchases in the order of the master file; the same value at every call.

    >>> len(cdnow()), len(cdnow().sample)
    (69659, 2357)

    Source: Fader & Hardie, Interfaces 31 (2001).
    """
    import numpy as np

    with files("relmkt.datasets").joinpath("data/cdnow.npz").open("rb") as stream:
        packed = dict(np.load(stream, allow_pickle=False))
    start = np.datetime64("1997-01-01", "us").astype(np.int64)
    return CDNOW(
        customer=_frozen(_ids(packed["customer"])),
        at=_frozen(start + packed["day"].astype(np.int64) * A_DAY),
        cds=_frozen(packed["cds"].astype(np.int64)),
        cents=_frozen(packed["cents"].astype(np.int64)),
        sample=_frozen(_ids(packed["sample"])),
    )


@cache
def cdnow_sample() -> CDNOW:
    """The 1/10 systematic sample of CDNOW that the models' papers fit: 6,919 purchases of 2,357 customers.

    Returns:
        the sampled customers' purchases, in the order of the master file; the same value at every call.

    >>> print(cdnow_sample())
    CDNOW: 6,919 purchases of 2,357 customers, 1997-01-01 to 1998-06-30, 244,091.94 USD

    Source: Fader & Hardie, Interfaces 31 (2001); Fader, Hardie & Lee, Marketing Science 24 (2005).
    """
    import numpy as np

    whole = cdnow()
    kept = np.isin(whole.customer, whole.sample)
    return evolve(
        whole,
        customer=_frozen(whole.customer[kept]),
        at=_frozen(whole.at[kept]),
        cds=_frozen(whole.cds[kept]),
        cents=_frozen(whole.cents[kept]),
    )


def _ids(numbers: NDArray[np.integer[Any]]) -> NDArray[np.str_]:
    """Customer numbers as the five digits of the master file; each is written once and then looked up."""
    import numpy as np

    written = np.array([f"{number:05d}" for number in range(int(numbers.max()) + 1)], dtype=np.str_)
    found: NDArray[np.str_] = written[numbers]
    return found


def _frozen(column: NDArray[K]) -> NDArray[K]:
    column.setflags(write=False)
    return column
