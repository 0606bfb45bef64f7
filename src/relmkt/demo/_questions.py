"""What does the demonstration's shop ask? A short form of six questions, and for a panel fifteen more on the tie.

The wordings are ours: published scales are their authors'. The structure of trust is that of Gurviez & Korchia (2002),
of commitment that of Allen & Meyer (1990), of attachment that of Lacœuilhe (2000).
"""

from relmkt.loyalty import Attachment, Commitment, RelationshipQuality, Trust
from relmkt.report import Questions
from relmkt.satisfaction import NPS_QUESTION, Questionnaire
from relmkt.scales import Item, Scale

__all__ = ["ATTACHMENT", "COMMITMENT", "PARTS", "QUALITY", "QUESTIONNAIRE", "QUESTIONS", "SHORT", "TRUST", "WHOLE"]

_TEN = Scale(1, 10, labels={1: "not satisfied at all", 10: "very satisfied"})
_SEVEN = Scale(1, 7, labels={1: "not at all", 7: "entirely"})


def _agreed(name: str, wording: str, *, reverse: bool = False) -> Item:
    return Item(name, _SEVEN, wording=wording, reverse=reverse)


WHOLE = Item("shop.whole", _TEN, wording="All in all, how satisfied are you with the shop?")
"""Satisfaction with everything together, from 1 to 10."""

PARTS = (
    Item("shop.choice", _TEN, wording="How satisfied are you with the choice of music?"),
    Item("shop.price", _TEN, wording="How satisfied are you with the prices?"),
    Item("shop.delivery", _TEN, wording="How satisfied are you with how your order reached you?"),
    Item("shop.service", _TEN, wording="How satisfied are you with how your questions were answered?"),
)
"""Satisfaction with four parts of the offer, from 1 to 10."""

TRUST = Trust(
    credibility=(
        _agreed("trust.able", "This shop is able to deliver what it lists."),
        _agreed("trust.knows", "This shop knows the music that it sells."),
    ),
    integrity=(
        _agreed("trust.word", "This shop does what it has said."),
        _agreed("trust.price", "The price that I am shown is the price that I pay."),
    ),
    benevolence=(
        _agreed("trust.minds", "It matters to this shop whether I am content."),
        _agreed("trust.own", "This shop looks to nothing but its own interest.", reverse=True),
    ),
)
"""Trust in the shop: two items a dimension, the last one reversed."""

COMMITMENT = Commitment(
    affective=(
        _agreed("commitment.fond", "I buy here because I am fond of this shop."),
        _agreed("commitment.mine", "I think of it as my shop."),
    ),
    calculative=(
        _agreed("commitment.effort", "To find another shop would cost me too much effort."),
        _agreed("commitment.choice", "I see no other shop that has as much to choose from."),
    ),
    normative=(
        _agreed("commitment.owed", "It would not be right to leave after what they did for me."),
        _agreed("commitment.fair", "One should stay with a shop that treats one well."),
    ),
)
"""Commitment to the shop under its three labels, two items each."""

ATTACHMENT = Attachment(
    (
        _agreed("attachment.miss", "I would miss this shop if it closed."),
        _agreed("attachment.joy", "It is a joy to me to look through its music."),
        _agreed("attachment.self", "Something of this shop is like me."),
    )
)
"""Attachment to the shop, of one dimension."""

QUALITY = RelationshipQuality(trust=TRUST, commitment=COMMITMENT.affective, attachment=ATTACHMENT)
"""How good the relationship is, from 1 to 7: trust, affective commitment and attachment, alike."""

SHORT = Questionnaire("shop", NPS_QUESTION, WHOLE, *PARTS)
"""Six questions: whether they would recommend, the whole and its four parts."""

QUESTIONNAIRE = Questionnaire("shop and tie", *SHORT.items, *TRUST.items, *COMMITMENT.items, *ATTACHMENT.items)
"""The same six, and fifteen on the tie."""

QUESTIONS = Questions(WHOLE, PARTS, quality=QUALITY, attitude_cut=5, behaviour_cut=3, commitment=COMMITMENT, target=8)
"""What the report asks. The demonstration calls an attitude of 5 of 7 high, 3 purchases within a year many, 8 of 10
good."""
