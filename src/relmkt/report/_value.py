"""What are they worth, and who is best? Expected revenue, the best ten and why, and two rankings side by side."""

import numpy as np

from relmkt.facts import Purchase
from relmkt.report._charts import bars_chart
from relmkt.report._ground import Ground, Worth, day_text
from relmkt.report._section import Reasons, Section, Table, amount, many, percent
from relmkt.stages import phase, relationship
from relmkt.tallies import since
from relmkt.value import RFM, Ranking, ranking

__all__ = ["best_section", "ranking_section", "worth_section"]

SHOWN = 10


def worth_section(ground: Ground) -> Section:
    """What the base is expected to bring within a year."""
    title = "What will the next year bring?"
    if ground.worth.each is None or ground.worth.whole is None:
        return Section("worth", title, (f"Nothing can be said: {ground.worth.why}.",))
    each, whole, cur = ground.worth.each, ground.worth.whole, ground.currency
    ids, expected = np.asarray(each.labels), np.asarray(each.value)
    rfm, held = RFM.fit(ground.base, currency=cur), np.zeros(len(ground.base))
    held[np.searchsorted(ground.base.ids, ids)] = expected
    parts = {s.name: float(held[ground.base.ask(s)].sum()) for s in rfm.segments}
    share = np.sort(expected)[::-1][: max(1, expected.size // 10)].sum() / max(expected.sum(), 1e-12)
    return Section(
        "worth",
        title,
        (
            (
                f"If customers go on as they have, the base is expected to bring {amount(whole.value, cur)} of revenue "
                f"within a year (between {amount(whole.low, cur)} and {amount(whole.high, cur)})."
            ),
            (
                f"That is {amount(whole.value / max(expected.size, 1), cur, 2)} a customer; the tenth from whom "
                f"most is expected makes up {percent(float(share))} of it. Customers still to be won are not in it."
            ),
        ),
        picture=lambda: bars_chart(parts, f"expected revenue within a year, {cur}"),
        reading="The longer the bar, the more the segment is expected to bring within a year.",
        small=(
            (
                f"Purchases by the {ground.models.name} model, amounts by the Gamma–Gamma model, fitted to "
                f"{many(whole.n, 'customer')}. The interval ({100 * whole.level:g} %) says how well the models' "
                "parameters are known; it does not cover a change of the market. Revenue, not profit."
            ),
        ),
    )


def best_section(ground: Ground) -> Section:
    """The ten best customers by revenue, and why each stands where it stands."""
    best = ranking(ground.base, currency=ground.currency, margin=ground.margin)
    ids = [str(name) for name in best.ids[:SHOWN]]
    return Section(
        "best",
        "Who are the best customers, and why do they stand where they stand?",
        (f"The {len(ids)} customers who brought the most revenue so far.",),
        reasons=[_reasons(ground, place, name) for place, name in enumerate(ids, 1)],
    )


def _reasons(ground: Ground, place: int, name: str) -> Reasons:
    code = int(np.searchsorted(ground.base.ids, name))
    customer = ground.program.customer(name, ground.at)
    standing, quiet = customer.ask(relationship()), customer.ask(since(Purchase))
    bought = f"{many(ground.orders[code], 'purchase')} for {amount(ground.revenue[code], ground.currency)}"
    where = f"on the rung “{standing}”, phase “{customer.ask(phase())}”"
    last = f"the last {many(int(quiet), 'day')} ago"
    words = f"{place}. customer {name}: {bought}, {last}; {where}; {_expected(ground, name)}"
    return Reasons(words, (customer.explain(relationship()), customer.explain(phase())))


def _expected(ground: Ground, name: str) -> str:
    worth: Worth = ground.worth
    if worth.each is None:
        return "expected revenue unknown"
    one, cur = worth.each[name], ground.currency
    return f"expected within a year {amount(one.value, cur)} ({one.low:,.0f} to {one.high:,.0f})"


def ranking_section(ground: Ground) -> Section:
    """The best by revenue so far beside the best by what is expected, and by profit where a margin is known."""
    best = ranking(ground.base, currency=ground.currency, margin=ground.margin)
    words = ["The best so far need not be the best to come: who has gone quiet loses places, who is new gains them."]
    if best.profit is None:
        words.append("By profit nobody can be ranked, for no margin is known: both rankings are of revenue.")
    heads = ["customer", "by revenue so far", "by expected revenue", "places"]
    rows, moved = _places(ground, best)
    if best.profit is not None:
        heads += ["by profit", "places"]
        profit = [
            (f"{p:,.0f}", _moved(int(m))) for p, m in zip(best.by_profit[:SHOWN], best.moved[:SHOWN], strict=True)
        ]
        rows = [(*row, *more) for row, more in zip(rows, profit, strict=True)]
    words.append(moved)
    return Section("rankings", "Best so far, best to come", words, (Table(tuple(heads), rows),))


def _moved(places: int) -> str:
    return f"{places:+,}" if places else "0"


def _places(ground: Ground, best: Ranking) -> tuple[list[tuple[str, ...]], str]:
    """The first ten by revenue, with their place by expected revenue; who of the ten changes."""
    ids = best.ids[:SHOWN].tolist()
    if ground.worth.each is None:
        return [
            (name, str(k), "unknown", "") for k, name in enumerate(ids, 1)
        ], "Nothing can be said of what is to come."
    labels, value = np.asarray(ground.worth.each.labels), np.asarray(ground.worth.each.value)
    order = labels[np.argsort(-value, kind="stable")]
    place = {str(name): k for k, name in enumerate(order.tolist(), 1)}
    rows: list[tuple[str, ...]] = [
        (str(n), f"{k:,}", f"{place[str(n)]:,}", _moved(k - place[str(n)])) for k, n in enumerate(ids, 1)
    ]
    new = [str(name) for name in order[:SHOWN].tolist() if name not in set(ids)]
    told = (
        f"Among the first {len(ids)} by expected revenue, {many(len(new), 'customer')} were not among the first so far"
    )
    since_day = day_text(ground.at)
    return rows, f"{told}{': ' + ', '.join(new) if new else ''} (as of {since_day})."
