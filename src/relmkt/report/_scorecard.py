"""Is relationship marketing at work? One measured line for each of four objectives, one for the virtuous circle.

The objectives are those of the courses: identify, know, communicate, keep. The circle: a contact that brings a fact
back, refreshes what is known, or changes the next decision has fed the next contact.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from relmkt.contact import ConsentRegister, Delivery, Planned, Released, Reply, Started
from relmkt.customers import Customer, Folding
from relmkt.estimate import Estimate
from relmkt.facts import IDENTIFYING, ConsentGiven, ConsentWithdrawn, Fact, Profile, Purchase, Spend, TaskOpened
from relmkt.report._ground import Ground
from relmkt.report._section import Section, Table, many, percent
from relmkt.tallies import count, since
from relmkt.value import cost_ratio, gini, profit_by_tenure, repeat_rate, retention_from_loss, top_share
from relmkt.windows import days

__all__ = ["circle", "claims_section", "reachable", "scorecard_section"]

_ANSWERS = (Planned, TaskOpened)
_OWN = (*_ANSWERS, Started, Released, Delivery)


def reachable(ground: Ground) -> set[str]:
    """Customers with an identifier and a consent to some purpose and channel that is valid now."""
    heard: dict[str, list[Fact]] = {}
    for kind in (ConsentGiven, ConsentWithdrawn):
        for who, fact in ground.stored(kind):
            heard.setdefault(who, []).append(fact)
    folding, known = Folding((ConsentRegister(),)), identified(ground)
    found = set()
    for who in heard.keys() & known:
        told = tuple((who, fact) for fact in sorted(heard[who], key=lambda f: (f.at, f.id, f.source)))
        register = Customer.folded(who, told, folding)[ConsentRegister()]
        if any(register.allows(said.purpose, said.channel, ground.at) for said in register.said if said.granted):
            found.add(who)
    return found


def identified(ground: Ground) -> set[str]:
    """Customers for whom a profile states an identifier: an address, a telephone number, a card."""
    return {who for who, fact in ground.stored(Profile) if IDENTIFYING & {n for n, v in fact.told.items() if v}}


def _known(ground: Ground) -> set[str]:
    """Customers of whom a profile tells something besides identifiers."""
    return {who for who, fact in ground.stored(Profile) if {n for n, v in fact.told.items() if v} - IDENTIFYING}


def circle(ground: Ground) -> Estimate:
    """The share of contacts that left and brought a fact back, refreshed an attribute or changed the next decision.

    A fact is brought back if its `ref` names the contact, or if it is a reply; receipts of channels are none. A
    decision is changed if a contact or a task was planned because of it.
    """
    started = ground.stored(Started)
    if not started:
        return Estimate.unknown("no contact has left yet")
    names = {name for _, fact in started for name in (fact.id, fact.ref)}
    fed: set[str] = set()
    for who in sorted({who for who, _ in started}):
        told: Sequence[Fact] = ground.program.history(who, at=ground.at)
        for fact in told:
            own = isinstance(fact, _OWN) and not (isinstance(fact, _ANSWERS) and fact.ref in names)
            if fact.ref in names and not own:
                fed.add(fact.ref)
            elif isinstance(fact, Reply) and not fact.ref:
                fed.update(s.id for w, s in started if w == who and s.at <= fact.at)
    good = sum(bool({fact.id, fact.ref} & fed) for _, fact in started)
    return Estimate(good / len(started), n=len(started), method="whole base, no sampling")


def scorecard_section(ground: Ground) -> Section:
    """Four objectives and the circle, each with one figure from the store."""
    n = max(len(ground.base), 1)
    sent, planned = (len(ground.stored(kind)) for kind in (Started, Planned))
    may, again, fed = reachable(ground), repeat_rate(ground.base), circle(ground)
    half = _half_year(ground)
    rows = [
        ("identify", percent(len(identified(ground)) / n), "of the customers can be addressed: an identifier is known"),
        ("know", percent(len(_known(ground)) / n), "have a profile that says more than an address"),
        (
            "communicate",
            percent(len(may) / n),
            f"have agreed to be written to; {many(planned, 'contact')} planned so far, {sent:,} left",
        ),
        ("keep", percent(half.value), (f"of those who bought in the half-year before last bought in the last; "
         f"{percent(again.value)} of all ever came back")),
        ("virtuous circle", percent(fed.value) if fed.n else "n/a", _fed(fed)),
    ]  # fmt: skip
    return Section(
        "scorecard",
        "The scorecard: four objectives and one circle",
        (
            (
                "Relationship marketing wants to identify customers, know them, talk with them and keep them; and what "
                "comes of one contact should feed the next."
            ),
        ),
        (Table(("objective", "measured", "of what"), rows),),
        small=(
            (
                "A contact fed the circle if a fact came back that names it, if it refreshed what is known, or if it "
                "changed the next decision (a follow-up was planned because of it)."
            ),
        ),
    )


def _fed(fed: Estimate) -> str:
    if not fed.n:
        return fed.notes[0]
    left = f"of {many(fed.n, 'contact')} that left"
    return f"{left} brought a fact back, refreshed an attribute or changed the next decision"


def _half_year(ground: Ground) -> Estimate:
    """Of those who bought 365 to 182 days ago, the share that bought since."""
    late, both = count(Purchase, within=days(182)), count(Purchase, within=days(365))
    recent, year = (np.nan_to_num(ground.base.ask(measure)) for measure in (late, both))
    before = year > recent
    if not before.any():
        return Estimate.unknown("nobody bought in that half-year")
    return Estimate(float((recent[before] > 0).mean()), n=int(before.sum()), method="whole base, no sampling")


def claims_section(ground: Ground) -> Section:
    """Figures that courses quote, beside the same figure of this base."""
    spent = ground.revenue[ground.orders > 0]
    again, kept = repeat_rate(ground.base), _seen_again(ground)
    constant = retention_from_loss(lost=0.5, periods=5).value  # what the claim says of a year, at one rate
    rows: Iterable[tuple[str, str, str]] = [
        ("a few best customers contribute most", f"the best 20 % bring {percent(top_share(spent).value)}", "top_share"),
        ("… and how unequal they are", f"Gini {gini(spent).value:.3f}", "gini"),
        (
            "customers buy again",
            f"{percent(again.value)} did ({percent(again.low)} to {percent(again.high)})",
            "repeat_rate",
        ),
        (
            f"half are lost in five years: a year keeps {percent(constant)}",
            f"{percent(kept.value)} of those who came over a year ago bought in the last year"
            if kept.n
            else "too young",
            "since(Purchase)",
        ),
        ("a customer made loyal brings more", _by_tenure(ground), "profit_by_tenure"),
        ("winning a customer costs more than keeping one", _costs(ground), "cost_ratio"),
    ]
    return Section(
        "claims",
        "What courses claim, and what this base says",
        ("A figure from a course is true of somebody else's customers. These are yours.",),
        (Table(("claim", "here", "call"), list(rows)),),
        small=(
            (
                "Silence is not loss where nobody signs a contract: who bought in the last year is a floor, not a "
                "retention rate. What changes with tenure is told within the same customers."
            ),
        ),
    )


def _by_tenure(ground: Ground) -> str:
    told = profit_by_tenure(ground.base, unit="quarter", currency=ground.currency, margin=ground.margin)
    slope = told.trend_within
    if np.isnan(slope.low):
        return "too young"
    bounds = f"{slope.low:+,.2f} to {slope.high:+,.2f}"
    return f"{told.label} of the same customers: {slope.value:+,.2f} {told.currency} a quarter ({bounds})"


def _costs(ground: Ground) -> str:
    """The ratio over the last year, where the firm has recorded what it spent in it."""
    spends = ground.base.facts(Spend)
    if not len(spends):
        return "not known: no spends have been recorded (Spend)"
    ratio = cost_ratio(ground.base, period=days(365), lapse=days(365), spends=spends, currency=ground.currency).ratio
    if np.isnan(ratio.value):
        return f"not known: {ratio.notes[0]}"
    return f"{ratio.value:,.1f} times ({ratio.low:,.1f} to {ratio.high:,.1f})"


def _seen_again(ground: Ground) -> Estimate:
    """Of those who first bought more than a year ago, the share that bought within the last year."""
    quiet = ground.base.ask(since(Purchase))
    old = np.zeros(len(ground.base), np.bool_)
    table = ground.base.facts(Purchase)
    codes, places = np.unique(table["stream"], return_index=True)  # rows stand in the order of time within a customer
    old[codes] = int(ground.at) - table["at"][places] > int(days(365))
    if not old.any():
        return Estimate.unknown("nobody came more than a year ago")
    return Estimate(float((quiet[old] <= 365).mean()), n=int(old.sum()), method="whole base, no sampling")
