"""Where does everybody stand, on the engine that holds the rows? The questions of a portfolio, as expressions.

Nothing is read before an answer is: a lazy frame or a relation goes in, and one comes out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relmkt.customers import Question
from relmkt.frames._engine import engine_of, first_row, nw
from relmkt.frames._tallied import gathered
from relmkt.frames._told import told_by
from relmkt.frames._view import Framed
from relmkt.mapping import Mapped
from relmkt.rules import Judged, Measured, Rule
from relmkt.windows import At, Instant, instant

if TYPE_CHECKING:
    from relmkt.frames._engine import Expr, Rows

__all__ = ["Frame"]


class Frame:
    """All customers of some mapped frames with a fact not after `at`; facts after it are left out (rule R46).

    facts: `mapping.of(frame)`, of pandas, polars (eager or lazy), pyarrow or DuckDB, all of one engine. at: an aware
    datetime or an Instant. Answers are frames of that engine, lazy where it is, in no order.

    The answers equal a portfolio's. Rows that a load would refuse are left out; facts of one source and id are one. The
    total of a field that is not whole is a sum of floats in the engine's order: its last digits may differ.

    Raises TypeError for data that are no frame, or of two engines; UnsupportedError, before any job starts, for what no
    expression can tell: a hand-written facet, identifiers in place of a subject, columns of text that are no text, and
    the value of a newest or first fact where the mapping states no `id`, for ties are settled by it.

    >>> import polars as pl
    >>> from pendulum import datetime
    >>> from relmkt.facts import Visit
    >>> from relmkt.mapping import Mapping, col
    >>> from relmkt.tallies import count
    >>> rows = pl.DataFrame({"who": ["ada", "bob", "ada"], "day": [datetime(2026, 3, 1)] * 3})
    >>> frame = Frame(Mapping(Visit, subject=col("who"), at=col("day")).of(rows), at=datetime(2026, 7, 1))
    >>> frame.select(count(Visit) >= 2).to_dicts()
    [{'customer': 'ada'}]
    """

    def __init__(self, *facts: Mapped, at: At) -> None:
        self.at: Instant = instant(at)
        told: tuple[object, ...] = facts  # annotations do not hold for what callers hand in
        wrong = [type(source).__name__ for source in told if not isinstance(source, Mapped)] or ["nothing"][: not told]
        if wrong:
            raise TypeError(f"a Frame takes mapped frames, mapping.of(frame), not {wrong[0]}")
        if all(source.mapping.kind.subject_kind != "customer" for source in facts):
            raise TypeError("a Frame is of customers: these facts happen to others")
        self.engine = " and ".join(sorted({" ".join(engine_of(source.data)) for source in facts}))
        if " and " in self.engine:
            raise TypeError(f"the frames of one Frame are of one engine, not {self.engine}")
        self._told = tuple(told_by(source) for source in facts if source.mapping.kind.subject_kind == "customer")

    def ask(self, question: Question[Any, Any]) -> Any:
        """`customer` and the answer, under the question's name.

        A measure is a float in days and whole units, null where missing (text as it is); a rule or segment is whether
        it is true; a ladder the name of the rung, empty where none is true.
        """
        return self.columns(question)

    def columns(self, *questions: Question[Any, Any], **named: Question[Any, Any]) -> Any:
        """`customer` and an answer a column; `named`: questions under a name of yours.

        Raises ValueError for two answers of one name.
        """
        asked = [*((_name(question), question) for question in questions), *named.items()]
        names = ["customer", *(name for name, _ in asked)]
        if len({name.lower() for name in names}) < len(names):  # DuckDB tells no case
            raise ValueError("two columns of one name")
        sight = _Sight(self._told, self.at)
        answers = [question.many(sight).alias(name) for name, question in asked]
        return self._rows(sight).select("customer", *answers).to_native()

    def select(self, rule: Rule) -> Any:
        """Those for whom the rule is true: one column, `customer`."""
        sight = _Sight(self._told, self.at)
        held = sight.true(rule)
        return self._rows(sight).filter(held).select("customer").to_native()

    def count(self, *questions: Question[Any, Any]) -> dict[str, int]:
        """How many: the members of each rule or segment under its name, and those on each rung of a ladder.

        One job of the engine. Raises TypeError for a measure, which has no members.
        """
        sight = _Sight(self._told, self.at)
        members: dict[str, Expr] = {}
        for question in questions:
            if isinstance(question, Rule):
                members[_name(question)] = sight.true(question)
            elif hasattr(question, "rungs"):
                place = sight.place(list(question.rungs))
                members.update({rung.name: place == i for i, rung in enumerate(question.rungs, 1)})
            else:
                raise TypeError(f"{_name(question)} has no members to count: ask it, or compare it")
        if not members:
            return {}
        ones = [nw.when(held).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64) for held in members.values()]
        rows = self._rows(sight).select(*(one.sum().alias(f"n{i}") for i, one in enumerate(ones)))
        return {name: int(found or 0) for name, found in zip(members, first_row(rows), strict=True)}

    def _rows(self, sight: "_Sight") -> "Rows":
        rows = gathered(self._told, list(sight.view.parts.values()), int(self.at))
        return rows.with_columns(**sight.view.columns) if sight.view.columns else rows

    # A frame is a sight: what a question asks of it.

    def true(self, rule: Judged) -> Any:
        """`customer` and whether the rule is true."""
        return self._asked("true", lambda sight: sight.true(rule))

    def door(self, measure: Measured) -> Any:
        """`customer` and a measure in days and whole units."""
        return self._asked(measure.name, lambda sight: sight.door(measure))

    def standing(self, rungs: tuple[tuple[str, Judged], ...]) -> Any:
        """`customer` and the name of the highest rung whose rule is true; empty where none is."""
        return self._asked("standing", lambda sight: sight.standing(rungs))

    def _asked(self, name: str, answer: "Callable[[_Sight], Expr]") -> Any:
        sight = _Sight(self._told, self.at)
        found = answer(sight).alias(name)
        return self._rows(sight).select("customer", found).to_native()

    def __repr__(self) -> str:
        return f"Frame({', '.join(repr(told.mapping) for told in self._told)}, {self.engine}, at {self.at})"


class _Sight:
    """What questions meet while a frame collects their expressions."""

    def __init__(self, told: Any, at: Instant) -> None:
        self.view = Framed(told, at)

    def true(self, rule: Judged) -> "Expr":
        return self.view.judge(rule) == 2

    def door(self, measure: Measured) -> "Expr":
        return self.view.door(measure).shown()

    def place(self, rungs: "list[Any]") -> "Expr":
        """The number of the highest rung, from 1, whose rule is true; 0 where none is."""
        place = nw.lit(0)
        for number, rung in enumerate(rungs, 1):
            place = nw.when(self.true(rung)).then(nw.lit(number)).otherwise(place)
        return place

    def standing(self, rungs: tuple[tuple[str, Judged], ...]) -> "Expr":
        name = nw.lit("")
        for told, rung in rungs:
            name = nw.when(self.true(rung)).then(nw.lit(told)).otherwise(name)
        return name


def _name(question: Any) -> str:
    return str(getattr(question, "name", question))
