"""What is the answer: false, unknown or true; and may we, or may we not?

Verdicts are 0 false, 1 unknown, 2 true, so that *and* is the least, *or* the most and *not* is 2 − v: Kleene's strong
three-valued logic (Kleene 1952), the same in plain arithmetic, in columns and in SQL.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Literal

from attrs import field, frozen

from relmkt.windows import At, Instant, instant

__all__ = ["Permit", "Refusal", "Verdict"]


class Verdict(IntEnum):
    """False, unknown or true; true for TRUE alone.

    >>> bool(Verdict.UNKNOWN), bool(Verdict.TRUE)
    (False, True)
    """

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __bool__(self) -> bool:
        return self is Verdict.TRUE


@frozen
class Permit:
    """Yes: the contact may leave at `at`. True in a condition.

    basis: what permits it, in words; evidence: what was looked at, a line each.

    >>> bool(Permit(Instant(0), "consent to news by mail"))
    True
    """

    at: Instant
    basis: str = ""
    evidence: tuple[str, ...] = ()

    def __bool__(self) -> Literal[True]:
        return True


def _until(at: At | None) -> Instant | None:
    return None if at is None else instant(at, "until")


def _lines(evidence: Sequence[str]) -> tuple[str, ...]:
    return tuple(evidence)


@frozen
class Refusal:
    """No, under a named rule; `until` is the first instant at which all would accept, where there is one. False.

    >>> from pendulum import datetime
    >>> print(Refusal(None, "cap of 3 in 7 days (R54)", until=datetime(2026, 3, 8)))
    refused: cap of 3 in 7 days (R54), accepted from 2026-03-08T00:00:00+00:00
    """

    action: Any = field(repr=False)
    rule: str
    until: Instant | None = field(default=None, converter=_until, kw_only=True)
    evidence: Sequence[str] = field(default=(), converter=_lines, kw_only=True)

    def __bool__(self) -> Literal[False]:
        return False

    def __str__(self) -> str:
        later = "" if self.until is None else f", accepted from {self.until}"
        return f"refused: {self.rule}{later}"
