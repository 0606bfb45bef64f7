"""Which questions of a survey say how it felt? The whole, its parts, who would recommend, and how close the tie is."""

from __future__ import annotations

from attrs import field, frozen

from relmkt.loyalty import Commitment, RelationshipQuality
from relmkt.satisfaction import NPS_QUESTION
from relmkt.scales import Item
from relmkt.scales._item import of_items, shared_scale

__all__ = ["Questions"]


@frozen
class Questions:
    """Which questions say what, for `Report.of`.

    whole: the question about everything together. parts: those about its parts, at least one, on the whole's scale.
    recommend: whether they would recommend, from 0 to 10. quality: the concepts that say how close the tie is;
    attitude_cut, behaviour_cut: what counts as high, of the quality's scores (`quality.scale`) and of purchases within
    the year before the report: whoever stands on a cut is high. Both are yours to state, and only with a quality.
    commitment: all its labels, where the quality rests on one of them (or on none): each is told, never their mean.
    target: the answer to a part that would do; whoever is below stands behind a line of what to repair. Unless stated
    it is the highest of the scale.

    Raises ValueError for a question to recommend that is not from 0 to 10, without parts, for two questions of one
    name, for parts on another scale than the whole's, for a quality without both cuts, for a cut without a quality, and
    for a target off the scale.

    >>> from relmkt.loyalty import Attachment, Trust
    >>> from relmkt.scales import Scale
    >>> ten, seven = Scale(1, 10), Scale(1, 7)
    >>> trust = Trust(credibility=seven.items("t1"), integrity=seven.items("t2"))
    >>> quality = RelationshipQuality(trust=trust, attachment=Attachment(seven.items("a1", "a2")))
    >>> asked = Questions(Item("shop", ten), ten.items("choice", "price"), quality=quality, attitude_cut=5,
    ...                   behaviour_cut=2)
    >>> asked.recommend.name, [item.name for item in asked.parts]
    ('recommend', ['choice', 'price'])
    """

    whole: Item
    parts: tuple[Item, ...] = field(converter=of_items)
    recommend: Item = field(default=NPS_QUESTION, kw_only=True)
    quality: RelationshipQuality | None = field(default=None, kw_only=True)
    attitude_cut: float | None = field(default=None, kw_only=True)
    behaviour_cut: float | None = field(default=None, kw_only=True)
    commitment: Commitment | None = field(default=None, kw_only=True)
    target: float | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        names = [item.name for item in (self.whole, *self.parts)]
        if not self.parts or len(set(names)) < len(names):
            raise ValueError("parts: expected at least one question, each with a name of its own")
        if shared_scale((self.whole, *self.parts)) is None:
            raise ValueError("parts: expected questions on the scale of the whole")
        if (self.recommend.scale.low, self.recommend.scale.high) != (0, 10) or self.recommend.reverse:
            raise ValueError("recommend: expected a question from 0 to 10, which a net promoter score is read from")
        if self.target is not None and not self.whole.scale.low <= self.target <= self.whole.scale.high:
            raise ValueError("target: expected a number on the scale of the parts")
        cuts = (self.attitude_cut, self.behaviour_cut)
        if self.quality is not None and None in cuts:
            raise ValueError("attitude_cut, behaviour_cut: a quality needs both, and they are yours to state")
        if self.quality is None and cuts != (None, None):
            raise ValueError("attitude_cut, behaviour_cut: they cut a quality in two, and none was given")
