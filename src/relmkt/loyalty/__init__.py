"""How close is the tie? Trust, commitment, attachment, bond; quality, strength; true, latent and spurious loyalty."""

from relmkt.loyalty._attachment import Attachment
from relmkt.loyalty._attitude import Attitude, ScoreChange, score_change, stability
from relmkt.loyalty._bond import SocialBond, reciprocity
from relmkt.loyalty._calibration import LinearCalibration, LogisticCalibration
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._course import Course, CourseStep, abouts, course
from relmkt.loyalty._dimensions import Reliabilities
from relmkt.loyalty._evidence import Evidence, blend, blend_weight, evidence, survey_scores
from relmkt.loyalty._goodwill import Goodwill, goodwill
from relmkt.loyalty._grid import LoyaltyGrid, loyalty_grid
from relmkt.loyalty._groups import score_by
from relmkt.loyalty._influence import Influence, influence
from relmkt.loyalty._joining import joined_mean
from relmkt.loyalty._measures import score_about
from relmkt.loyalty._orientation import CustomerOrientation, customer_orientation
from relmkt.loyalty._panel import LoyaltyPanel, PanelRow, loyalty_panel
from relmkt.loyalty._quality import Distinct, RelationshipQuality
from relmkt.loyalty._resonance import Amplification, amplification, promoter_share, resonance, resonance_of
from relmkt.loyalty._satisfaction import Satisfaction
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.loyalty._spurious import share_of_requirements, spurious_share
from relmkt.loyalty._strength import Percentile, RelationshipStrength, Strength, longevity, mean_measure, strength
from relmkt.loyalty._trust import Trust
from relmkt.loyalty._type import LoyaltyTable, LoyaltyType, loyalty_segments, loyalty_table, loyalty_type

__all__ = [
    "Amplification",
    "Attachment",
    "Attitude",
    "Commitment",
    "Course",
    "CourseStep",
    "CustomerOrientation",
    "Distinct",
    "Evidence",
    "Goodwill",
    "Influence",
    "LinearCalibration",
    "LogisticCalibration",
    "LoyaltyGrid",
    "LoyaltyPanel",
    "LoyaltyTable",
    "LoyaltyType",
    "PanelRow",
    "Percentile",
    "RelationshipQuality",
    "RelationshipStrength",
    "Reliabilities",
    "Satisfaction",
    "ScoreChange",
    "SocialBond",
    "Source",
    "Sourced",
    "Strength",
    "Trust",
    "abouts",
    "amplification",
    "blend",
    "blend_weight",
    "course",
    "customer_orientation",
    "evidence",
    "goodwill",
    "influence",
    "joined_mean",
    "longevity",
    "loyalty_grid",
    "loyalty_panel",
    "loyalty_segments",
    "loyalty_table",
    "loyalty_type",
    "mean_measure",
    "promoter_share",
    "reciprocity",
    "resonance",
    "resonance_of",
    "score_about",
    "score_by",
    "score_change",
    "share_of_requirements",
    "spurious_share",
    "stability",
    "strength",
    "survey_scores",
]
