"""How did it feel? Questionnaires, and the scores read from their answers: NPS, CSAT, CES."""

from relmkt.satisfaction._csat import csat
from relmkt.satisfaction._effort import EASE_QUESTION, EFFORT_QUESTION, ces
from relmkt.satisfaction._nps import NPS_QUESTION, nps
from relmkt.satisfaction._questionnaire import HOTEL_STAY, Questionnaire, Surveyed, SurveyMapping

__all__ = [
    "EASE_QUESTION",
    "EFFORT_QUESTION",
    "HOTEL_STAY",
    "NPS_QUESTION",
    "Questionnaire",
    "SurveyMapping",
    "Surveyed",
    "ces",
    "csat",
    "nps",
]
