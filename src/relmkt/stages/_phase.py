"""In which phase is the relationship: to be won, to be built, to be kept, or to be won back?

Acquisition, development and retention are the three of the relational strategy (Blattberg & Deighton 1996, Manage
Marketing by the Customer Equity Test, Harvard Business Review 74(4), 136-144); winning back is the fourth (Stauss &
Friege 1999, Regaining Service Customers, Journal of Service Research 1(4), 347-361). The thresholds are arguments.
"""

from enum import StrEnum

from relmkt.customers import Customer, Explanation
from relmkt.facts import Purchase
from relmkt.ladders import Ladder, Segment
from relmkt.rules import One
from relmkt.tallies import count, since
from relmkt.windows import Span, days

__all__ = ["Phase", "phase", "phases"]


class Phase(StrEnum):
    """The phases of a relationship, in the order of time; each is its segment's name.

    >>> Phase("win back") is Phase.WIN_BACK
    True
    """

    CONQUEST = "conquest"
    LOYALTY = "loyalty"
    RETENTION = "retention"
    WIN_BACK = "win back"


def phases(*, won: int = 1, settled: int = 3, lost: Span = days(365)) -> tuple[Segment, ...]:
    """The four phases as segments, of which everyone is in exactly one; no verdict is ever unknown.

    won: purchases that end the conquest. settled: purchases from which the tie is to be kept rather than built.
    lost: longer than this since the last purchase, and they are to be won back.

    Conquest: fewer than `won`. Win back: won, and lost since. Loyalty: won, not lost, fewer than `settled`.
    Retention: settled and not lost. Raises ValueError unless 1 <= won <= settled and lost is longer than nothing.

    >>> [segment.name for segment in phases()]
    ['conquest', 'loyalty', 'retention', 'win back']
    """
    if not 1 <= won <= settled or lost <= 0:
        raise ValueError("phases: expected 1 <= won <= settled, and a span that is longer than nothing")
    bought, gone = count(Purchase) >= won, since(Purchase) > lost
    here = since(Purchase) <= lost
    few = count(Purchase) < settled
    return (
        Segment(str(Phase.CONQUEST), count(Purchase) < won),
        Segment(str(Phase.LOYALTY), bought & few & here),
        Segment(str(Phase.RETENTION), (count(Purchase) >= settled) & here),
        Segment(str(Phase.WIN_BACK), bought & gone),
    )


class _Phases(Ladder):
    """The phases follow one another in time and none stands above another: the reasons name no next one."""

    def explain(self, customer: Customer) -> Explanation:
        """The phase, since when, and its reasons."""
        view = One(customer)
        standing = self.stand(view)
        names = [rung.name for rung in self.rungs]
        place = names.index(standing.rung)
        start = self.since(customer)
        text = f"{standing}" + (f" since {start}" if start is not None else "")
        return Explanation(2, float(place), text, (self.rungs[place].rule.why(view),))


def phase(*, won: int = 1, settled: int = 3, lost: Span = days(365)) -> Ladder:
    """The phases as one question, asked like a ladder: the name of the phase each customer is in.

    won, settled, lost: as for `phases`.

    >>> from relmkt.customers import Customer
    >>> print(Customer.of("ada", []).ask(phase()))
    conquest
    """
    return _Phases("phase", *phases(won=won, settled=settled, lost=lost))
