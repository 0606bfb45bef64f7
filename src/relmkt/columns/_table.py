"""How do many facts stand as NumPy columns?

A `FactTable` holds the hot columns of facts, sorted by subject and then by history's order `(at, id, source)`, the
names of subjects encoded once. What is not hot (JSON in a store) is read only when a question asks for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from attrs import evolve, field, frozen

from relmkt.columns._gathered import from_facts, from_rows, from_tables
from relmkt.columns._order import class_named, classes_of, money_in, raw_column
from relmkt.facts import Fact, kind_of, own_fields
from relmkt.money import Money
from relmkt.windows import Instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["FactTable", "SupportsColumns"]

Key = tuple[str, str]


def _no_rest(kind: type[Fact], name: str) -> Sequence[object]:
    raise KeyError(name)


def _no_facts(*kinds: type[Fact]) -> Iterator[tuple[int, Fact]]:
    return iter(())


@frozen(eq=False, repr=False)
class FactTable:
    """Facts as columns, sorted by (subject, at, id, source): the newest fact of a subject is its last row.

    ids: names of the subjects, sorted by code point, shape (customers,).
    stream: index into `ids`, int64, non-decreasing. at: microseconds since 1970 UTC, int64.
    kind: index into `kinds`, int16. number: the kind's number (money in minor units), float64, NaN where missing.
    label: index into `labels`, int32, -1 where missing.
    rest: `rest(kind, field)` gives the values of a field that is not hot, one for each row of that kind, in order.
    facts: `facts(*kinds)` gives (row's stream index, fact) in order, for facets folded one by one.
    roots: names of streams that were merged into another, and the root each leads to.
    picked: `picked(rows, kinds)` gives the facts of some rows, where that is cheaper than reading all of them.
    keys: `keys(rows)` gives (id, source) of some rows, where that is cheaper than `rest`.
    classes: the classes of the kinds, where they are known.

    `table["at"]`, `table["number"]` … give a column; `table["label"]` and `table["kind"]` as text; a field of the kind
    (where the table holds one kind) its values, money in minor units.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Visit
    >>> table = FactTable.of([Visit("ada", datetime(2026, 3, 1), "Lyon"), Visit("bob", datetime(2026, 3, 2), "Nice")])
    >>> print(table, table["place"].tolist())
    2 facts of 2 subjects: 2 Visit ['Lyon', 'Nice']
    """

    ids: "NDArray[np.str_]"
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    stream: "NDArray[np.int64]"
    at: "NDArray[np.int64]"
    kind: "NDArray[np.int16]"
    number: "NDArray[np.float64]"
    label: "NDArray[np.int32]"
    rest: Callable[[type[Fact], str], Sequence[object]] = field(default=_no_rest)
    facts: Callable[..., Iterator[tuple[int, Fact]]] = field(default=_no_facts)
    roots: Mapping[str, str] = field(factory=dict)
    picked: "Callable[[Ints, Sequence[type[Fact]]], Sequence[Fact]] | None" = None
    keys: "Callable[[Ints], Sequence[Key]] | None" = None
    classes: Mapping[str, type[Fact]] = field(factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact], *, roots: Mapping[str, str] | None = None) -> Self:
        """The table of some facts, in any order; the same fact twice is one.

        roots: names of streams that are part of another subject, and its name.
        """
        return cls(**from_facts(list(facts), roots or {}))

    @classmethod
    def joined(cls, *tables: "FactTable") -> "FactTable":
        """One table of several; a fact that stands in two of them is one."""
        if not tables:
            return cls.of(())
        return tables[0] if len(tables) == 1 else cls(**from_tables(tables))

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, name: str) -> "NDArray[Any]":
        import numpy as np

        if name in ("stream", "at", "number"):
            return getattr(self, name)  # type: ignore[no-any-return]
        if name == "label":
            return np.array([*self.labels, ""], np.str_)[self.label]
        if name == "kind":
            return np.array([*self.kinds, ""], np.str_)[self.kind]
        classes = self._family(name)
        parts = [self.field(cls, name) for cls in classes]
        if len(parts) == 1:
            return parts[0]
        rows = np.argsort(np.concatenate([self.rows_of(cls) for cls in classes]))
        return np.concatenate(parts)[rows]

    def _family(self, name: str) -> list[type[Fact]]:
        """The classes of all rows: one kind, with its sub-kinds."""
        held = [cls for kind, _ in self._counts() if (cls := self.classes.get(kind)) is not None]
        if not len(self) and self.classes:
            return [next(iter(self.classes.values()))]
        if (
            not held
            or len(held) < len(self._counts())
            or not any(all(issubclass(c, top) for c in held) for top in held)
        ):
            raise KeyError(f"{name}: the table holds several kinds, or one not named: take one with only(kind)")
        return held

    def field(self, kind: type[Fact], name: str) -> "NDArray[Any]":
        """The values of one field for the rows of `kind`: numbers with NaN (money in minor units), or text."""
        rows = self.rows_of(kind)
        number, label = (*kind.hot, "", "")[:2]
        if name == "at":
            return self.at[rows]
        if name == number:
            return self.number[rows]
        if name == label:
            return self["label"][rows]
        if name not in (*own_fields(kind), "id", "source", "ref"):
            raise KeyError(f"{kind_of(kind)} has no field {name!r}")
        return raw_column(self.rest(kind, name))

    def rows_of(self, kind: type[Fact]) -> "NDArray[np.int64]":
        """The rows of exactly this kind."""
        import numpy as np

        if kind_of(kind) not in self.kinds:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.kind == self.kinds.index(kind_of(kind)))

    def where(self, kind: type[Fact], **where: Any) -> "NDArray[np.bool_]":
        """Which of the rows of exactly this kind have fields equal to these."""
        import numpy as np

        kept = np.ones(len(self.rows_of(kind)), np.bool_)
        for name, value in where.items():
            kept &= self._equal(kind, name, value)
        return kept

    def _equal(self, kind: type[Fact], name: str, value: Any) -> "NDArray[np.bool_]":
        import numpy as np

        rows = self.rows_of(kind)
        number, label = (*kind.hot, "", "")[:2]
        if name == "at":
            return np.equal(self.at[rows], int(value))
        if name == label and isinstance(value, str):
            return np.equal(self.label[rows], self.labels.index(value) if value in self.labels else -2)
        plain = isinstance(value, int | float) and not isinstance(value, Money)
        if name == number and plain and not money_in(kind, name):
            found: NDArray[np.bool_] = self.number[rows] == value
            return found
        if name not in (*own_fields(kind), "id", "source", "ref"):
            raise KeyError(f"{kind_of(kind)} has no field {name!r}")
        return np.array([told == value for told in self.rest(kind, name)], np.bool_)

    def only(self, kind: type[Fact], **where: Any) -> "FactTable":
        """The facts of one kind (its sub-kinds too) whose fields equal these; the subjects stay as they are."""
        import numpy as np

        family = [cls for cls in classes_of(kind) if kind_of(cls) in self.kinds]
        rows = [self.rows_of(cls)[self.where(cls, **where)] for cls in family]
        taken = self.taken(np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64))
        return evolve(taken, classes={kind_of(kind): kind, **{kind_of(cls): cls for cls in family}})

    def taken(self, rows: "NDArray[Any]", subjects: "NDArray[Any] | None" = None) -> "FactTable":
        """Some rows, by a mask or by ascending positions; subjects: those to keep, likewise (left out: all)."""
        import numpy as np

        positions = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return FactTable(**from_rows(self, positions, subjects))

    def told(self, rows: "NDArray[np.int64]", kinds: Sequence[type[Fact]]) -> Sequence[Fact]:
        """The facts of some rows; those of other kinds than `kinds` as they were stored."""
        import numpy as np

        if self.picked is not None:
            return self.picked(rows, kinds)
        names = {kind_of(kind) for kind in kinds}
        known = np.isin(self.kind, [code for code, name in enumerate(self.kinds) if name in names])
        found: dict[int, Fact] = {}
        for classes, held in ((kinds, known), ((), ~known)):
            own = rows[held[rows]]
            if len(own):  # without classes every fact is read, the unknown ones as they were stored
                every = [fact for _, fact in self.facts(*classes)]
                places = np.searchsorted(np.flatnonzero(held), own) if classes else own
                found.update(zip(own.tolist(), (every[place] for place in places.tolist()), strict=True))
        return [found[row] for row in rows.tolist()]

    def keyed(self, rows: "NDArray[np.int64]") -> Sequence[Key]:
        """(id, source) of some rows; empty texts for a kind whose class is not known."""
        import numpy as np

        if self.keys is not None:
            return self.keys(rows)
        found: dict[int, Key] = {}
        for code in np.unique(self.kind[rows]).tolist():
            cls = self.classes.get(self.kinds[code]) or class_named(self.kinds[code])
            if cls is not None:
                pairs = zip(self.rest(cls, "id"), self.rest(cls, "source"), strict=True)
                told = ((str(id), str(source)) for id, source in pairs)
                found.update(zip(np.flatnonzero(self.kind == code).tolist(), told, strict=True))
        return [found.get(row, ("", "")) for row in rows.tolist()]

    def _counts(self) -> list[tuple[str, int]]:
        import numpy as np

        counted = np.bincount(self.kind, minlength=len(self.kinds)).tolist()
        return [(kind, n) for kind, n in zip(self.kinds, counted, strict=False) if n]

    def __str__(self) -> str:
        counted = ", ".join(f"{n:,} {kind}" for kind, n in self._counts())
        return f"{len(self):,} facts of {len(self.ids):,} subjects" + (f": {counted}" if counted else "")

    def __repr__(self) -> str:
        return f"FactTable({self})"

    def _repr_html_(self) -> str:
        body = "".join(f"<tr><th>{escape(kind)}</th><td>{n:,}</td></tr>" for kind, n in self._counts())
        span = f", {Instant(int(self.at.min()))} to {Instant(int(self.at.max()))}" if len(self) else ""
        caption = f"{len(self):,} facts of {len(self.ids):,} subjects{span}"
        return f"<table><caption>{escape(caption)}</caption><tr><th>kind</th><th>facts</th></tr>{body}</table>"


@runtime_checkable
class SupportsColumns(Protocol):
    """A store that gives its facts as columns, without parsing what is not hot."""

    def columns(self, *kinds: str) -> FactTable: ...
