"""Who are they, and where do they stand? Sections on size, segments, ladder, phases, concentration and return."""

import numpy as np
from numpy.typing import NDArray

from relmkt.facts import Purchase
from relmkt.money import exponent
from relmkt.report._charts import bars_chart, cohort_chart, ladder_chart, lorenz_chart, months_chart, segment_chart
from relmkt.report._ground import Ground, day_text
from relmkt.report._section import Section, Table, amount, many, percent
from relmkt.stages import phase, relationship
from relmkt.value import RFM, cohorts, gini, repeat_rate, top_share

__all__ = ["base_section", "concentration_section", "ladder_section", "phase_section", "return_section", "rfm_section"]

REVENUE = "No margin is known for these purchases: every amount on this page is revenue, never profit."
_MEANING = {
    "champions": "bought lately, often and for much",
    "loyal": "buy often, the last time a while ago",
    "potential loyalists": "bought lately, a few times",
    "new": "bought lately, little so far",
    "promising": "bought not long ago, little so far",
    "needing attention": "middling customers who begin to stay away",
    "about to sleep": "little, and not for a while",
    "at risk": "used to buy, and have not for long",
    "cannot lose": "used to buy often and much, and have not for long",
    "hibernating": "little, and long ago",
}
_RUNGS = {
    "prospect": "known, has not bought",
    "customer": "has bought at least once",
    "client": "bought three times or more in the last year, and kept it",
    "supporter": "a client who has recommended us",
    "advocate": "a supporter through whom somebody came",
    "partner": "an advocate tied to us by a contract or a project",
}
_PHASES = {
    "conquest": "to be won: has not bought yet",
    "loyalty": "to be built: one or two purchases, the last within a year",
    "retention": "to be kept: three purchases or more, the last within a year",
    "win back": "to be won back: nothing for more than a year",
}


def base_section(ground: Ground) -> Section:
    """How large the base is, and what it brought."""
    table = ground.base.facts(Purchase)
    money = float(ground.revenue.sum())
    span = f"between {day_text(ground.first)} and {day_text(ground.last)}"
    bought = f"{many(ground.buyers, 'customer')} made {many(ground.purchases, 'purchase')} {span}."
    brought = f"Together they brought {amount(money, ground.currency)} of revenue."
    mean = money / ground.purchases if ground.purchases else np.nan
    rows = [
        ("customers known", f"{len(ground.base):,}"),
        ("of them have bought", f"{ground.buyers:,}"),
        ("purchases", f"{ground.purchases:,}"),
        (f"revenue, {ground.currency}", f"{money:,.2f}"),
        (f"revenue a purchase, {ground.currency}", f"{mean:,.2f}"),
    ]
    months, sums = _monthly(table["at"], np.where(table["label"] == ground.currency, table["number"], 0.0))
    sums = sums / 10 ** exponent(ground.currency or "USD")
    return Section(
        "base",
        "How large is the base?",
        (bought, brought, REVENUE if ground.margin is None else _margin(ground.margin)),
        (Table(("", "figure"), rows),),
        picture=lambda: months_chart(months, sums.tolist(), f"revenue a month, {ground.currency}"),
        reading="Each column is the revenue of one month.",
    )


def _margin(margin: float) -> str:
    return f"Profit is reckoned with the margin that was stated: {percent(margin)} of revenue."


def _monthly(at: NDArray[np.int64], minor: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
    month = at.astype("datetime64[us]").astype("datetime64[M]")
    if not month.size:
        return [], np.zeros(0)
    start = month.min()
    places = (month - start).astype(np.int64)
    sums = np.bincount(places, weights=minor).astype(np.float64)
    return [str(start + k) for k in range(sums.size)], sums


def rfm_section(ground: Ground) -> Section:
    """The ten segments by recency, frequency and amount."""
    rfm = RFM.fit(ground.base, currency=ground.currency)
    whole = float(ground.revenue.sum())
    counts = ground.base.count(*rfm.segments)
    brought = {s.name: float(ground.revenue[ground.base.ask(s)].sum()) for s in rfm.segments}
    rows = [
        (n, f"{k:,}", percent(k / ground.buyers), percent(brought[n] / whole if whole else np.nan), _MEANING[n])
        for n, k in counts.items()
    ]
    best = max(brought, key=lambda name: brought[name])
    of_revenue = percent(brought[best] / whole if whole else np.nan)
    return Section(
        "segments",
        "Who buys how? Segments",
        (
            (
                "Every customer who has bought is in one of ten segments, by three questions: how many days ago was "
                "the last purchase, how many purchases were there, and for how much?"
            ),
            (
                f"The segment “{best}” brought most: {of_revenue} of the revenue "
                f"from {percent(counts[best] / ground.buyers)} of the customers."
            ),
        ),
        (Table(("segment", "customers", "share", "of revenue", "in words"), rows),),
        picture=lambda: segment_chart(counts),
        reading="The longer the bar, the more customers are in the segment.",
        small=(_edges("Days since the last purchase", rfm.recency_edges), _edges("Purchases", rfm.frequency_edges)),
    )


def _edges(what: str, edges: tuple[float, ...]) -> str:
    return f"{what} are cut at {', '.join(f'{edge:,.0f}' for edge in edges)}; equal customers always score alike."


def ladder_section(ground: Ground) -> Section:
    """How many stand on each rung of the relationship ladder."""
    ladder = relationship()
    counts = ground.base.count(ladder)
    rows = [(name, f"{n:,}", percent(n / len(ground.base)), _RUNGS.get(name, "")) for name, n in counts.items()]
    total = sum(counts.values())
    above = sum(counts[name] for name in ("supporter", "advocate", "partner"))
    words = [f"Everybody stands on exactly one rung; the rungs add up to {many(total, 'customer')}."]
    if not above:
        words.append(
            "Nobody is a supporter, an advocate or a partner: these rungs rest on recommendations and contracts, and "
            "none have been recorded. What somebody spends makes no advocate."
        )
    return Section(
        "ladder",
        "How close have they come? The ladder",
        words,
        (Table(("rung", "customers", "share", "who stands there"), rows),),
        picture=lambda: ladder_chart(counts),
        reading="From the bottom up: the higher the rung, the closer the relationship.",
    )


def phase_section(ground: Ground) -> Section:
    """How many are in each phase, which says what policy is due."""
    counts = ground.base.count(phase())
    rows = [(name, f"{n:,}", percent(n / len(ground.base)), _PHASES.get(name, "")) for name, n in counts.items()]
    return Section(
        "phases",
        "What do they need? Phases",
        (f"Each customer is in exactly one phase; together they are {many(sum(counts.values()), 'customer')}.",),
        (Table(("phase", "customers", "share", "what is to be done"), rows),),
        picture=lambda: bars_chart(counts, "customers in each phase"),
        reading="The longer the bar, the more customers need this policy.",
    )


def concentration_section(ground: Ground) -> Section:
    """How much of the revenue comes from how few."""
    spent = ground.revenue[ground.orders > 0]
    top, coefficient = top_share(spent), gini(spent)
    best = [
        (percent(part, 0), f"{round(part * spent.size):,}", percent(top_share(spent, part).value))
        for part in (0.01, 0.05, 0.1, 0.2, 0.5)
        if round(part * spent.size)
    ]
    return Section(
        "concentration",
        "How much hangs on how few?",
        (
            f"The best 20 % of customers bring {percent(top.value)} of the revenue.",
            (
                f"The Gini coefficient is {coefficient.value:.3f}: 0 would mean that all bring the same, 1 that one "
                "customer brings everything."
            ),
        ),
        (Table(("the best", "customers", "of the revenue"), best),),
        picture=lambda: lorenz_chart(spent),
        reading="The deeper the curve sags below the dashed line, the fewer customers bring most of the revenue.",
        small=(f"Counted over the whole base, {many(top.n, 'customer')}: no sampling, so no margin of error.",),
    )


def return_section(ground: Ground) -> Section:
    """How many come back, and when."""
    again = repeat_rate(ground.base)
    table = cohorts(ground.base, period="month", currency=ground.currency)
    shown = [(f"{k}", percent(table.pooled[k])) for k in (1, 2, 3, 6, 12) if k < table.pooled.size]
    return Section(
        "return",
        "Do they come back?",
        (
            (
                f"{percent(again.value)} of all customers bought again on a later day "
                f"(between {percent(again.low)} and {percent(again.high)}, allowing for chance)."
            ),
            (
                "Those who first bought in the same month are followed together below. Nobody signs off here: a "
                "customer who has not bought is not a customer lost."
            ),
        ),
        (Table(("months later", "bought in that month"), shown, "All who began together"),),
        picture=lambda: cohort_chart(table),
        reading="Each column follows those who began in one month; each cell is the share of them who bought so many "
        "months later. Darker is more.",
    )
