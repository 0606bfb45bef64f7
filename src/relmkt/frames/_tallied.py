"""How does a tally answer on a frame? Each fact gives to each tally, and one grouping by customer gathers.

A fact outside the window, of another kind or another currency gives what changes nothing: 0 to a sum, an instant beyond
the calendar to a newest or first. Nothing is ever null, so that whole numbers stay whole on pandas. The value of a
newest fact is found by the largest rank in history's order and a join: no window function is asked for (rule E03).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from relmkt.exceptions import UnsupportedError
from relmkt.facts import Profile, kind_of
from relmkt.facts._plain import hints
from relmkt.frames._cells import TYPES, Cell, Cond, Sort, both, inverse
from relmkt.frames._engine import nw, stacked
from relmkt.frames._told import KEYS, Told
from relmkt.mapping._cells import Wish
from relmkt.tallies import Tally
from relmkt.windows import Instant

if TYPE_CHECKING:
    from relmkt.frames._engine import Expr, Rows

    Opened = tuple[Told, Rows]

__all__ = ["NEVER", "Part", "check", "gathered", "part_of"]

NEVER = 1 << 62
"""Beyond the calendar, on either side: the instant of no fact."""

_LEAST: dict[Sort, Any] = {"int": -NEVER, "float": float("-inf"), "text": ""}


@frozen(eq=False)
class Part:
    """One tally's column: its name, how it is gathered, and what a fact gives that does not match.

    valued: whether it is the value of one fact, found by joining; such a column has a second, 1 where it is missing.
    """

    name: str
    tally: Tally
    sort: Sort
    gather: Literal["sum", "max", "min"]
    neutral: Any
    valued: bool = field(default=False)

    @property
    def absent(self) -> str:
        """The name of the column that says whether the value is missing."""
        return f"{self.name}_absent"

    @property
    def columns(self) -> tuple[str, ...]:
        """Its column, or both."""
        return (self.name, self.absent) if self.valued else (self.name,)

    def nothing(self) -> "list[Expr]":
        """What a fact gives that does not match."""
        value = nw.lit(self.neutral, TYPES[self.sort]).alias(self.name)
        return [value, nw.lit(1, nw.Int64).alias(self.absent)] if self.valued else [value]

    def gatherers(self) -> "list[Expr]":
        """The gathering of its columns."""
        found = [getattr(nw.col(self.name), self.gather)()]
        return [*found, nw.col(self.absent).min()] if self.valued else found


def part_of(tally: Tally, name: str) -> Part:
    """The column of a tally; TypeError for a total of texts."""
    at = tally.field in ("", "at")
    if tally.sort == "count":
        return Part(name, tally, "int", "sum", 0)
    if tally.sort == "total":
        sort = _sort(tally)
        if sort == "text":
            raise TypeError(f"{tally} adds up text: it takes a field of numbers")
        return Part(name, tally, sort, "sum", 0.0 if sort == "float" else 0)
    if tally.sort == "first" and at:
        return Part(name, tally, "int", "min", NEVER)
    if at or tally.sort in ("since", "last"):
        return Part(name, tally, "int", "max", -NEVER)
    sort = _sort(tally)
    return Part(name, tally, sort, "max", _LEAST[sort], True)


def _sort(tally: Tally) -> Sort:
    if tally.field in ("", "at") or tally.money:
        return "int"
    hint = hints(tally.kind).get(tally.field, str)
    told = Wish.of(tally.field, hint).sort
    return "int" if told in (int, bool, Instant) else "float" if told is float else "text"


def gathered(told: Sequence[Told], parts: Sequence[Part], at: int) -> "Rows":
    """Everybody with a fact not after `at`, and their columns: `customer` and those of the parts."""
    kinds: dict[tuple[Any, bool], list[Opened]] = {}
    for one in told:
        if one.kind.subject_kind == "customer":
            kinds.setdefault((one.kind, one.identified), []).append((one, one.rows(at)))
    plain, valued = [part for part in parts if not part.valued], [part for part in parts if part.valued]
    nothing = [expr for part in valued for expr in part.nothing()]
    names = [part.name for part in plain]
    piled = [_given(members, plain, at).select("customer", *names, *nothing) for members in kinds.values()]
    columns = ["customer", *(column for part in (*plain, *valued) for column in part.columns)]
    for part in valued:
        readers = [one for members in kinds.values() for one in members if _reads(one[0], part.tally)]
        if readers:
            others = [expr for other in parts if other is not part for expr in other.nothing()]
            piled.append(_at_the_end(readers, part, at).select("customer", *part.columns, *others))
    together = stacked([rows.select(*columns) for rows in piled])
    if not parts:
        return together.unique()
    together = together.group_by("customer").agg(*(expr for part in parts for expr in part.gatherers()))
    # DuckDB adds up whole numbers to wider ones
    return together.with_columns(*(nw.col(part.name).cast(TYPES[part.sort]) for part in parts))


def _reads(told: Told, tally: Tally) -> bool:
    return issubclass(told.kind, tally.kind)


def _given(members: "Sequence[Opened]", parts: Sequence[Part], at: int) -> "Rows":
    """What each fact of some mappings of one kind gives; of a source that gives ids, each fact once."""
    identified = members[0][0].identified
    keys = KEYS if identified else KEYS[:1]
    given = [rows.select(*keys, *(_gift(one, part, at) for part in parts)) for one, rows in members]
    rows = stacked(given)
    if not identified:
        return rows
    if not parts:
        return rows.select("customer")
    once = rows.group_by(*KEYS).agg(*(nw.col(part.name).max() for part in parts))
    return once.select("customer", *(part.name for part in parts))


def _gift(told: Told, part: Part, at: int) -> "Expr":
    """What each fact gives to one tally."""
    neutral = nw.lit(part.neutral, TYPES[part.sort])
    matched, value = _matched(told, part.tally, at) if _reads(told, part.tally) else (False, None)
    given = neutral if value is None else value.expr()
    if part.tally.sort == "count":
        given = nw.lit(1, nw.Int64)
    if isinstance(matched, bool):
        chosen = given if matched else neutral
    else:
        chosen = nw.when(matched).then(given).otherwise(neutral)
    return chosen.cast(TYPES[part.sort]).alias(part.name)


def _number(condition: Cond) -> "Expr":
    if isinstance(condition, bool):
        return nw.lit(int(condition), nw.Int64)
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)


def _matched(told: Told, tally: Tally, at: int) -> tuple[Cond, Cell]:
    """Which facts match, and their values."""
    found: list[Cond] = [told.field(name).equals(value) for name, value in tally.where]
    after = tally.opens(at)
    if after is not None and tally.sort != "first":
        found.append(nw.col("instant") > after)
    if tally.sort in ("count", "since", "last"):
        return both(*found), told.field("at")
    if issubclass(tally.kind, Profile) and tally.field not in ("", "at", "source"):
        value = told.said.get(tally.field, Cell("", "text", True))
        return both(*found, inverse(value.missing)), value
    value = told.field(tally.field)
    if tally.currency is not None:
        found.append(value.currency == tally.currency)
    if tally.sort == "total":
        found.append(inverse(value.missing))
    return both(*found), value


def _at_the_end(readers: "Sequence[Opened]", part: Part, at: int) -> "Rows":
    """The value of the one fact of each customer that stands last, or first, in history's order."""
    last = part.tally.sort != "first"
    rows = stacked([_ranked(one, held, part, at) for one, held in readers])
    best = rows.group_by("customer").agg(nw.col("rank").max() if last else nw.col("rank").min())
    found = rows.join(best, on=["customer", "rank"], how="inner")  # type: ignore[arg-type]
    return found.group_by("customer").agg(nw.col(part.name).max(), nw.col(part.absent).min())


def _ranked(told: Told, rows: "Rows", part: Part, at: int) -> "Rows":
    """The facts that match, with their place in history's order as one text: instant, id, source.

    Instants are moved to where all have nineteen digits; the text between id and source sorts before any in an id.
    """
    matched, value = _matched(told, part.tally, at)
    instant = (nw.col("instant") + NEVER).cast(nw.String)
    # no engine filters by a constant
    kept = nw.col("instant") < NEVER * (1 if matched else -1) if isinstance(matched, bool) else matched
    return rows.filter(kept).select(
        "customer",
        nw.concat_str(instant, nw.col("id"), nw.lit("\0"), nw.col("source")).alias("rank"),
        value.expr().cast(TYPES[part.sort]).alias(part.name),
        _number(value.missing).alias(part.absent),
    )


def check(told: Sequence[Told], tally: Tally) -> None:
    """Refuse what these frames cannot answer for a tally, before any job starts (rule E04)."""
    readers = [one for one in told if _reads(one, tally)]
    beside = [one for one in told if one.said and one.kind is not Profile]
    if beside and issubclass(Profile, tally.kind):
        raise UnsupportedError(f"{tally}: profiles told beside {kind_of(beside[0].kind)} rows are made in Python")
    for one in readers:
        _matched(one, tally, 0)
        if not one.identified and part_of(tally, "t").valued:
            told_in = f"Mapping({kind_of(one.kind)})"
            raise UnsupportedError(f"{tally}: facts of one instant are ordered by id, and {told_in} states no id=")
