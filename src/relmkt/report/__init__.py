"""How is it shown? Pictures, and a report on a customer base in the terminal and as one self-contained page."""

from relmkt.report._charts import bars_chart, cohort_chart, ladder_chart, lorenz_chart, months_chart, segment_chart
from relmkt.report._check import Point
from relmkt.report._page import page
from relmkt.report._report import Report
from relmkt.report._section import Reasons, Section, Table

__all__ = [
    "Point",
    "Reasons",
    "Report",
    "Section",
    "Table",
    "bars_chart",
    "cohort_chart",
    "ladder_chart",
    "lorenz_chart",
    "months_chart",
    "page",
    "segment_chart",
]
