"""What came back of what we asked? Requests and their answers, for one customer and for all.

Rule R39: a second answer to one request replaces nothing: it is rejected, or kept as a correction beside the first.
Rule R40: a request that was not answered counts in the response rate and in no score. A blank (`score` None) is no
answer: it replaces none, and a later one may fill it. Every fact stays in the history, whatever stands.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.facts import Answer, Fact
from relmkt.rules import Measure, Op, Refusal
from relmkt.satisfaction._requests import SurveyRequested, token_digest
from relmkt.satisfaction._standing import asks, cases_of, folded_for, standing_rows
from relmkt.scales import Item
from relmkt.scales._item import of_items
from relmkt.windows import At, Instant, instant

__all__ = ["ItemReply", "Second", "SurveyRequest", "Surveys", "reminders_due", "standing_answers"]

Second = Literal["reject", "correct"]
"""What becomes of a second answer to one request: it is rejected, or it corrects the first."""


@frozen
class ItemReply:
    """What was answered to one item of a request.

    score: the one that stands, None where the item was left blank. first: the first that was given.
    valid: whether it is on the item's scale. corrections, rejected: how many further answers came, and what they were.

    >>> ItemReply("hotel.stay", 9.0, 9.0).corrections
    0
    """

    item: str
    score: float | None
    first: float | None
    valid: bool = True
    corrections: int = 0
    rejected: int = 0


@frozen
class SurveyRequest:
    """One request and what was answered to it.

    id, questionnaire, items, about, expires, reminds: as of `SurveyRequested`. replies: one an item, in the order in
    which the items were first answered. late: answers that came after it had expired, which stand all the same.

    >>> SurveyRequest("q-1", "stay", ("hotel.stay",), Instant(0), Instant(10)).status
    'unanswered'
    """

    id: str
    questionnaire: str
    items: tuple[str, ...]
    at: Instant
    expires: Instant
    reminds: Instant | None = None
    about: str = ""
    digest: str = field(default="", repr=False)
    replies: tuple[ItemReply, ...] = ()
    late: int = 0

    @property
    def scored(self) -> tuple[str, ...]:
        """The items with a valid score."""
        return tuple(r.item for r in self.replies if r.score is not None and r.valid)

    @property
    def status(self) -> Literal["unanswered", "refused", "partial", "complete"]:
        """Complete: each item has a valid score; partial: some have; refused: it came back without any."""
        if not self.replies:
            return "unanswered"
        scored = set(self.scored)
        if not scored:
            return "refused"
        return "complete" if scored >= set(self.items) else "partial"

    @property
    def blank(self) -> int:
        """How many items came back without an answer: "do not know", or left out."""
        return sum(reply.score is None for reply in self.replies)

    @property
    def invalid(self) -> int:
        """How many answers that stand are not on their item's scale: counted, never clipped."""
        return sum(reply.score is not None and not reply.valid for reply in self.replies)

    def __str__(self) -> str:
        thing = f" about {self.about}" if self.about else ""
        return f"{self.questionnaire}{thing}, asked {self.at}, expires {self.expires}: {self.status}"

    def answers(
        self, subject: str, at: At, scores: Mapping[str, float | None], *, source: str = ""
    ) -> tuple[Answer, ...]:
        """The facts of a response, one an item, to be recorded.

        Raises ValueError for an item that was not asked.
        """
        unasked = sorted(scores.keys() - set(self.items))
        if unasked:
            raise ValueError(f"scores: {unasked[0]} is not asked by {self.questionnaire}")
        told = {"about": self.about, "source": source, "ref": self.id}
        return tuple(Answer(subject, at, item, score, **told) for item, score in scores.items())


@frozen
class _Early:
    """An answer whose request stands behind it in history, at the same instant."""

    ref: str
    item: str
    score: float | None
    at: Instant


@frozen
class Surveys:
    """The survey requests of a customer and the answers to them: the newest ones, and how many there were.

    second: what becomes of a second answer to one request, "reject" or "correct" (R39). items: whose scales tell which
    answers are valid; of others every number is. keep: how many requests are kept at the most.
    requests: in the order in which they were made. asked: how many there ever were; returned: how many of them have
    had a valid score; their quotient is the customer's response rate (R40).

    >>> Surveys("reject").asked
    0
    """

    reads = (SurveyRequested, Answer)
    second: Second = field()
    items: tuple[Item, ...] = field(default=(), converter=of_items, metadata={"plain": False})
    keep: int = field(default=32, kw_only=True)
    requests: tuple[SurveyRequest, ...] = field(default=(), kw_only=True)
    asked: int = field(default=0, kw_only=True)
    returned: int = field(default=0, kw_only=True)
    early: tuple[_Early, ...] = field(default=(), kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.second not in get_args(Second) or self.keep < 1:
            raise ValueError(f"Surveys: second is one of {', '.join(get_args(Second))}, and keep one or more")

    def after(self, fact: Fact) -> Surveys:
        """With this request, or this answer to one."""
        if isinstance(fact, SurveyRequested):
            told = (fact.at, fact.expires, fact.reminds, fact.about, fact.digest)
            request = SurveyRequest(fact.id, fact.questionnaire, fact.items, *told)
            new = evolve(self, requests=(*self.requests, request)[-self.keep :], asked=self.asked + 1, early=())
            for answer in self.early:
                new = new._answered(answer) if answer.at == fact.at else new
            return new
        if isinstance(fact, Answer) and fact.ref:
            return self._answered(_Early(fact.ref, fact.item, fact.score, fact.at))
        return self

    def _answered(self, answer: _Early) -> Surveys:
        place = next((p for p in reversed(range(len(self.requests))) if self.requests[p].id == answer.ref), None)
        if place is None:  # a source that tells days, not hours, may put an answer before its request
            kept = tuple(other for other in self.early if other.at == answer.at)
            return evolve(self, early=(*kept, answer)[-self.keep :])
        request = self.requests[place]
        if answer.item not in request.items:
            return self
        late = request.late + (answer.at >= request.expires)
        told = evolve(request, replies=self._replies(request.replies, answer), late=late)
        requests = (*self.requests[:place], told, *self.requests[place + 1 :])
        return evolve(self, requests=requests, returned=self.returned + bool(told.scored) - bool(request.scored))

    def _replies(self, replies: tuple[ItemReply, ...], answer: _Early) -> tuple[ItemReply, ...]:
        valid = answer.score is None or self._holds(answer.item, answer.score)
        fresh = ItemReply(answer.item, answer.score, answer.score, valid)
        place = next((p for p, reply in enumerate(replies) if reply.item == answer.item), None)
        if place is None:
            return (*replies, fresh)
        old = replies[place]
        if answer.score is None:
            new = old
        elif old.score is None:
            new = fresh
        elif self.second == "reject":
            new = evolve(old, rejected=old.rejected + 1)
        else:
            new = evolve(old, score=answer.score, valid=valid, corrections=old.corrections + 1)
        return (*replies[:place], new, *replies[place + 1 :])

    def _holds(self, item: str, score: float) -> bool:
        return all(known.scale.holds(score) for known in self.items if known.name == item)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.requests), f"{self.returned} of {self.asked} requests came back with a score"])

    def redeemed(self, token: str, at: At) -> SurveyRequest | Refusal:
        """The request that a token opens at an instant, or why it opens none: a refusal is false.

        Compared in constant time. It is refused once expired, and, where second answers are rejected, once answered;
        where they correct, it opens the same request until then.
        """
        digest, moment = token_digest(token), instant(at)
        found = [request for request in self.requests if hmac.compare_digest(request.digest, digest)]
        if not found:
            return Refusal(None, "no request has this token")
        if moment >= found[-1].expires:
            return Refusal(None, "the request has expired")
        if found[-1].scored and self.second == "reject":
            return Refusal(None, "the request was answered (R39)")
        return found[-1]

    def remindable(self, at: At) -> tuple[SurveyRequest, ...]:
        """The requests that nobody has answered, whose reminder is due and which have not expired."""
        moment = instant(at)
        return tuple(
            r for r in self.requests if not r.replies and r.reminds is not None and r.reminds <= moment < r.expires
        )


def reminders_due(second: Second) -> Measure:
    """How many unanswered requests are to be reminded of; a trigger on `reminders_due("reject") >= 1` reminds.

    second: as of `Surveys`.

    >>> print(reminders_due("reject") >= 1)
    survey reminders due >= 1
    """
    return _Reminders("survey reminders due", Surveys(second), _due, _next_due)


@frozen(order=False, cache_hash=True, repr=False)
class _Reminders(Measure):
    """A measure that answers for everyone at once, and folds those alone who have named a request that may be due."""

    def everyone(self, table: FactTable, at: Instant) -> NDArray[np.float64]:
        """The numbers of all customers of a table that holds no fact after `at`, in its order."""
        requests, found = table.only(SurveyRequested), np.zeros(len(table.ids))
        if not len(requests):
            return found
        kept = np.searchsorted(requests.stream, requests.stream, "right") - np.arange(len(requests)) <= self.facet.keep
        remind, within = (np.asarray(requests[name], np.float64) for name in ("remind", "within"))
        since = int(at) - requests.at
        due = kept & (since >= remind) & (since < within)
        answers = table.only(Answer)
        answers = answers.taken(np.isin(answers.stream, requests.stream[due]))
        number, case = cases_of(requests, answers)
        several, told = np.bincount(number) > 1, case >= 0
        row = np.zeros(len(several), np.int64)
        row[number] = np.arange(len(requests))  # of a request alone under its id
        answers, case = answers.taken(told), case[told]
        items = requests.rest(SurveyRequested, "items")
        answers = answers.taken(kept := several[case] | asks(items, row[case], answers))
        case, later = case[kept], answers.at - requests.at[row[case[kept]]]
        unsure = several[case] | (later == 0)
        due[row[case[~unsure & (later > 0)]]] = False
        np.add.at(found, requests.stream[due], 1.0)
        return folded_for(self, table, at, np.unique(answers.stream[unsure]), found)


def _due(facet: Surveys, at: Instant) -> int:
    return len(facet.remindable(at))


def _next_due(facet: Surveys, at: Instant, op: Op, value: float) -> Instant | None:
    waiting = [r for r in facet.requests if not r.replies and r.reminds is not None]
    turns = (turn for r in waiting for turn in (r.reminds, r.expires))
    return min((turn for turn in turns if turn is not None and turn > at), default=None)


def standing_answers(table: FactTable, *, second: Second) -> FactTable:
    """The answers that count: of several to one item of one request, the first ("reject") or the newest ("correct").

    table: facts; the requests among them tell which answers are second ones. Answers to no request all stand; blanks
    give way to scores. The scores of a base are then read from the result: `nps(standing_answers(…))` (R39).

    >>> from pendulum import datetime
    >>> from relmkt.windows import days
    >>> day, q = datetime(2026, 3, 1), ("recommend",)
    >>> asked = SurveyRequested("ada", day, "nps", q, within=days(9), id="q-1")
    >>> told = [Answer("ada", day.add(hours=n), "recommend", score, ref="q-1") for n, score in ((1, 3), (2, 9))]
    >>> standing_answers(FactTable.of([asked, *told]), second="correct").number.tolist()
    [9.0]
    """
    if second not in get_args(Second):
        raise ValueError(f"second: expected one of {', '.join(get_args(Second))}")
    answers, requests = table.only(Answer), table.only(SurveyRequested)
    _, case = cases_of(requests, answers)
    return answers.taken(standing_rows(answers, case, newest=second == "correct"))
