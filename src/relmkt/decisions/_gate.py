"""May this leave, and when? The gate asks its clauses, and answers with an instant or a refusal.

A clause is any function of (action, customer, address, at) that gives None or a `Refusal`; it may carry the `facets`
it reads. A clause that `delays` moves the contact to the first instant at which all accept; any other refusal names
that instant (R60), where there is one.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from relmkt.contact import Contact, Permission, Planned, Suppression, contact_of
from relmkt.customers import Customer
from relmkt.facts import Fact
from relmkt.rules import Permit, Refusal
from relmkt.windows import At, Instant, instant

__all__ = ["Clause", "Gate"]

Clause = Callable[[Any, Customer, Customer | None, Instant], Refusal | None]
"""A clause of the gate: (action, customer, address, at) to a refusal, or None."""

_TRIES = 64


@frozen(init=False)
class Gate:
    """The clauses that every contact must pass: permission, suppression and deadline first, then yours.

    clauses: functions of (action, customer, address, at), such as `Cap(2, days(7))` or `QuietHours("21:00", "08:00")`.

    >>> from pendulum import datetime
    >>> gate = Gate.only()
    >>> bool(gate.judge(Contact("mail", kind="service"), Customer.of("ada", []), at=datetime(2026, 3, 1)))
    True
    """

    clauses: tuple[Clause, ...]

    def __init__(self, *clauses: Clause) -> None:
        self.__attrs_init__((Permission(), Suppression(), *clauses))

    @classmethod
    def only(cls, *clauses: Clause) -> "Gate":
        """A gate of these clauses and nothing else, for those who embed it."""
        gate = cls.__new__(cls)
        gate.__attrs_init__(clauses)
        return gate

    @property
    def facets(self) -> tuple[Any, ...]:
        """The facets of the customer that the clauses read."""
        return tuple(facet for clause in self.clauses if not _of_address(clause) for facet in _facets(clause))

    @property
    def address_facets(self) -> tuple[Any, ...]:
        """The facets of the address that the clauses read."""
        return tuple(facet for clause in self.clauses if _of_address(clause) for facet in _facets(clause))

    @property
    def kinds(self) -> frozenset[type[Fact]]:
        """The kinds of facts that the clauses' facets fold."""
        return frozenset(kind for facet in (*self.facets, *self.address_facets) for kind in _read(facet))

    def judge(self, action: Any, customer: Customer, *, at: At, address: Customer | None = None) -> Permit | Refusal:
        """Whether a contact may leave at an instant, or at the first one at which all clauses accept.

        A clause that delays moves it; a contact past its deadline is refused as expired, never moved beyond (R62).
        """
        moment = instant(at)
        deadline = _deadline(action, moment)
        if moment > deadline:
            return Refusal(action, "expired (R62)")
        refusal, accepted = self._settle(action, customer, address, moment)
        if refusal is not None:
            late = isinstance(action, Planned) and accepted is not None and accepted > deadline
            return evolve(refusal, until=None if late else accepted)
        if accepted is None or accepted > deadline:
            return Refusal(action, "expired (R62)")
        return Permit(accepted, *self._grounds(action, customer, accepted))

    def _settle(
        self, action: Any, customer: Customer, address: Customer | None, at: Instant
    ) -> tuple[Refusal | None, Instant | None]:
        """The first refusal that does not delay, and the first instant at which all clauses accept."""
        first: Refusal | None = None
        for _ in range(_TRIES):
            refused = [(c, r) for c in self.clauses if (r := c(action, customer, address, at)) is not None]
            if not refused:
                return first, at
            hard = [refusal for clause, refusal in refused if not getattr(clause, "delays", False)]
            if first is None and hard:  # a refusal is false: `or` would forget it
                first = hard[0]
            untils = [refusal.until for _, refusal in refused]
            later = [until for until in untils if until is not None and until > at]
            if len(later) < len(untils):
                return refused[0][1] if first is None else first, None
            at = max(later)
        return Refusal(action, "no instant found at which all clauses accept") if first is None else first, None

    def _grounds(self, action: Any, customer: Customer, at: Instant) -> tuple[str, tuple[str, ...]]:
        basis = [clause.basis(action, customer, at) for clause in self.clauses if hasattr(clause, "basis")]
        return "; ".join(basis), tuple(str(clause) for clause in self.clauses if not hasattr(clause, "basis"))


def _facets(clause: Clause) -> Iterable[Any]:
    return tuple(getattr(clause, "facets", ()))


def _read(facet: Any) -> tuple[type[Fact], ...]:
    return tuple(getattr(facet, "reads", ()))


def _of_address(clause: Clause) -> bool:
    return bool(getattr(clause, "reads_address", False))


def _deadline(action: Any, at: Instant) -> int:
    """A planned contact's deadline runs from when it was first due, another's from the instant asked."""
    within = contact_of(action).within if isinstance(contact_of(action), Contact) else None
    if within is None:
        return 1 << 62
    return int(action.due if isinstance(action, Planned) else at) + within
