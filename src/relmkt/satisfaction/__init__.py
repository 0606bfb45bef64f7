"""How did it feel? Surveys and their process; NPS, CSAT, CES, index; disconfirmation, service gaps, Kano, drivers."""

from relmkt.satisfaction._alert import Incidents, RecoveryAlert, RecoveryOpened
from relmkt.satisfaction._csat import csat
from relmkt.satisfaction._disconfirmation import (
    Disconfirmation,
    ExpectationTiming,
    Felt,
    answered_disconfirmation,
    disconfirmation,
    oliver_model,
)
from relmkt.satisfaction._drivers import Drivers, drivers
from relmkt.satisfaction._effort import EASE_QUESTION, EFFORT_QUESTION, ces, ces_net, ces_share
from relmkt.satisfaction._expectation_items import ExpectationItems
from relmkt.satisfaction._expectations import ExpectationRow, ExpectationTable, ValueKind, expectation_table
from relmkt.satisfaction._experience import experience
from relmkt.satisfaction._importance import QUADRANTS, ImportanceMap, importance_map, importance_performance
from relmkt.satisfaction._index import SatisfactionIndex
from relmkt.satisfaction._kano import KANO_TABLE, POULIOT_TABLE, Fong, Kano, KanoTable, kano, kano_map, kano_points
from relmkt.satisfaction._mean_score import mean_of, mean_score
from relmkt.satisfaction._nps import NPS_QUESTION, nps, nps_sample_size
from relmkt.satisfaction._nps_difference import NPSDifference, nps_change, nps_difference
from relmkt.satisfaction._origins import ExpectationSource, origin_shares
from relmkt.satisfaction._oversatisfaction import CostAndYield, oversatisfaction, point_yield, satisfaction_by_margin
from relmkt.satisfaction._promise import PromiseChange, PromiseLine, ValueProposition, adjust_promise
from relmkt.satisfaction._questionnaire import HOTEL_STAY, Questionnaire, Surveyed, SurveyMapping
from relmkt.satisfaction._recovery import Case, ComplaintProcess, RecoveryStep, Step, overdue_steps, steps_in_time
from relmkt.satisfaction._recovery_effect import Rescored, recovery_effect, recovery_paradox, rescored
from relmkt.satisfaction._regression import Regression
from relmkt.satisfaction._repairs import Repair, repairs
from relmkt.satisfaction._requests import SINCE_SURVEY, Survey, SurveyRequested, rested, survey_token, token_digest
from relmkt.satisfaction._response import (
    Dispositions,
    Rate,
    dispositions,
    nonresponse_bias,
    response_rate,
    wave_contrast,
)
from relmkt.satisfaction._sample_size import share_sample_size
from relmkt.satisfaction._service_gaps import service_gaps
from relmkt.satisfaction._service_score import ServiceScore, service_gap
from relmkt.satisfaction._servqual import SERVQUAL_LAYOUT, Servqual, service_items, servperf, servqual, servqual_by
from relmkt.satisfaction._surveys import ItemReply, Second, SurveyRequest, Surveys, reminders_due, standing_answers
from relmkt.satisfaction._value_for_cost import GlobalCost, ValueForCost, value_for_cost
from relmkt.satisfaction._weighting import Raked, design_effect, effective_size, poststratified, poststratify, rake

__all__ = [
    "Case",
    "ComplaintProcess",
    "CostAndYield",
    "Disconfirmation",
    "Dispositions",
    "Drivers",
    "EASE_QUESTION",
    "EFFORT_QUESTION",
    "ExpectationItems",
    "ExpectationRow",
    "ExpectationSource",
    "ExpectationTable",
    "ExpectationTiming",
    "Felt",
    "Fong",
    "GlobalCost",
    "HOTEL_STAY",
    "ImportanceMap",
    "Incidents",
    "ItemReply",
    "KANO_TABLE",
    "Kano",
    "KanoTable",
    "NPSDifference",
    "NPS_QUESTION",
    "POULIOT_TABLE",
    "PromiseChange",
    "PromiseLine",
    "QUADRANTS",
    "Questionnaire",
    "Raked",
    "Rate",
    "RecoveryAlert",
    "RecoveryOpened",
    "RecoveryStep",
    "Regression",
    "Repair",
    "Rescored",
    "SERVQUAL_LAYOUT",
    "SINCE_SURVEY",
    "SatisfactionIndex",
    "Second",
    "ServiceScore",
    "Servqual",
    "Step",
    "Survey",
    "SurveyMapping",
    "SurveyRequest",
    "SurveyRequested",
    "Surveyed",
    "Surveys",
    "ValueForCost",
    "ValueKind",
    "ValueProposition",
    "adjust_promise",
    "answered_disconfirmation",
    "ces",
    "ces_net",
    "ces_share",
    "csat",
    "design_effect",
    "disconfirmation",
    "dispositions",
    "drivers",
    "effective_size",
    "expectation_table",
    "experience",
    "importance_map",
    "importance_performance",
    "kano",
    "kano_map",
    "kano_points",
    "mean_of",
    "mean_score",
    "nonresponse_bias",
    "nps",
    "nps_change",
    "nps_difference",
    "nps_sample_size",
    "oliver_model",
    "origin_shares",
    "overdue_steps",
    "oversatisfaction",
    "point_yield",
    "poststratified",
    "poststratify",
    "rake",
    "recovery_effect",
    "recovery_paradox",
    "reminders_due",
    "repairs",
    "rescored",
    "response_rate",
    "rested",
    "satisfaction_by_margin",
    "service_gap",
    "service_gaps",
    "service_items",
    "servperf",
    "servqual",
    "servqual_by",
    "share_sample_size",
    "standing_answers",
    "steps_in_time",
    "survey_token",
    "token_digest",
    "value_for_cost",
    "wave_contrast",
]
