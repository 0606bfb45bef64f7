"""Who is still a customer, if one purchase may be the last? The MBG/NBD model.

Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24(3), 201–209; Hoppe & Wagner (2007), "Customer base analysis: the case
for a central variant of the betageometric/NBD model", Marketing – Journal of Research and Management 3(2), 75–90. As
the BG/NBD, but a customer may leave right after the first purchase too, so that silence tells of one-time buyers what
it tells of all others.
"""

from typing import ClassVar

from attrs import frozen

from relmkt.value._models._geometric_model import GeometricModel

__all__ = ["ModifiedBetaGeo"]


@frozen(repr=False)
class ModifiedBetaGeo(GeometricModel):
    """The MBG/NBD model of repeat buying, with the papers' parameters.

    r, alpha: shape and rate (in `unit`s) of the gamma law of purchase rates; a, b: of the beta law of the chance to
    leave after a purchase, the first one among them; unit: of the summary it was fitted to, needed for horizons given
    as spans; covariance: of (r, alpha, a, b) where fitted, by the inverse of the observed information, not part of
    equality.

    >>> from relmkt.value import PurchaseSummary
    >>> published = ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614, unit="week")
    >>> silent = PurchaseSummary([1], [0], [0], [38.86], [float("nan")], "week")
    >>> round(float(published.alive(silent).value[0]), 3)
    0.39

    Source: Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007.
    """

    AT_FIRST: ClassVar = True
