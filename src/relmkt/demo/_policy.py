"""When does the demonstration's shop write, and what forbids it? Eight triggers, and a gate of five clauses.

A policy that a small shop could have: thank, follow up, congratulate, notice silence early (own rhythm) and late (half
a year), and call the best customers instead of writing to them. Every text falls back where a name is not known.
"""

from relmkt.contact import Cap, Contact, QuietHours
from relmkt.decisions import Gate, Policy, Task, Trigger, after_purchase, birthday, lapse, no_reply, thank_regular
from relmkt.facts import Purchase
from relmkt.tallies import since, total
from relmkt.windows import days

__all__ = ["gate", "policy"]

ZONE = "America/New_York"

_THANKS = "Thank you for your order\nHello {name|there}, thank you for your order. Did everything arrive as it should?"
_WELL = "Hello {name|there}, did your order arrive well? A short answer is enough."
_BIRTHDAY = "Happy birthday, {name|dear customer}!\nWe wish you a good year, with plenty of music in it."
_RHYTHM = "New music since your last visit\nHello {name|there}, it has been longer than usual. Here is what is new."
_SILENCE = "Half a year without music?\nHello {name|there}, we have not seen you for half a year. Is anything amiss?"
_STILL = "Hello {name|there}, our letter may have gone astray. Is there anything that we can do for you?"
_REGULAR = "Thank you, {name|dear customer}\nYou have become one of our regulars. We are glad to have you."


def policy() -> Policy:
    """What proposes contacts and tasks: after a purchase, no reply, silence, a birthday, a regular, a best customer.

    >>> len(policy().parts)
    8
    """
    bought = after_purchase(Contact("mail", _THANKS, purpose="care", kind="informative", within=days(3)))
    silent = Trigger(
        "half a year of silence",
        since(Purchase) > days(180),
        Contact("mail", _SILENCE, purpose="news", within=days(14)),
        once=Purchase,
    )
    valued = (total(Purchase, "amount", currency="USD") >= 500) & (since(Purchase) > days(60))
    call = Task("call: a best customer has not bought for two months", role="owner", within=days(7))
    return Policy(
        bought,
        no_reply(bought, Contact("sms", _WELL, purpose="care", kind="informative"), within=days(8)),
        silent,
        no_reply(silent, Contact("sms", _STILL, purpose="care", kind="informative"), within=days(8)),
        birthday(Contact("mail", _BIRTHDAY, purpose="care", kind="greeting")),
        lapse(Contact("mail", _RHYTHM, purpose="news", within=days(14))),
        thank_regular(Contact("mail", _REGULAR, purpose="care", kind="greeting", within=days(7))),
        Trigger("a best customer falls silent", valued, call, once=Purchase),
    )


def gate() -> Gate:
    """What may leave: with consent, to no suppressed address, at most two in seven days, not by night.

    >>> print(*gate().clauses[2:], sep="; ")
    cap of 2 in 7 days; quiet hours 21:00 to 08:00
    """
    return Gate(Cap(2, days(7)), QuietHours("21:00", "08:00", zone=ZONE))
