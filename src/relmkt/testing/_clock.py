"""What time is it? Whatever a test says: a clock that stands until it is moved (rule K03)."""

from pendulum import DateTime

from relmkt.windows import At, Instant, Span, instant

__all__ = ["FixedClock"]


class FixedClock:
    """A clock for `Program(clock=…)` that stands at an instant until it is moved.

    at: an aware datetime or an Instant. Raises InvalidFactError for a naive one.

    >>> from pendulum import datetime
    >>> from relmkt.windows import days
    >>> clock = FixedClock(datetime(2026, 3, 1))
    >>> clock.move(days(2))
    >>> print(clock())
    2026-03-03 00:00:00+00:00
    """

    def __init__(self, at: At) -> None:
        self.at: Instant = instant(at)

    def __call__(self) -> DateTime:
        """The instant at which it stands, in UTC."""
        return self.at.utc

    def move(self, span: Span) -> None:
        """Let a span pass. Raises ValueError for a negative one: time only passes."""
        if span < 0:
            raise ValueError("time only passes: expected a span of zero or more")
        self.at = self.at + span

    def __repr__(self) -> str:
        return f"FixedClock({str(self.at)!r})"
