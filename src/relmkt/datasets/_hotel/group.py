"""What does a hotel group's data look like, before anybody has joined or cleaned them?

One simulated group, for the documentation and the tests: no guest, stay or sale in it ever was. The systems are those
that the courses name for hotels (reservation, property, point of sale, loyalty programme), and beside them what a
relationship is read from: answers, messages, public mentions, complaints, recommendations, consents, staff, margins.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from html import escape
from pathlib import Path

from attrs import frozen

from relmkt.datasets._hotel.truth import Table, Truth

SIMULATED = "SIMULATED: no such group, guest or stay exists"


@frozen(eq=False, repr=False)
class HotelGroup:
    """The exports of a simulated hotel group of three houses over the years 2023 to 2025.

    Every column is text, as it would stand in a CSV file, so tables and written files read alike. Dates are local to
    Europe/Paris; amounts are euros with two decimals.

    Attributes:
        seed: from which everything was drawn.
        guests: how many true persons there are, prospects included.
        tables: name of a system to its table, a table being name of a column to texts, shape (rows,).
        truth: the person and the defect behind each row.
        defect_rates: name of a system to the stated share of its rows that carry each defect.

    The tables and their columns:

    - `crs`, reservations that were honoured: booking, booked, arrival, nights, hotel, email, guest, channel
    - `pms`, stays with the bill for the room: folio, booking, hotel, room, checkin, checkout, guest, email, mobile,
      total
    - `till`, tickets of all departments, the room among them: ticket, closed, hotel, department, total, currency, card
    - `loyalty`: joined, card, email, mobile, name, birthday, city, interest
    - `survey`: response, date, email, hotel, hotel.stay, hotel.service (1 to 10), recommend (0 to 10), stay.expected,
      stay.perceived (1 to 10), expects, origin
    - `messages`: message, sent, channel, to, kind, campaign, status, opened, clicked, replied
    - `holdouts`, who was held out of an offer by chance: campaign, at, email
    - `mentions`, in public: mention, at, site, author, hotel, stars, text, followers, answered
    - `consents`: consent, at, email, purpose, channel, state, wording, source, actor
    - `complaints`: complaint, at, email, hotel, booking, channel, topic, text, answered
    - `referrals`: referral, at, email, friend, code
    - `staff`: staff, name, hotel, role, since, until, orientation
    - `owners`, who looks after whom: assignment, email, hotel, staff, since, until
    - `margins`: hotel, department, year, rate

    >>> group = hotel(1, guests=50)
    >>> sorted(group.tables)[:4]
    ['complaints', 'consents', 'crs', 'holdouts']
    >>> list(group.tables["margins"])
    ['hotel', 'department', 'year', 'rate']
    """

    seed: int
    guests: int
    tables: dict[str, Table]
    truth: Truth
    defect_rates: Mapping[str, Mapping[str, float]]
    zone: str = "Europe/Paris"
    currency: str = "EUR"

    def write(self, folder: str | Path) -> dict[str, Path]:
        """Writes each table as `<name>.csv` (UTF-8, comma, line feed) into a folder, which is made if need be.

        Returns:
            name of the system to the path of its file.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = {name: place / f"{name}.csv" for name in self.tables}
        for name, path in paths.items():
            with path.open("w", encoding="utf-8", newline="") as stream:
                out = csv.writer(stream, lineterminator="\n")
                out.writerow(self.tables[name])
                out.writerows(zip(*(column.tolist() for column in self.tables[name].values()), strict=True))
        return paths

    def rows(self, name: str) -> int:
        """How many rows a system exported.

        >>> hotel(1, guests=50).rows("margins")
        45
        """
        return len(self.truth.person[name])

    def __str__(self) -> str:
        """A line on the whole and a line a system: its rows, and how many are spoiled."""
        head = f"Hotel group, {SIMULATED} (seed {self.seed}, {self.guests:,} guests, Paris Lyon Nice, 2023 to 2025)"
        lines = [f"  {name:<10} {rows:>7,} rows, {bad:>5,} spoiled" for name, rows, bad in self._sizes]
        return "\n".join([head, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(f"<tr><td>{escape(name)}<td>{rows:,}<td>{bad:,}" for name, rows, bad in self._sizes)
        caption = f"Hotel group, {SIMULATED}; seed {self.seed}, {self.guests:,} guests"
        return f"<table><caption>{escape(caption)}</caption><tr><th>system<th>rows<th>spoiled{body}</table>"

    @property
    def _sizes(self) -> list[tuple[str, int, int]]:
        return [(name, self.rows(name), int((spoiled != "").sum())) for name, spoiled in self.truth.defect.items()]


def hotel(seed: int = 1, *, guests: int = 5_000) -> HotelGroup:
    """One simulated hotel group: its systems' exports, with stated defects, and the truth behind them.

    A row carries one defect at most, at the rates of `defect_rates`. Stays follow the season of each house; a bad stay
    sends guests away; offers bring some back, and a fifth of those who could have had one was held out; Nice is better
    from June 2024 on, Paris short of staff in the summer of 2025. Every figure is invented.

    The same seed and number give the same tables on every machine; each system draws from a stream of its own, so a
    later system changes no earlier one.

    Args:
        seed: a whole number from 0.
        guests: how many persons, from 1.

    Raises:
        ValueError: if the seed is negative or there is no guest.

    >>> print(hotel(1, guests=50))  # doctest: +ELLIPSIS
    Hotel group, SIMULATED: no such group, guest or stay exists (seed 1, 50 guests, Paris Lyon Nice, 2023 to 2025)
      crs ...
    """
    if seed < 0 or guests < 1:
        raise ValueError(f"a seed from 0 and at least one guest expected, got {seed} and {guests}")
    from relmkt.datasets._hotel.build import sources

    return HotelGroup(seed, guests, *sources(seed, guests))
