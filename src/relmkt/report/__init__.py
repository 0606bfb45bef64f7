"""How is it shown? Pictures, and a report on a customer base in the terminal and as one self-contained page."""

from relmkt.report._charts import bars_chart, cohort_chart, ladder_chart, lorenz_chart, months_chart, segment_chart
from relmkt.report._check import Point
from relmkt.report._curves import alive_chart, retention_chart, tenure_chart, tracking_chart
from relmkt.report._felt_charts import importance_chart, nps_chart
from relmkt.report._grids import calibration_chart, effort_chart, matrix_chart
from relmkt.report._page import page
from relmkt.report._questions import Questions
from relmkt.report._report import Report
from relmkt.report._section import Reasons, Section, Table
from relmkt.report._tie_charts import concepts_chart, loyalty_chart

__all__ = [
    "Point",
    "Questions",
    "Reasons",
    "Report",
    "Section",
    "Table",
    "alive_chart",
    "bars_chart",
    "calibration_chart",
    "cohort_chart",
    "concepts_chart",
    "effort_chart",
    "importance_chart",
    "ladder_chart",
    "lorenz_chart",
    "loyalty_chart",
    "matrix_chart",
    "months_chart",
    "nps_chart",
    "page",
    "retention_chart",
    "segment_chart",
    "tenure_chart",
    "tracking_chart",
]
