"""Where does the money come from, and does it grow with time? Revenue by source, and what customers bring by tenure."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from relmkt.contact import Planned
from relmkt.estimate import Estimate
from relmkt.report._charts import bars_chart
from relmkt.report._curves import retention_chart, tenure_chart
from relmkt.report._grids import effort_chart
from relmkt.report._ground import HORIZON, Ground, day_text
from relmkt.report._section import Section, Table, amount, many, percent
from relmkt.value import Cohorts, Unit, cohorts, effort_by_value, profit_by_tenure, revenue_sources
from relmkt.windows import DAY, Span, days

__all__ = ["effort_section", "kept_section", "sources_section", "tenure_section"]

QUARTER = days(91)
LAPSE = HORIZON  # as the phase "win back" has it
SETTLED = days(182)  # newer months say little: many of those who will come back have not done so yet
_WORDS = {
    "new": "bought for the first time",
    "referred": "bought for the first time, and came by a recommendation",
    "won back": "bought after more than a year of silence",
    "kept": "customers of before, up to what each had brought in the time before",
    "developed": "the same customers, above what each had brought before",
}


def sources_section(ground: Ground) -> Section:
    """The revenue of the last year, or quarter where the base is young, by where it came from."""
    span, word = (HORIZON, "year") if int(ground.at) - int(ground.first) >= 2 * HORIZON else (QUARTER, "quarter")
    found = revenue_sources(ground.base, within=span, lapse=LAPSE, currency=ground.currency)
    whole, shares = float(found.whole.amount), found.shares
    parts = {name: float(part.amount) for name, part in found.parts.items()}
    counted = {**found.customers, "developed": found.customers.get("kept", 0)}
    rows = [
        (name, f"{parts[name]:,.0f}", percent(shares[name]), f"{counted.get(name, 0):,}", _WORDS[name])
        for name in parts
    ]
    words = [f"After {day_text(found.start)} the base brought {amount(whole, ground.currency)} in a {word}."]
    if whole > 0:
        most = max(parts, key=lambda name: parts[name])
        words.append(f"Most of it, {percent(shares[most])}, is what is called “{most}” here: {_WORDS[most]}.")
    if not found.customers.get("referred"):
        words.append("Nobody is known to have come by a recommendation: none have been recorded.")
    return Section(
        "sources",
        "Where does the revenue come from?",
        words,
        (Table(("source", f"revenue, {ground.currency}", "share", "customers", "in words"), rows),),
        picture=lambda: bars_chart(
            {name: max(value, 0.0) for name, value in parts.items()}, f"revenue of the last {word}, {ground.currency}"
        ),
        reading="The longer the bar, the more of the revenue came from there.",
        small=(
            (
                f"The parts add up to the whole, to the cent. “Kept” and “developed” are the same customers, each "
                f"compared with the {word} before; what they brought less than then shows nowhere. A count, not a "
                "sample, so no margin of error."
            ),
        ),
    )


def kept_section(ground: Ground) -> Section:
    """How long customers stay: retention by age with intervals, and the curve of those not seen to have left."""
    bought = cohorts(ground.base, period="month", currency=ground.currency)
    later = cohorts(ground.base, period="month", currency=ground.currency, active="purchase or later")
    pooled, kept = bought.pooled_rate(), _settled(later)
    stayed, half = kept.survival(), kept.half_life()
    counted, names = bought.pooled, set(map(str, stayed.labels or ()))
    ages = [str(k) for k in (1, 2, 3, 6, 9, 12, 18, 24) if k < counted.size and not np.isnan(counted[k])]
    known = [k for k in ages if k in names and not np.isnan(stayed[k].value)]
    rows = [(k, _ranged(pooled[k]), f"{pooled[k].n:,}", _ranged(stayed[k]) if k in known else "not yet") for k in ages]
    words = [
        "Two curves, because nobody signs off here: how many bought in a month, and how many bought in it or later."
    ]
    if known:
        k = known[-1]
        words.append(
            f"{many(int(k), 'month')} on, {_ranged(pooled[k])} of those who began bought in that month, and "
            f"{_ranged(stayed[k])} bought in it or later."
        )
    if not np.isnan(half.value):
        bounds = "" if np.isnan(half.low) else f" ({half.low:.2f} to {half.high:.2f})"
        words.append(
            f"Half of those who begin have made their last purchase after {half.value:.2f} months{bounds}, by the "
            "second curve."
        )
    return Section(
        "kept",
        "How long do they stay?",
        words,
        (Table(("months later", "bought in that month", "customers", "bought then or later"), rows),),
        picture=lambda: retention_chart(bought, kept if known else None),
        reading="The full line is the share that bought in the month, the dashed one the share that bought in it or "
        "later; the pale bands are their 95 % intervals.",
        small=(
            (
                "All cohorts together, each month over those whose month is over (Wilson); the second curve is the "
                "product of shares of Kaplan and Meier (Greenwood). Its last "
                f"{_months(SETTLED)} months are left out: who has not come back in so short a time may still do so."
            ),
        ),
    )


def _settled(later: Cohorts) -> Cohorts:
    """The table without each cohort's newest months, in which most of those who will come back have not done so yet."""
    active = later.active.copy()
    for row in active:
        seen = int(np.isfinite(row).sum())
        row[max(seen - 1 - _months(SETTLED), 0) :] = np.nan  # one more, for the month that is running
    return evolve(later, active=active, revenue=None)


def _months(span: Span) -> int:
    return round(12 * int(span) / int(HORIZON))


def tenure_section(ground: Ground) -> Section:
    """What customers bring by how long they have been customers, with intervals."""
    unit: Unit = "year" if int(ground.at) - int(ground.first) >= 3 * 365 * DAY else "quarter"
    told = profit_by_tenure(ground.base, unit=unit, currency=ground.currency, margin=ground.margin)
    names = told.active.labels or ()
    if not names:
        return Section("tenure", "Do customers bring more with time?", (f"Nobody has been known for a {unit} yet.",))
    rows = [
        (
            str(name),
            _ranged(told.active[name], money=True),
            f"{told.active[name].n:,}",
            _ranged(told.everyone[name], money=True),
            f"{told.everyone[name].n:,}",
        )
        for name in names
    ]
    return Section(
        "tenure",
        "Do customers bring more with time?",
        (
            f"{told.verdict[:1].upper()}{told.verdict[1:]}.",
            (
                f"Among those who buy again, {told.label} changes by {_slope(told.trend, told.currency, unit)}; within "
                f"the same customers by {_slope(told.trend_within, told.currency, unit)}. The first {unit} is left "
                "out of both, for it holds a purchase by definition."
            ),
        ),
        (
            Table(
                (f"{unit}s since the first", f"{told.label}, of those who bought", "n", "of all who had come", "n"),
                rows,
                f"{told.label.capitalize()} a customer, {ground.currency}",
            ),
        ),
        picture=lambda: tenure_chart(told),
        reading="The full line is what a customer brings who bought then, the dashed one what all bring who had come; "
        "the whiskers are 95 % intervals.",
        small=(
            "Those who stay may have been better from the start: the trend within the same customers is free of it.",
        ),
    )


def effort_section(ground: Ground) -> Section:
    """Whether contacts go to those who are worth most."""
    title, planned = "Does effort follow value?", ground.stored(Planned)
    if not planned or not ground.revenue.sum() > 0:
        return Section("effort", title, ("No contacts have been planned yet: there is no effort to compare.",))
    codes = np.searchsorted(ground.base.ids, [who for who, _ in planned])
    contacts = np.bincount(codes, minlength=len(ground.base))
    found = effort_by_value(np.maximum(ground.revenue, 0.0), contacts=contacts)
    gap = float(found.gap["contacts"].value)
    words = "more to the best than their revenue alone would say" if gap > 0 else "less to the best than they bring"
    return Section(
        "effort",
        title,
        (
            f"{many(len(planned), 'contact')} were planned, and they go {words} (gap {gap:+.2f}; 0 would follow it).",
            f"Counted from below, {found.sentence('contacts', 0.5)}; {found.sentence('contacts', top=True)}.",
        ),
        picture=lambda: effort_chart(found, value="revenue so far"),
        reading="Where the dashed line of contacts runs below the full one of revenue, effort goes to the best; where "
        "it runs above, to those who bring less.",
        small=("Value is the revenue so far, effort the number of contacts planned. A count, not a sample.",),
    )


def _ranged(told: Estimate, *, money: bool = False) -> str:
    def words(value: float) -> str:
        return f"{value:,.2f}" if money else percent(value)

    return words(told.value) if np.isnan(told.low) else f"{words(told.value)} ({words(told.low)} to {words(told.high)})"


def _slope(told: Estimate, currency: str, unit: str) -> str:
    if np.isnan(told.value):
        return "an unknown amount"
    bounds = "" if np.isnan(told.low) else f" ({told.low:+,.2f} to {told.high:+,.2f})"
    return f"{told.value:+,.2f} {currency} a {unit}{bounds}, n = {told.n:,}"
