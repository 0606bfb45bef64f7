"""Were the forecasts right? Errors against a holdout, calibration by group, and models side by side.

The holdout and the conditional expectation by calibration frequency are the tests of Fader, Hardie & Lee (2005),
"Counting your customers the easy way", Marketing Science 24(2), section 5; AIC and BIC are Akaike's (1974) and
Schwarz's (1978). Errors come with their intervals: a difference within them is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Protocol

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.scales._quantiles import normal_quantile
from relmkt.value._numbers._figures import figure
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._holdout import Holdout
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import Span

__all__ = ["Calibration", "Comparison", "ForecastErrors", "by_frequency", "calibration", "compare", "forecast_errors"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Forecasts(Protocol):
    """A fitted model of repeat purchases."""

    def log_likelihood(self, summary: PurchaseSummary, /) -> float: ...
    def aic(self, summary: PurchaseSummary, /) -> float: ...
    def bic(self, summary: PurchaseSummary, /) -> float: ...
    def purchases(
        self, summary: PurchaseSummary, horizon: Span | float, /, *, level: float | None = ...
    ) -> Estimate: ...


@frozen
class ForecastErrors:
    """How far forecasts were from what happened, each figure with its interval over customers.

    bias: mean of forecast less actual; mae: mean absolute error; rmse: root of the mean squared error.

    >>> print(forecast_errors([1.0, 0.5, 2.0], [1, 0, 4]).mae)
    0.83 [-0.34, 2.01] 95 %, n = 3 (normal)
    """

    bias: Estimate
    mae: Estimate
    rmse: Estimate

    def __str__(self) -> str:
        return "\n".join(f"{name:<5}{getattr(self, name)}" for name in ("bias", "mae", "rmse"))


def forecast_errors(expected: ArrayLike | Estimate, actual: ArrayLike, *, level: float = 0.95) -> ForecastErrors:
    """The errors of forecasts, one entry a customer in both: bias, MAE and RMSE with normal intervals.

    Pairs of which one is missing are left out and counted as missing. Without any pair the figures are unknown.

    Source: Wasserman 2004, "All of Statistics", chapter 5 and theorem 9.28 for the root.
    """
    gap, missing = _gaps(expected, actual)
    n = gap.size
    if not n:
        nothing = Estimate.unknown("no forecast with an outcome", missing=missing)
        return ForecastErrors(nothing, nothing, nothing)

    def told(values: Floats, root: bool = False) -> Estimate:
        mean, se = float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
        if root:
            mean, se = np.sqrt(mean), se / (2 * np.sqrt(mean)) if mean else 0.0
        return evolve(figure(mean, se, level=level, n=n, method="normal"), missing=missing)

    return ForecastErrors(told(gap), told(np.abs(gap)), told(gap**2, root=True))


@frozen(eq=False, repr=False)
class Calibration:
    """Forecasts beside outcomes, by group of customers.

    groups: their names; n: customers in each; expected, actual: means a customer; low, high: the interval of the
    actual mean, NaN in groups of one. A model is calibrated where expected lies within.

    >>> table = calibration([0.1, 0.2, 3.0, 4.0], [0, 0, 2, 5], groups=2)
    >>> table.expected.round(2).tolist(), table.actual.tolist()
    ([0.15, 3.5], [0.0, 3.5])
    """

    groups: tuple[str, ...]
    n: Ints = field(converter=np.asarray)
    expected: Floats = field(converter=floats)
    actual: Floats = field(converter=floats)
    low: Floats = field(converter=floats)
    high: Floats = field(converter=floats)

    def __len__(self) -> int:
        return len(self.groups)

    def __str__(self) -> str:
        lines = [f"{'':<12}{'n':>9}{'expected':>10}{'actual':>9}"]
        rows = zip(self.groups, self.n, self.expected, self.actual, strict=True)
        return "\n".join([*lines, *(f"{g:<12}{n:>9,}{e:>10.3f}{a:>9.3f}" for g, n, e, a in rows)])

    def __repr__(self) -> str:
        return f"<Calibration: {len(self)} groups, {int(self.n.sum()):,} customers>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{h}</th>" for h in ("", "n", "expected", "actual", "low", "high"))
        columns = (self.groups, self.n, self.expected, self.actual, self.low, self.high)
        body = "".join(
            f"<tr><th>{escape(g)}</th><td>{n:,}</td>{''.join(f'<td>{v:.3f}</td>' for v in rest)}</tr>"
            for g, n, *rest in zip(*columns, strict=True)
        )
        return f"<table><caption>{escape(repr(self))}</caption><tr>{head}</tr>{body}</table>"


def calibration(expected: ArrayLike | Estimate, actual: ArrayLike, *, groups: int, level: float = 0.95) -> Calibration:
    """Means of forecasts and outcomes in groups of equal size by rising forecast, such as tenths.

    Customers whose forecasts are equal stand in one group, so that there may be fewer groups than asked for.
    """
    if groups < 1:
        raise ValueError(f"groups is 1 or more, got {groups}")
    told, seen = _pairs(expected, actual)
    ordered = np.sort(told)
    cuts = [ordered[-(-told.size * k // groups) - 1] for k in range(1, groups)] if told.size else []
    which = np.searchsorted(np.unique(cuts), told, side="left")
    present = np.unique(which)
    names = tuple(str(k + 1) for k in range(present.size))
    return _grouped(np.searchsorted(present, which), names, told, seen, level)


def by_frequency(
    model: Forecasts, summary: PurchaseSummary, holdout: Holdout, *, most: int = 7, level: float = 0.95
) -> Calibration:
    """Expected and actual purchases in the holdout, by the number of repeat purchases in the calibration.

    most: the last group takes this frequency and all above.

    >>> from relmkt.value import BetaGeo
    >>> known = PurchaseSummary([1, 2], [0, 9], [0, 38], [38.86, 38.86], [np.nan, 20], "week")
    >>> after = Holdout([1, 2], [0, 7], [0, 90], 39, "week")
    >>> by_frequency(BetaGeo(0.243, 4.414, 0.793, 2.426), known, after).groups
    ('0', '7+')
    """
    _aligned(summary, holdout)
    told = np.asarray(model.purchases(summary, holdout.length, level=None).value)
    x = np.minimum(summary.frequency, most).astype(np.int64)
    present = np.unique(x)
    names = tuple(f"{k}+" if k == most else str(k) for k in present)
    return _grouped(np.searchsorted(present, x), names, told, holdout.purchases, level)


@frozen(eq=False, repr=False)
class Comparison:
    """Models side by side, the best by AIC first.

    names; parameters, log_likelihood, aic, bic: one entry a model, of the calibration; errors: of each against the
    holdout, empty without one; expected: total forecast of the holdout, and actual what was bought in it.
    """

    names: tuple[str, ...]
    parameters: Ints = field(converter=np.asarray)
    log_likelihood: Floats = field(converter=floats)
    aic: Floats = field(converter=floats)
    bic: Floats = field(converter=floats)
    errors: tuple[ForecastErrors, ...] = ()
    expected: Floats = field(factory=lambda: np.zeros(0), converter=floats)
    actual: float = float("nan")

    def __len__(self) -> int:
        return len(self.names)

    def rows(self) -> list[tuple[str, ...]]:
        """What is printed, one row a model."""
        plain = zip(self.names, self.parameters, self.log_likelihood, self.aic, self.bic, strict=True)
        told: list[tuple[str, ...]] = [(n, str(k), f"{ll:,.2f}", f"{a:,.2f}", f"{b:,.2f}") for n, k, ll, a, b in plain]
        if not self.errors:
            return told
        parts = zip(told, self.expected, self.errors, strict=True)
        return [
            (*row, f"{total:,.0f}", f"{e.bias.value:+.4f}", f"{e.mae.value:.4f}", f"{e.rmse.value:.4f}")
            for row, total, e in parts
        ]

    def _head(self) -> tuple[str, ...]:
        seen = ("expected", "bias", "MAE", "RMSE") if self.errors else ()
        return ("model", "k", "log-likelihood", "AIC", "BIC", *seen)

    def _caption(self) -> str:
        return f"actual purchases in the holdout: {self.actual:,.0f}" if self.errors else "no holdout"

    def __str__(self) -> str:
        table = [self._head(), *self.rows()]
        wide = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        cells = (
            "  ".join([row[0].ljust(wide[0]), *(c.rjust(w) for c, w in zip(row[1:], wide[1:], strict=True))])
            for row in table
        )
        return "\n".join([*cells, self._caption()])

    def __repr__(self) -> str:
        return f"<Comparison: {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(h)}</th>" for h in self._head())
        body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in self.rows())
        return f"<table><caption>{escape(self._caption())}</caption><tr>{head}</tr>{body}</table>"


def compare(
    models: Mapping[str, Forecasts], summary: PurchaseSummary, holdout: Holdout | None = None, *, level: float = 0.95
) -> Comparison:
    """The models' criteria on one summary, and with a holdout their forecast errors on it.

    models: by the name they are to have in the table, all fitted to this summary.

    >>> from relmkt.value import BetaGeo
    >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week")
    >>> print(compare({"BG/NBD": BetaGeo(0.243, 4.414, 0.793, 2.426)}, one))
    model   k  log-likelihood    AIC    BIC
    BG/NBD  4           -9.46  26.92  18.92
    no holdout

    Source: Akaike 1974, IEEE Transactions on Automatic Control 19(6); Schwarz 1978, Annals of Statistics 6(2).
    """
    if holdout is not None:
        _aligned(summary, holdout)
    order = sorted(models, key=lambda name: models[name].aic(summary))
    ll, aic, bic = ([getattr(models[n], what)(summary) for n in order] for what in ("log_likelihood", "aic", "bic"))
    counted = [round((a + 2 * value) / 2) for a, value in zip(aic, ll, strict=True)]
    if holdout is None:
        return Comparison(tuple(order), counted, ll, aic, bic)
    told = [np.asarray(models[name].purchases(summary, holdout.length, level=None).value) for name in order]
    errors = tuple(forecast_errors(t, holdout.purchases, level=level) for t in told)
    totals = [float(t.sum()) for t in told]
    return Comparison(tuple(order), counted, ll, aic, bic, errors, totals, float(holdout.purchases.sum()))


def _aligned(summary: PurchaseSummary, holdout: Holdout) -> None:
    if not np.array_equal(summary.ids, holdout.ids):
        raise InvalidFactError("holdout", "other customers than the summary's", "both from one split")
    if summary.unit != holdout.unit:
        raise ValueError(f"the summary counts in {summary.unit}s, the holdout in {holdout.unit}s")


def _pairs(expected: ArrayLike | Estimate, actual: ArrayLike) -> tuple[Floats, Floats]:
    told = np.asarray(expected.value if isinstance(expected, Estimate) else expected, dtype=np.float64)
    seen = np.asarray(actual, dtype=np.float64)
    if told.shape != seen.shape or told.ndim != 1:
        raise InvalidFactError("actual", f"shape {seen.shape}", f"{told.shape}, one outcome a forecast")
    return told, seen


def _gaps(expected: ArrayLike | Estimate, actual: ArrayLike) -> tuple[Floats, int]:
    told, seen = _pairs(expected, actual)
    gap = told - seen
    known = ~np.isnan(gap)
    return gap[known], int((~known).sum())


def _grouped(which: Ints, names: tuple[str, ...], told: Floats, seen: Floats, level: float) -> Calibration:
    n = np.bincount(which, minlength=len(names))
    expected, actual, squares = (np.bincount(which, v, minlength=len(names)) / n for v in (told, seen, seen**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.maximum(squares - actual**2, 0.0) / (n - 1))
    reach = np.where(n > 1, normal_quantile(level) * se, np.nan)
    return Calibration(names, n, expected, actual, actual - reach, actual + reach)
