"""Who and what is really behind each exported row?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Table = dict[str, "NDArray[np.str_]"]


@frozen(eq=False, repr=False)
class Truth:
    """What a perfect system would know, so that joining and cleaning can be measured.

    Attributes:
        people: the clean persons: person, name, email, work email, mobile, card, kind, born.
        person: for each table, the person behind each row, "" where there is none; shape (rows,).
        defect: for each table, what was spoiled in each row, "" if nothing; shape (rows,).

    >>> from relmkt.datasets import hotel
    >>> truth = hotel(1, guests=50).truth
    >>> str(truth.people["person"][0]), str(truth.people["kind"][0])
    ('G00000', 'leisure')
    """

    people: Table
    person: dict[str, NDArray[np.str_]]
    defect: dict[str, NDArray[np.str_]]

    def __repr__(self) -> str:
        return f"Truth({len(self.people['person'])} people, {len(self.person)} tables)"
