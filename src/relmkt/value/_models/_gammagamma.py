"""How much does a customer spend on a purchase? The Gamma–Gamma model.

Fader & Hardie (2013), "The Gamma–Gamma model of monetary value" (brucehardie.com/notes/025); Colombo & Jiang (1999).
Each customer spends around a mean of their own, which is the same whether they buy often or seldom; the model's
average is drawn from the few purchases seen towards the mean of all.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.value._models._buying import positive
from relmkt.value._models._expectations import expectation, parameter_text
from relmkt.value._models._fitted import Fitted, resampled
from relmkt.value._models._geometric import blocks
from relmkt.value._models._likelihood import row_weights
from relmkt.value._models._optimise import Curve, maximise
from relmkt.value._numbers._special import digamma, gammaln, trigamma
from relmkt.value._summaries._summary import PurchaseSummary

if TYPE_CHECKING:
    from typing import Self

__all__ = ["GammaGamma"]

Floats = NDArray[np.float64]


@frozen
class GammaGamma(Fitted):
    """The Gamma–Gamma model of spend per purchase, with the paper's parameters (v is its γ).

    p: shape of one customer's spends; q, v: shape and rate, in the summary's currency, of the law of their scales;
    currency: of the summary it was fitted to; left_out: customers that the fit could not use, for want of a repeat
    purchase with an amount above 0; covariance: of (p, q, v) where fitted. The last two are not part of equality.

    >>> published = GammaGamma(6.25, 3.74, 15.44)
    >>> two = PurchaseSummary([1, 3], [2, 0], [30.43, 0], [38.86, 38.86], [22.35, np.nan], "week", "USD")
    >>> published.average(two).value.round(2)
    array([24.66, 35.22])

    Source: Fader & Hardie 2013.
    """

    NAMES: ClassVar = ("p", "q", "v")

    p: float = field(converter=float, validator=positive, repr=parameter_text)
    q: float = field(converter=float, validator=positive, repr=parameter_text)
    v: float = field(converter=float, validator=positive, repr=parameter_text)
    currency: str | None = field(default=None, kw_only=True)
    left_out: int = field(default=0, kw_only=True, eq=False, repr=False)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)

    @classmethod
    def fit(cls, summary: PurchaseSummary, *, weights: ArrayLike | None = None, penalty: float = 0.0) -> Self:
        """The parameters of the greatest likelihood, over the customers who repeated with a spend above 0.

        weights, penalty: as for `BetaGeo.fit`. Raises FitError where the spends do not determine the model: too few
        customers, or all with the same mean.
        """
        w = row_weights(summary, weights)
        used = (summary.frequency > 0) & (summary.monetary_value > 0)
        if not w[used].any():
            raise FitError("no customer with a repeat purchase above 0: spend is not determined")
        x, m, w = summary.frequency[used], summary.monetary_value[used], w[used]
        mean = float(w @ m / w.sum())
        start = np.array([3.0, 3.0, 2.0 * mean / 3.0])  # p v / (q − 1) is the mean
        best = maximise(_Likelihood.of(x, m, w), start, cls.NAMES, penalty=penalty)
        left_out = len(summary) - int(used.sum())
        return cls(*best.point, currency=summary.currency, left_out=left_out, covariance=best.covariance)

    def log_likelihood(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of the mean spends, over customers who repeated with a spend above 0."""
        self._same_currency(summary)
        used = self._counted(summary)
        w = row_weights(summary, weights)[used]
        return _Likelihood.of(summary.frequency[used], summary.monetary_value[used], w)(self._point)[0]

    @classmethod
    def bootstrap(
        cls, summary: PurchaseSummary, n: int, *, rng: np.random.Generator, weights: ArrayLike | None = None
    ) -> tuple[Self, ...]:
        """Models fitted to n resamples of the customers; resamples that do not determine the model are left out."""
        fit = partial(cls.fit, summary)
        return resampled(lambda drawn: fit(weights=drawn), row_weights(summary, weights), n, rng=rng)

    def simulate(self, frequency: ArrayLike, *, rng: np.random.Generator) -> Floats:
        """Mean spends of customers who repeated so often, each around a mean of their own; NaN without a repeat.

        frequency: repeat purchases, one entry a customer; the answer is in whole units of the currency.

        >>> GammaGamma(6.25, 3.74, 15.44).simulate([0, 3, 40], rng=np.random.default_rng(4)).round(2)
        array([  nan,  8.48, 82.44])
        """
        x = np.asarray(frequency, dtype=np.float64)
        scale = rng.gamma(self.q, 1 / self.v, x.size)
        some = np.where(x > 0, x, 1.0)
        return np.where(x > 0, rng.gamma(self.p * some) / (scale * some), np.nan)

    def average(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Expected mean spend per purchase of each customer, labelled by id, in whole units of the currency.

        A customer without a repeat gets the mean of all, p v / (q − 1). With q of 1 or less that mean is infinite, and
        says so in the notes. `level=None` leaves the interval out.
        """
        self._same_currency(summary)
        m = np.nan_to_num(summary.monetary_value)
        x = np.where(np.isnan(summary.monetary_value), 0.0, summary.frequency)
        above, below = self.v + x * m, self.p * x + self.q - 1
        finite = below > 0
        safe = np.where(finite, below, 1.0)
        value = np.where(finite, self.p * above / safe, np.inf)
        notes = () if finite.all() else ("infinite where too little was spent: with q of 1 or less, there is no mean",)
        spread = None
        if level is not None and self.covariance is not None:
            slopes = np.stack([1 / self.p - x / safe, -1 / safe, 1 / above])
            spread = np.sqrt(np.maximum(np.einsum("in,ij,jn->n", slopes, self.covariance, slopes), 0.0))
        return expectation(value, spread, level, shape="log", n=x, labels=summary.ids, notes=notes)

    def _counted(self, summary: PurchaseSummary) -> NDArray[np.bool_]:
        return np.asarray((summary.frequency > 0) & (summary.monetary_value > 0))

    def _same_currency(self, summary: PurchaseSummary) -> None:
        if self.currency and summary.currency and self.currency != summary.currency:
            raise ValueError(f"the model counts in {self.currency}, the summary in {summary.currency}")


@frozen(eq=False)
class _Likelihood:
    """Rows of spend, and the weights of each distinct frequency: ln Γ is taken of those few alone."""

    x: Floats
    spent: Floats  # x m, the total
    weights: Floats
    distinct: Floats
    counted: Floats
    fixed: tuple[float, float]  # sums of x log(x m) and of log m

    @classmethod
    def of(cls, x: Floats, m: Floats, weights: Floats) -> Self:
        histogram = np.bincount(x.astype(np.int64), weights=weights)
        distinct = np.flatnonzero(histogram)
        fixed = float((weights * x) @ np.log(x * m)), float(weights @ np.log(m))
        return cls(x, x * m, weights, distinct.astype(np.float64), histogram[distinct].astype(np.float64), fixed)

    def __call__(self, point: Floats) -> Curve:
        p, q, v = (float(k) for k in point)
        d, h, total = self.distinct, self.counted, float(self.counted.sum())
        (log_u, x_log_u), (by_u, x_by_u), (by_uu, x_by_uu) = self._rows(v)
        at, n = np.concatenate([p * d + q, p * d, [q]]), d.size  # one call of each function for all three
        (both, own, alone), (psi, psi_p, psi_q), (tri, tri_p, tri_q) = (
            (f[:n], f[n:-1], float(f[-1])) for f in (gammaln(at), digamma(at), trigamma(at))
        )
        value = float(h @ (both - own)) + total * float(q * np.log(v) - alone)
        value += p * self.fixed[0] - self.fixed[1] - p * x_log_u - q * log_u
        by_p = float((h * d) @ (psi - psi_p)) + self.fixed[0] - x_log_u
        by_q = float(h @ psi) + total * float(np.log(v) - psi_q) - log_u
        slope = np.array([by_p, by_q, total * q / v - p * x_by_u - q * by_u])
        bend = np.empty((3, 3))
        bend[0, 0] = (h * d**2) @ (tri - tri_p)
        bend[0, 1] = bend[1, 0] = (h * d) @ tri
        bend[0, 2] = bend[2, 0] = -x_by_u
        bend[1, 1] = h @ tri - total * tri_q
        bend[1, 2] = bend[2, 1] = total / v - by_u
        bend[2, 2] = -total * q / v**2 + p * x_by_uu + q * by_uu
        return value, slope, bend

    def _rows(self, v: float) -> Floats:
        """Sums of log u, 1 / u and 1 / u² over the rows, plain and times x, where u = x m + v."""
        sums = np.zeros((3, 2))
        for rows in blocks(self.x.size):
            u, w = self.spent[rows] + v, self.weights[rows]
            by_u, weighed = 1 / u, np.stack([w, w * self.x[rows]])
            for i, term in enumerate((np.log(u), by_u, by_u * by_u)):
                sums[i] += np.einsum("kn,n->k", weighed, term)
        return sums
