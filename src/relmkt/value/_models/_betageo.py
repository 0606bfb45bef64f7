"""Who is still a customer, and how often will they buy? The BG/NBD model.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD model", Marketing
Science 24(2), 275–284. While active a customer buys at random at a rate of their own (gamma over customers), and after
each purchase leaves with a probability of their own (beta over customers). A customer without a repeat purchase is
alive with certainty in this model; that is the model's, not a finding.
"""

from typing import ClassVar

from attrs import frozen

from relmkt.value._models._geometric_model import GeometricModel

__all__ = ["BetaGeo"]


@frozen(repr=False)
class BetaGeo(GeometricModel):
    """The BG/NBD model of repeat buying, with the paper's parameters.

    r, alpha: shape and rate (in `unit`s) of the gamma law of purchase rates; a, b: of the beta law of the chance to
    leave after a purchase; unit: of the summary it was fitted to, needed for horizons given as spans; covariance:
    of (r, alpha, a, b) where fitted, by the inverse of the observed information, not part of equality.

    >>> from relmkt.value import PurchaseSummary
    >>> published = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
    >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week", "USD")
    >>> round(float(published.purchases(one, 39).value[0]), 3)
    1.226

    Source: Fader, Hardie & Lee 2005.
    """

    AT_FIRST: ClassVar = False
