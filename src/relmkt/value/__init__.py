"""What is a customer worth? Purchase models, lifetime value, scores, retention, referral, wallet, costs."""

from relmkt.value._customers._budget import BudgetByPhase, BudgetMove, PhaseBudget
from relmkt.value._customers._cohort_table import Activity, Cohorts
from relmkt.value._customers._cohorts import cohorts, contract_cohorts
from relmkt.value._customers._concentration import concentration, gini, lorenz, top_share
from relmkt.value._customers._costs import CostRatio, cost_ratio, spending
from relmkt.value._customers._effort import EffortByValue, effort_by_value
from relmkt.value._customers._matrix import Quadrant, ValueMatrix, value_matrix, value_totals
from relmkt.value._customers._mutual import MutualProfit, margin_by_satisfaction
from relmkt.value._customers._ranking import Ranking, Rewards, ranking
from relmkt.value._customers._referral import Joined, Referral, crv, crv_by_kind, referrals
from relmkt.value._customers._repeat import PurchaseGaps, purchase_gaps, repeat_rate
from relmkt.value._customers._rfm import RFM
from relmkt.value._customers._rivals import Potential, RivalUse, Wallets
from relmkt.value._customers._scoring import RFMScores, Ties, group_scores, rfm_clusters, rfm_scores
from relmkt.value._customers._sources import RevenueSources, revenue_sources
from relmkt.value._customers._tenure import TenureProfit, profit_by_tenure
from relmkt.value._customers._wallet import (
    category_requirements,
    share_of_wallet,
    wallet_allocation,
    wallet_score,
    wallet_shares,
)
from relmkt.value._formulas._acquisition import AcquisitionRetention, ResponseCurve, SpendBalance
from relmkt.value._formulas._berger_nasr import ProfitGrowth, RecencyChain, growing_clv, promoted_clv
from relmkt.value._formulas._clv import (
    Timing,
    break_even_retention,
    clv,
    discount_over,
    expected_lifetime,
    margin_multiple,
    retention_over,
)
from relmkt.value._formulas._equity import (
    brand_values,
    choice_path,
    choice_shares,
    customer_equity,
    equity_return,
    stationary_shares,
)
from relmkt.value._formulas._lift import Lift, LiftInterval, lift, romi
from relmkt.value._formulas._present_value import PresentValues, cohort_value, net_present_value, period_values
from relmkt.value._formulas._prospect import (
    WhaleCurve,
    acquisition_cost,
    break_even_acquisition_rate,
    clv_to_cac,
    cost_to_serve,
    customer_profit,
    payback,
    prospect_value,
    whale_curve,
)
from relmkt.value._formulas._retention import (
    churn,
    gross_revenue_retention,
    half_life,
    net_revenue_retention,
    retention,
    retention_from_loss,
    revenue_retention,
)
from relmkt.value._formulas._retention_value import (
    ClaimHolds,
    RetentionLift,
    claim_holds,
    retention_elasticity,
    retention_lift,
    retention_value_curve,
)
from relmkt.value._formulas._trial import TrialForm, sample_size, trial_power
from relmkt.value._models._betabinomial import BetaBinomial
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._effects import Effect
from relmkt.value._models._evaluation import (
    Calibration,
    Comparison,
    ForecastErrors,
    by_frequency,
    calibration,
    compare,
    forecast_errors,
)
from relmkt.value._models._gammagamma import GammaGamma
from relmkt.value._models._histories import AliveHistory, FrequencyRecency, alive_history, frequency_recency
from relmkt.value._models._lifetime import lifetime_value
from relmkt.value._models._measures import PurchaseHistory, expected_purchases, expected_value, likely_alive
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._models._paretoggg import ParetoGGG
from relmkt.value._models._regular import BetaGeoK
from relmkt.value._models._regularity import regularity
from relmkt.value._models._renewals import Renewals
from relmkt.value._models._shifted import ShiftedBetaGeo
from relmkt.value._models._simulated import Simulated
from relmkt.value._models._tracking import FrequencyFit, Tracking, frequency_fit, tracking
from relmkt.value._summaries._holdout import Holdout
from relmkt.value._summaries._periods import Unit
from relmkt.value._summaries._summary import PurchaseSummary

__all__ = [
    "AcquisitionRetention",
    "Activity",
    "AliveHistory",
    "BetaBinomial",
    "BetaGeo",
    "BetaGeoK",
    "BudgetByPhase",
    "BudgetMove",
    "Calibration",
    "ClaimHolds",
    "Cohorts",
    "Comparison",
    "CostRatio",
    "Effect",
    "EffortByValue",
    "ForecastErrors",
    "FrequencyFit",
    "FrequencyRecency",
    "GammaGamma",
    "Holdout",
    "Joined",
    "Lift",
    "LiftInterval",
    "ModifiedBetaGeo",
    "MutualProfit",
    "ParetoGGG",
    "ParetoNBD",
    "PhaseBudget",
    "Potential",
    "PresentValues",
    "ProfitGrowth",
    "PurchaseGaps",
    "PurchaseHistory",
    "PurchaseSummary",
    "Quadrant",
    "RFM",
    "RFMScores",
    "Ranking",
    "RecencyChain",
    "Referral",
    "Renewals",
    "ResponseCurve",
    "RetentionLift",
    "RevenueSources",
    "Rewards",
    "RivalUse",
    "ShiftedBetaGeo",
    "Simulated",
    "SpendBalance",
    "TenureProfit",
    "Ties",
    "Timing",
    "Tracking",
    "TrialForm",
    "Unit",
    "ValueMatrix",
    "Wallets",
    "WhaleCurve",
    "acquisition_cost",
    "alive_history",
    "brand_values",
    "break_even_acquisition_rate",
    "break_even_retention",
    "by_frequency",
    "calibration",
    "category_requirements",
    "choice_path",
    "choice_shares",
    "churn",
    "claim_holds",
    "clv",
    "clv_to_cac",
    "cohort_value",
    "cohorts",
    "compare",
    "concentration",
    "contract_cohorts",
    "cost_ratio",
    "cost_to_serve",
    "crv",
    "crv_by_kind",
    "customer_equity",
    "customer_profit",
    "discount_over",
    "effort_by_value",
    "equity_return",
    "expected_lifetime",
    "expected_purchases",
    "expected_value",
    "forecast_errors",
    "frequency_fit",
    "frequency_recency",
    "gini",
    "gross_revenue_retention",
    "group_scores",
    "growing_clv",
    "half_life",
    "lifetime_value",
    "lift",
    "likely_alive",
    "lorenz",
    "margin_by_satisfaction",
    "margin_multiple",
    "net_present_value",
    "net_revenue_retention",
    "payback",
    "period_values",
    "profit_by_tenure",
    "promoted_clv",
    "prospect_value",
    "purchase_gaps",
    "ranking",
    "referrals",
    "regularity",
    "repeat_rate",
    "retention",
    "retention_elasticity",
    "retention_from_loss",
    "retention_lift",
    "retention_over",
    "retention_value_curve",
    "revenue_retention",
    "revenue_sources",
    "rfm_clusters",
    "rfm_scores",
    "romi",
    "sample_size",
    "share_of_wallet",
    "spending",
    "stationary_shares",
    "top_share",
    "tracking",
    "trial_power",
    "value_matrix",
    "value_totals",
    "wallet_allocation",
    "wallet_score",
    "wallet_shares",
    "whale_curve",
]
