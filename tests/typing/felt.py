"""Satisfaction and loyalty as an analyst uses them: every answer's type is known."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

from relmkt import Estimate, Portfolio, Rule, Segment
from relmkt.facts import Answer
from relmkt.loyalty import (
    Attachment,
    Commitment,
    LoyaltyType,
    RelationshipQuality,
    Trust,
    loyalty_segments,
    loyalty_type,
    resonance,
    spurious_share,
)
from relmkt.rules import Measure
from relmkt.satisfaction import HOTEL_STAY, NPS_QUESTION, Kano, csat, disconfirmation, kano, nps
from relmkt.scales import Construct, Reliability, Scale

SEVEN = Scale(1, 7)


def surveyor(base: Portfolio) -> Estimate:
    answers = base.facts(Answer)
    assert_type(nps(answers, by="about"), Estimate)
    assert_type(csat([5, 4, 2], item=Scale(1, 5).items("stay")[0]), Estimate)
    assert_type(kano([1, 2], [5, 4]), Kano)
    assert_type(disconfirmation([6, 8], [7, 7]).mean, Estimate)
    assert_type(Construct("care", SEVEN.items("c1", "c2", "c3")).reliability(answers), Reliability)
    assert HOTEL_STAY.items
    assert NPS_QUESTION.name
    return nps([10, 9, 3])


def analyst(answers: object, repeats: NDArray[np.float64]) -> tuple[Segment, ...]:
    trust = Trust(credibility=SEVEN.items("t1", "t2"), integrity=SEVEN.items("t3", "t4"))
    commitment = Commitment(affective=SEVEN.items("c1", "c2"))
    quality = RelationshipQuality(trust=trust, commitment=commitment.affective, attachment=Attachment(SEVEN.items("a")))
    attitude = quality.scores(answers)
    assert_type(attitude, NDArray[np.float64])
    assert_type(loyalty_type(attitude, repeats, attitude_cut=5.0, behaviour_cut=3), NDArray[np.str_])
    assert_type(spurious_share(attitude, repeats, attitude_cut=5.0, behaviour_cut=3), Estimate)
    assert_type(resonance([True, True], [True, False], within="a year"), Estimate)
    assert_type(trust.measure, Measure)
    assert_type(trust.measure >= 5, Rule)
    assert LoyaltyType.TRUE.value
    return loyalty_segments(quality.measure, trust.measure, attitude_cut=5, behaviour_cut=3)
