"""Whom do we ask, when, and by which link? A survey request is a fact, its token is good for one response.

A request names its questionnaire, when to remind and when it expires; answers name it in their `ref`. The token is a
message authentication code of the request (Krawczyk, Bellare & Canetti 1997, HMAC: Keyed-Hashing for Message
Authentication, RFC 2104) under a secret of yours: it is made anew where it is needed, and only its digest is kept.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

from attrs import field, frozen

from relmkt.customers import Change, Customer
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact
from relmkt.facts._fact import is_text
from relmkt.rules import Measure, Rule
from relmkt.satisfaction._questionnaire import Questionnaire
from relmkt.tallies import count, since
from relmkt.windows import At, Instant, Span, instant

__all__ = ["SINCE_SURVEY", "Survey", "SurveyRequested", "rested", "survey_token", "token_digest"]

_SHORTEST = 16
"""Bytes of a secret at the least: 128 bits."""


def survey_token(secret: bytes, subject: str, request: str) -> str:
    """The one-time token of a request: 64 hexadecimal digits, for the link that the customer is sent.

    secret: of yours, 16 random bytes or more. subject, request: the customer's name and the request's id.

    The same three give the same token, so that it is never stored. Raises ValueError for a shorter secret.

    >>> survey_token(b"0123456789abcdef", "ada", "q-1")[:8]
    '2b032f9d'

    Source: Krawczyk, Bellare & Canetti 1997 (RFC 2104).
    """
    if len(secret) < _SHORTEST:
        raise ValueError(f"secret: expected {_SHORTEST} bytes or more")
    told = b"".join(len(part).to_bytes(8, "big") + part for part in (subject.encode(), request.encode()))
    return hmac.new(secret, told, sha256).hexdigest()


def token_digest(token: str) -> str:
    """What a request keeps of its token: nobody who reads the store can answer in a customer's place.

    >>> len(token_digest("2b032f9d"))
    64
    """
    return sha256(token.encode()).hexdigest()


def _names(told: Iterable[str]) -> tuple[str, ...]:
    names = () if isinstance(told, str) else tuple(told)
    if not names or not all(is_text(name) and name for name in names):
        raise InvalidFactError("SurveyRequested.items", "no items, or one without a name", "names of items")
    return names


@frozen
class SurveyRequested(Fact):
    """A customer was asked to answer a questionnaire; answers name the request in their `ref`.

    questionnaire: its name. items: the names of its items. digest: of the token, never the token itself.
    within: how long it may be answered; at `expires` the token is refused. remind: after how long to ask once more,
    where that is wanted. about: what is to be judged (a hotel, a product). ref: what it follows from, such as the stay.

    Raises InvalidFactError for no items, or a reminder that does not come before the end.

    >>> from pendulum import datetime
    >>> from relmkt.windows import days
    >>> print(SurveyRequested("ada", datetime(2026, 3, 1), "stay", ("hotel.stay",), within=days(14)).expires)
    2026-03-15T00:00:00+00:00
    """

    hot = ("", "questionnaire")
    questionnaire: str
    items: tuple[str, ...] = field(converter=_names)
    digest: str = field(default="", repr=False, kw_only=True)
    within: Span = field(kw_only=True)
    remind: Span | None = field(default=None, kw_only=True)
    about: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        return f"survey {self.questionnaire}{self.about and f' about {self.about}'}, until {self.expires}"

    def check(self) -> None:
        """Its spans follow one another."""
        if self.within <= 0:
            raise InvalidFactError("SurveyRequested.within", "no time", "a span above nothing")
        if self.remind is not None and not 0 <= self.remind < self.within:
            raise InvalidFactError("SurveyRequested.remind", "a span outside the request", "one shorter than `within`")

    @property
    def expires(self) -> Instant:
        """From when on it can no longer be answered."""
        return self.at + self.within

    @property
    def reminds(self) -> Instant | None:
        """When to ask once more."""
        return None if self.remind is None else self.at + self.remind


SINCE_SURVEY: Measure = since(SurveyRequested).named("since last survey")
"""How long ago the customer was last asked, by whichever questionnaire; missing where never."""


def rested(within: Span) -> Rule:
    """Whether nobody has asked within a span, over all questionnaires: rule R42. Never unknown.

    within: the d days of rest; exactly so long after a request the customer may be asked again.
    Put it in the rule of a trigger that asks; a `Survey` of a policy asks it itself.

    >>> from relmkt.windows import days
    >>> rested(days(90))
    count(SurveyRequested, within=days(90)) < 1
    """
    return count(SurveyRequested, within=within) < 1


def _always(fact: Fact) -> bool:
    return True


@frozen
class Survey:
    """Asks customers to answer a questionnaire: a part of a policy, or an action of a trigger.

    name: of the part. questionnaire: what is asked. rest: nobody is asked again within it, over all surveys (R42).
    within, remind: of the request. secret: of the tokens, as for `survey_token`.
    after: the kind of fact after which the part asks; None: it is an action of a trigger, whose rule then holds
    `rested(…)`. match: which of these facts. about: the field of the fact that is judged, or "".

    Raises ValueError for spans that do not follow one another, or a secret that is too short.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Visit
    >>> from relmkt.satisfaction._questionnaire import HOTEL_STAY
    >>> from relmkt.windows import days
    >>> stay = Survey("stay survey", HOTEL_STAY, rest=days(90), within=days(14), secret=b"0123456789abcdef",
    ...     after=Visit, about="place")
    >>> visit = Visit("ada", datetime(2026, 3, 1), "Lyon")
    >>> before, after = Customer.of("ada", []), Customer.of("ada", [visit])
    >>> [asked.about for asked in stay.decide(Change(before, visit, after), visit.at)]
    ['Lyon']
    """

    writes = SurveyRequested
    name: str
    questionnaire: Questionnaire
    rest: Span = field(kw_only=True)
    within: Span = field(kw_only=True)
    secret: bytes = field(kw_only=True, repr=False)
    remind: Span | None = field(default=None, kw_only=True)
    after: type[Fact] | None = field(default=None, kw_only=True)
    match: Callable[[Fact], bool] = field(default=_always, kw_only=True)
    about: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        survey_token(self.secret, "", "")
        if self.rest <= 0 or not 0 <= (self.remind or 0) < self.within:
            raise ValueError(f"survey {self.name}: expected rest and within above nothing, and remind before the end")

    @property
    def facets(self) -> tuple[Any, ...]:
        """What the part reads: the requests of its span of rest."""
        return rested(self.rest).facets()

    @property
    def kinds(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that the part names."""
        return (SurveyRequested,) if self.after is None else (SurveyRequested, self.after)

    def decide(self, change: Change, at: Instant) -> Sequence[Asked]:
        """One request for a fact of its kind, where the customer has rested."""
        fact = change.fact
        if self.after is None or not isinstance(fact, self.after) or not self.match(fact):
            return ()
        asked = Asked(self, at, str(getattr(fact, self.about)) if self.about else "")
        return (asked,) if asked.stands(change.after) else ()

    def written(self, subject: str, at: Instant, *, id: str, source: str, ref: str) -> Fact:
        """The request, as a trigger's action writes it."""
        return self.request(subject, at, id=id, source=source, ref=ref)

    def request(
        self, subject: str, at: At, *, id: str, about: str = "", source: str = "", ref: str = ""
    ) -> SurveyRequested:
        """The request of one customer; the token of its link is `survey_token(secret, subject, id)`."""
        return SurveyRequested(
            subject,
            instant(at),
            self.questionnaire.name,
            tuple(item.name for item in self.questionnaire.items),
            digest=token_digest(survey_token(self.secret, subject, id)),
            within=self.within,
            remind=self.remind,
            about=about,
            id=id,
            source=source,
            ref=ref,
        )


@frozen
class Asked:
    """A request proposed at an instant; it falls where another survey has asked meanwhile (R42)."""

    writes = SurveyRequested
    survey: Survey
    at: Instant
    about: str = ""

    def stands(self, customer: Customer) -> bool:
        """Whether nobody has asked within the span of rest: two surveys set off by one fact ask once."""
        return bool(customer.moved(self.at).ask(rested(self.survey.rest)))

    def written(self, subject: str, at: Instant, *, id: str, source: str, ref: str) -> Fact:
        """The request."""
        return self.survey.request(subject, at, id=id, about=self.about, source=source, ref=ref)
