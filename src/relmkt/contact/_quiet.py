"""When not? Quiet hours on the recipient's own clock, and addresses that must not be written to.

Quiet bounds are start-inclusive and end-exclusive (R64), and keep the local clock's meaning across midnight and both
changes of daylight saving (R65).
"""

from typing import Any, Literal

from attrs import evolve, field, frozen

from relmkt.contact._contact import Suppressed
from relmkt.contact._pressure import zone_of
from relmkt.customers import Attributes, Customer
from relmkt.facts import Fact
from relmkt.rules import Refusal
from relmkt.windows import Instant, quiet_until

__all__ = ["QuietHours", "Suppression", "Suppressions"]


@frozen
class QuietHours:
    """The clause that keeps contacts out of the night: `QuietHours("21:00", "08:00", zone="Europe/Paris")`.

    zone: of those whose profile states none (R66). then: a contact due within moves to the end of the quiet hours
    ("delay"), or is refused ("drop") (R63).

    >>> print(QuietHours("22:00", "06:00"))
    quiet hours 22:00 to 06:00
    """

    start: str
    end: str
    zone: str | None = field(default=None, kw_only=True)
    then: Literal["delay", "drop"] = field(default="delay", kw_only=True)

    def __attrs_post_init__(self) -> None:
        quiet_until(0, self.start, self.end, self.zone or "UTC")  # an unreadable clock or zone is told when written

    @property
    def facets(self) -> tuple[Any, ...]:
        """What the clause reads."""
        return (Attributes(),)

    @property
    def delays(self) -> bool:
        """Whether a refusal of this clause moves the contact instead."""
        return self.then == "delay"

    def __call__(self, action: object, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
        """None outside the quiet hours, else a refusal until they end."""
        until = quiet_until(at, self.start, self.end, zone_of(customer, self.zone))
        return None if until is None else Refusal(action, f"{self} (R63)", until=until)

    def __str__(self) -> str:
        return f"quiet hours {self.start} to {self.end}"


@frozen
class Suppressions:
    """Why an address is suppressed, empty where it is not.

    >>> Suppressions().reason
    ''
    """

    reads = (Suppressed,)
    reason: str = ""

    def after(self, fact: Fact) -> "Suppressions":
        """Suppressed from now on, for the first reason given."""
        if isinstance(fact, Suppressed) and not self.reason:
            return evolve(self, reason=fact.reason or "suppressed")
        return self


@frozen
class Suppression:
    """The clause that refuses addresses on the suppression list, for all persons who share them (R79).

    >>> print(Suppression())
    suppression
    """

    facets = (Suppressions(),)
    reads_address = True

    def __call__(self, action: object, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
        """None where the address is not suppressed."""
        if address is None or not address[Suppressions()].reason:
            return None
        return Refusal(action, f"address suppressed: {address[Suppressions()].reason} (R79)")

    def __str__(self) -> str:
        return "suppression"
