"""Can the forecasts be trusted, and what do they say? Models judged, tracked, and read customer by customer."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.report._curves import alive_chart, tracking_chart
from relmkt.report._grids import calibration_chart, matrix_chart
from relmkt.report._ground import HORIZON, Ground, day_text
from relmkt.report._judging import Judged, Model
from relmkt.report._section import Section, Table, amount, many, percent
from relmkt.value import AliveHistory, PurchaseSummary, alive_history, by_frequency, frequency_recency
from relmkt.windows import Instant

__all__ = ["calibration_section", "matrix_section", "models_section", "quiet_section", "tracking_section"]

MOST = 12
UNIT_SPAN = float(HORIZON) / float(7 * 24 * 3600 * 10**6)


def models_section(ground: Ground) -> Section:
    """Which model tells the base best, by what came after the purchases that it was fitted to."""
    title, said = "Which forecast can be trusted?", ground.models
    if said.comparison is None or said.after is None or said.cut is None:
        return Section("models", title, (f"No forecast can be tested: {said.why or 'nothing was bought again'}.",))
    told, after, end = said.comparison, said.after, day_text(said.cut)
    totals = dict(zip(told.names, told.expected, strict=True))
    rows = [(n, f"{totals[n]:,.0f}", _off(said, n), *_errors(said, n)) for n in told.names]
    return Section(
        "models",
        title,
        (
            (
                f"{_counted(len(told))} of how customers buy and leave were given the purchases up to {end} only, and "
                f"asked what the same {many(len(after), 'customer')} would buy in the {after.length:.0f} weeks that "
                f"followed. {told.actual:,.0f} purchases came."
            ),
            (
                f"{said.name} comes closest, customer by customer: it expected {totals[said.name]:,.0f}, "
                f"{_off_words(totals[said.name], told.actual)}. The page goes on with it. {_leads(said)}"
            ),
        ),
        (Table(("model", "expected", "off by", "mean error", "root of mean squared error"), rows),),
        small=(
            (
                "Errors are purchases a customer, with their 95 % intervals over customers. The best model is the one "
                "of the least squared error; it is then fitted anew to everything. By the criterion of Akaike, which "
                f"looks at the first half alone, {told.names[0]} would be first."
            ),
        ),
    )


def _counted(n: int) -> str:
    return "One model" if n == 1 else f"{n} models"


def _off(said: Judged, name: str) -> str:
    """The forecast's total less what came, as a share of it, with the interval of the mean error."""
    told, bias = said.comparison, said.errors(name).bias
    if told is None or not told.actual:
        return "unknown"
    value, low, high = (percent(part * bias.n / told.actual) for part in (bias.value, bias.low, bias.high))
    return value if np.isnan(bias.low) else f"{value} ({low} to {high})"


def _off_words(expected: float, actual: float) -> str:
    if not actual:
        return "and none came"
    gap = expected / actual - 1
    return f"{percent(abs(gap))} too {'few' if gap < 0 else 'many'}"


def _errors(said: Judged, name: str) -> tuple[str, str]:
    errors = said.errors(name)
    return _ranged(errors.mae), _ranged(errors.rmse)


def _ranged(told: Estimate, digits: int = 2) -> str:
    bounds = "" if np.isnan(told.low) else f" ({told.low:,.{digits}f} to {told.high:,.{digits}f})"
    return f"{told.value:,.{digits}f}{bounds}"


def _leads(said: Judged) -> str:
    """Whether the best is better than the others beyond chance."""
    others = [name for name in said.fitted if name != said.name]
    sure = [name for name in others if said.lead(name).low > 0]
    unsure = [name for name in others if name not in sure]
    parts = [f"It is better than {' and '.join(sure)} beyond chance."] if sure else []
    parts += [f"Its lead over {' and '.join(unsure)} may be chance."] if unsure else []
    return " ".join(parts)


def tracking_section(ground: Ground) -> Section:
    """Purchases week by week, as they came and as they were expected."""
    title, said = "Did purchases come as expected?", ground.models
    way = said.track(ground.base, ground.currency)
    if way is None or not len(way) or said.cut is None:
        return Section("tracking", title, (f"Nothing can be tracked: {said.why or 'nothing was bought again'}.",))
    k, last = way.calibrated, len(way) - 1
    known = f"By {day_text(said.cut)}, the end of what {said.name} was shown, " if 0 < k <= last else ""
    parts = (
        [f"{known}{way.actual[k - 1]:,.0f} repeat purchases had come and {way.expected[k - 1]:,.0f} were expected."]
        if known
        else []
    )
    parts.append(
        f"After {way.ends[last]:.0f} weeks it was {way.actual[last]:,.0f} that came and {way.expected[last]:,.0f} "
        f"expected: {_off_words(way.expected[last], way.actual[last])}."
    )
    late = slice(k, None)
    came, told = way.actual_by_period[late], way.expected_by_period[late]
    if came.size:
        low, high = int(came.argmin()), int(came.argmax())
        parts.append(
            f"In the weeks of the forecast {came.mean():,.0f} a week came ({came[low]:,.0f} to {came[high]:,.0f}), "
            f"and {told.mean():,.0f} were expected ({told.min():,.0f} to {told.max():,.0f})."
        )
    return Section(
        "tracking",
        title,
        parts,
        picture=lambda: tracking_chart(way),
        reading="The closer the dashed line keeps to the full one right of the dotted mark, where the forecast begins, "
        "the better the forecast. Above all purchases so far, below those of each week.",
        small=("Weeks differ by season and by what the shop did; the model knows neither and gives the mean course.",),
    )


def calibration_section(ground: Ground) -> Section:
    """Expected and actual purchases by how often customers had bought."""
    title, said = "Does the forecast hold for rare and for frequent buyers?", ground.models
    if said.known is None or said.after is None:
        return Section("calibration", title, (f"No forecast can be tested: {said.why or 'nothing came'}.",))
    table = by_frequency(said.fitted[said.name], said.known, said.after)
    inside = (table.low <= table.expected) & (table.expected <= table.high)
    rows = [
        (g, f"{n:,}", f"{e:.2f}", f"{a:.2f}", "n/a" if np.isnan(low) else f"{low:.2f} to {high:.2f}")
        for g, n, e, a, low, high in zip(
            table.groups, table.n, table.expected, table.actual, table.low, table.high, strict=True
        )
    ]
    gaps = table.expected - table.actual
    worst = int(np.abs(gaps * table.n).argmax())
    return Section(
        "calibration",
        title,
        (
            (
                f"Customers are grouped by their repeat purchases until {day_text(said.cut or ground.at)}. In "
                f"{int(inside.sum())} of {len(table)} groups what {said.name} expected lies within the margin of "
                "chance of what came."
            ),
            (
                f"Most is missed with those of {table.groups[worst]} repeat purchases: {table.expected[worst]:.2f} a "
                f"customer expected, {table.actual[worst]:.2f} came, over {many(table.n[worst], 'customer')}."
            ),
        ),
        (Table(("repeat purchases before", "customers", "expected", "came", "95 % interval"), rows),),
        picture=lambda: calibration_chart(
            table, label="purchases a customer afterwards", groups="repeat purchases before"
        ),
        reading="Where the top of a bar lies within the whiskers around the dot, the forecast held for that group.",
    )


def matrix_section(ground: Ground) -> Section:
    """Probability of still being a customer, by how often and how lately somebody bought."""
    title, said = "Who is still a customer?", ground.models
    if said.model is None or said.summary is None:
        return Section("alive", title, (f"Nothing can be said: {said.why}.",))
    summary, model = said.summary, said.model
    age = float(np.round(np.median(summary.T), 1))
    alive = model.alive(summary, level=None)
    total = float(alive.value.sum())
    grid = frequency_recency(model, max(age, 1.0), UNIT_SPAN, most=MOST)
    quiet = _one(model, summary, x=6, quiet=age / 2, age=age), _one(model, summary, x=1, quiet=age / 2, age=age)
    return Section(
        "alive",
        title,
        (
            (
                f"By {said.name}, {total:,.0f} of {many(len(summary), 'buyer')} are still customers, "
                f"{percent(total / len(summary))}. Who has gone does not say so; this is read from the silence."
            ),
            (
                f"Silence means more the more often somebody used to buy: of two customers known for {age:,.0f} weeks "
                f"who have both been silent for half of it, the one with a single repeat purchase is still a customer "
                f"with a probability of {_share(quiet[1])}, the one with six of {_share(quiet[0])}."
            ),
        ),
        picture=lambda: matrix_chart(grid, unit="week"),
        reading="Darker is likelier still a customer: to the right who bought more often, further down who has been "
        f"silent for longer. Drawn for customers known for {grid.age:,.0f} weeks; white is what cannot be.",
    )


def _one(model: Model, summary: PurchaseSummary, *, x: int, quiet: float, age: float) -> Estimate:
    one = PurchaseSummary([0], [x], [age - quiet], [age], [np.nan], summary.unit)
    return model.alive(one)["0"]


def _share(told: Estimate) -> str:
    value = percent(told.value, 0)
    return value if np.isnan(told.low) else f"{value} ({percent(told.low, 0)} to {percent(told.high, 0)})"


@frozen(eq=False)
class _Quiet:
    """A good customer who fell silent, and how the probability moved."""

    name: str
    code: int
    history: AliveHistory


def quiet_section(ground: Ground) -> Section:
    """The best customer who has probably gone: how the probability of still being one fell."""
    title, found = "A good customer who went quiet", _gone_quiet(ground)
    if found is None:
        return Section("quiet", title, ("No customer who bought often is more likely gone than not.",))
    way, now = found.history, len(found.history) - 1
    last = int(np.searchsorted(way.days, way.bought[-1]))
    halved = last + int(np.argmax(way.alive[last:] < 0.5))
    days_after = halved - last
    orders, money = ground.orders[found.code], ground.revenue[found.code]
    return Section(
        "quiet",
        title,
        (
            (
                f"Customer {found.name} made {many(orders, 'purchase')} for {amount(money, ground.currency)}, the last "
                f"on {_date(way, last)}. That day the probability of still being a customer was {_at(way, last)}."
            ),
            (
                f"It fell below one half on {_date(way, halved)}, {many(days_after, 'day')} later, and is "
                f"{_at(way, now)} now. A rule on it would have asked for a call in time."
            ),
        ),
        picture=lambda: alive_chart(way),
        reading="Each tick below is a day of purchase; the line is the probability of still being a customer, as it "
        "was known on that day, and the pale band its 95 % interval.",
        small=(f"By {ground.models.name}; the interval says how well its parameters are known.",),
    )


def _date(way: AliveHistory, place: int) -> str:
    return day_text(int(way.days[place].astype("datetime64[us]").astype(np.int64)))


def _at(way: AliveHistory, place: int) -> str:
    value, low, high = (percent(float(part[place]), 0) for part in (way.alive, way.low, way.high))
    return f"{value} ({low} to {high})" if np.isfinite(way.low[place]) else value


def _gone_quiet(ground: Ground) -> _Quiet | None:
    """Of those who bought often and for long and are more likely gone than not, the one of most revenue."""
    said = ground.models
    if said.model is None or said.summary is None:
        return None
    summary, codes = said.summary, np.searchsorted(ground.base.ids, said.summary.ids)
    alive: NDArray[np.float64] = np.asarray(said.model.alive(summary, level=None).value)
    often = summary.frequency >= max(2.0, float(np.quantile(summary.frequency, 0.9)))
    gone = often & (alive < 0.5) & (summary.recency >= summary.T / 3)
    if not gone.any():
        return None
    place = int(np.argmax(np.where(gone, ground.revenue[codes], -np.inf)))
    table, code = ground.base.facts(Purchase), int(codes[place])
    rows = (table["stream"] == code) & (table["label"] == ground.currency)
    way = alive_history(said.model, table["at"][rows], until=Instant(int(ground.at)))
    return _Quiet(str(summary.ids[place]), code, way)
