"""Is it installed? The six points that the courses ask of a CRM, ticked from the store itself."""

from attrs import frozen

from relmkt.contact import Planned
from relmkt.facts import TaskOpened
from relmkt.report._ground import Ground
from relmkt.report._scorecard import reachable
from relmkt.report._section import Section, Table, amount, many
from relmkt.value import RFM

__all__ = ["Point", "check_section", "points"]


@frozen
class Point:
    """One of the six points: whether it is reached, and what the store shows for it.

    >>> print(Point("collected", True, "3 facts of 2 customers"))
    [x] collected: 3 facts of 2 customers
    """

    name: str
    reached: bool
    shown: str

    def __str__(self) -> str:
        return f"[{'x' if self.reached else ' '}] {self.name}: {self.shown}"


def points(ground: Ground) -> tuple[Point, ...]:
    """The six installation points of a store: collected; segmented and stored; access by role; behaviour analysed;
    digital contact ready; suggestions given. A point whose chapter is not built is not ticked.
    """
    return (
        _collected(ground),
        _segmented(ground),
        Point("access by role", False, "not built: the chapter of the team and its roles does not stand yet"),
        _analysed(ground),
        _ready(ground),
        _suggested(ground),
    )


def _collected(ground: Ground) -> Point:
    facts = len(ground.base.table)
    told = f"{many(facts, 'fact')} of {many(len(ground.base), 'customer')}"
    return Point("customers' data collected", facts > 0, told)


def _segmented(ground: Ground) -> Point:
    name = "segmented and stored"
    if not ground.buyers:
        return Point(name, False, "nobody has bought: there is nothing to segment by")
    counts = ground.base.count(*RFM.fit(ground.base, currency=ground.currency).segments)
    full = sum(n > 0 for n in counts.values())
    whole = sum(counts.values()) == ground.buyers
    return Point(name, whole and full > 1, f"{many(ground.buyers, 'buyer')} in {full} segments, from stored facts")


def _analysed(ground: Ground) -> Point:
    whole, name = ground.worth.whole, "behaviour analysed"
    if whole is None:
        return Point(name, False, ground.worth.why)
    return Point(name, True, f"expected within a year: {amount(whole.value, ground.currency)} of revenue")


def _ready(ground: Ground) -> Point:
    may = len(reachable(ground))
    told = (
        f"{many(may, 'customer')} can be reached and agreed to it" if may else "nobody can be reached and agreed to it"
    )
    return Point("digital contact ready", may > 0, told)


def _suggested(ground: Ground) -> Point:
    contacts, tasks = (len(ground.stored(kind)) for kind in (Planned, TaskOpened))
    told = f"{many(contacts, 'contact')} and {many(tasks, 'task')} were suggested"
    return Point("suggestions given", contacts + tasks > 0, told)


def check_section(ground: Ground) -> Section:
    """The six points as a section."""
    found = points(ground)
    rows = [("✓ yes" if point.reached else "✗ no", point.name, point.shown) for point in found]
    return Section(
        "check",
        "Is it installed? Six points",
        (f"{sum(point.reached for point in found)} of {len(found)} points are reached, judged from the store itself.",),
        (Table(("reached", "point", "what the store shows"), rows),),
    )
