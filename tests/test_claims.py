"""The courses' figures stand in the docs, complete and testable, and nowhere in the code (feature F43).

Two halves: `docs/claims.md` is read as the table it is, and every default of the package is looked at.
"""

import importlib
import inspect
import math
import pkgutil
import re
import types
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import attrs
import pytest

import relmkt

PAGE = Path(__file__).parent.parent / "docs" / "claims.md"
COLUMNS = ("id", "claim", "quotation", "seed", "source", "caveat", "call")
COURSES = {"000", "001", "002", "003", "004"}

# What the courses say: 80 %, 5 to 10, six, 5 %, 100 %, 50 %, five years, 70 %. Shares are looked for as a
# fraction and as a number of hundredths. 1.0 is left out: as a number it is the neutral weight, not +100 %.
FIGURES = (0.8, 80, 0.7, 70, 0.5, 50, 0.05, 5, 6, 10, 100)
FIVE_YEARS = {days * 86_400_000_000 for days in (5 * 365, 5 * 365 + 1, 5 * 365 + 2)}

# Numbers that equal a figure and are something else. Each says what; an entry that nothing uses fails.
ALLOWED = {
    "relmkt.demo._consents._PHONE": "simulated, and labelled so: which of the invented profiles state a phone",
    "relmkt.loyalty._attachment.Attachment.answered": "the share of items that a score needs, as for any construct",
    "relmkt.loyalty._satisfaction.Satisfaction.answered": "the share of items that a score needs, as for any construct",
    "relmkt.loyalty._dimensions.percent(top)": "the top of a scale of hundred",
    "relmkt.program._sending.Sender.batch": "how many messages are claimed at once",
    "relmkt.program._sending._RELOADS": "how often a row is tried again where somebody wrote first",
    "relmkt.report._contacts.SHOWN": "how many rows a table prints",
    "relmkt.report._felt_charts._TENS": "where the points of a score are marked on an axis",
    "relmkt.report._satisfaction._BEHIND": "how many names a table prints",
    "relmkt.report._tie_charts._STEPS": "the most steps of a scale that an axis marks each of",
    "relmkt.report._value.SHOWN": "how many rows a table prints",
    "relmkt.satisfaction._drivers._INFLATED": "the variance inflation that textbooks call collinear",
    "relmkt.satisfaction._kano.Kano.suspicions(questionable)": "above this share of such answers a pair is suspect",
    "relmkt.satisfaction._paired.ENOUGH": "below so many pairs a ratio has no interval",
    "relmkt.satisfaction._servqual.servperf(answered)": "the share of items that a score needs",
    "relmkt.satisfaction._servqual.servqual(answered)": "the share of items that a score needs",
    "relmkt.satisfaction._servqual.servqual_by(answered)": "the share of items that a score needs",
    "relmkt.scales._construct.Answered.answered": "the share of items that a score needs, as the construct states it",
    "relmkt.scales._construct.Construct.answered": "the share of a construct's items that a score needs",
    "relmkt.stores._sqlite._store.SQLite.__init__(timeout)": "seconds to wait for a locked file",
    "relmkt.value._models._ggg_forecast.SHAPES": "a step of a quadrature over regularity",
    "relmkt.value._models._ggg_renewal.GAPS": "how far, in mean gaps, a renewal function is tabulated",
    "relmkt.value._models._ggg_renewal.SHAPES": "a step of a table over regularity",
    "relmkt.value._models._ggg_silence.NEWTON": "steps of an iteration that doubles its digits",
    "relmkt.value._models._ggg_silence.WIDE": "standard deviations within which a quadrature keeps its nodes",
    "relmkt.value._models._pareto_dropout.PANEL": "how wide, in logarithms, one panel of a quadrature is",
    "relmkt.value._customers._ranking.Ranking.rows(n)": "how many rows a table prints",
    "relmkt.value._models._regular.LARGEST": "the most stages of a purchase process that are computed",
    "relmkt.value._customers._rfm.RFM.fit(groups)": "quintiles: into how many groups a score divides a base",
    "relmkt.value._customers._scoring.ROUNDS": "at most so many rounds of k-means",
    "relmkt.value._customers._scoring.SHOWN": "how many rows a table prints",
}
# The hotel group is simulated and says so: its rates describe invented people, and no reader gets them unasked.
SIMULATED = "relmkt.datasets._hotel"


class Claim(NamedTuple):
    """One row of the table."""

    id: str
    claim: str
    quotation: str
    seed: str
    source: str
    caveat: str
    call: str


class Default(NamedTuple):
    """A number somebody gets without having said it."""

    where: str
    value: object


def claims() -> list[Claim]:
    """The rows of the first table of the page whose header is COLUMNS."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if cells(line) == list(COLUMNS))
    rows: list[Claim] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        assert len(cells(line)) == len(COLUMNS), f"not seven cells: {line}"
        rows.append(Claim(*cells(line)))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def resolve(dotted: str) -> object:
    """`relmkt.value.top_share` -> the attribute; AttributeError or ImportError where there is none."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_each_claim_is_complete(claim: Claim) -> None:
    assert all(claim), "an empty cell"
    assert re.fullmatch(r"[a-z][a-z-]+", claim.id)
    assert claim.seed in COURSES
    assert re.fullmatch(r"« .+ »", claim.quotation)
    assert len(claim.quotation.split()) <= 20, "a short quotation, not a paragraph"


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_each_call_can_be_imported_or_says_that_it_is_not_built(claim: Claim) -> None:
    named = re.findall(r"`(relmkt\.[\w.]+)`", claim.call)
    if not named:
        assert re.match(r"not built yet: chapter \w+|none: \w+", claim.call)
    for name in named:
        assert callable(resolve(name)), name


def test_no_claim_twice_and_every_figure_of_the_courses_is_there() -> None:
    rows = claims()
    assert len({claim.id for claim in rows}) == len(rows)
    told = " ".join(claim.quotation for claim in rows)
    for figure in ("80%", "5 à 10 fois", "six fois", "100%", "5%", "50%", "5 ans", "70%", "4V", "1850"):
        assert figure in told, figure


def test_the_arithmetic_on_the_page_is_right() -> None:
    page = PAGE.read_text(encoding="utf-8")
    value = {r: 100 * r / (1 + 0.10 - r) for r in (0.80, 0.85)}
    shown = (
        f"{0.5 ** (1 / 5):.4f}",
        *(f"| {r:.2f} | {v:.2f} |" for r, v in value.items()),
        f"{100 * (value[0.85] / value[0.80] - 1):.1f} %",
        *(f"{(1 + 0.10) / (1 + 0.10 - r):.2f} at {r:.2f}" for r in value),
    )
    for figure in shown:
        assert figure in page, figure
    # without discount, r / (1 - r) doubles from r to r + .05 where r² - .95 r + .05 = 0
    doubling = (0.95 + math.sqrt(0.95**2 - 4 * 0.05)) / 2
    assert f"retention of {doubling:.3f} rising to {doubling + 0.05:.3f}" in page


def modules(package: types.ModuleType) -> Iterator[types.ModuleType]:
    """Every module of the package that can be imported without running a program."""
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def defaults(module: types.ModuleType) -> Iterator[Default]:
    """The numbers a user of this module gets unasked: parameters, fields, constants."""
    for name, thing in vars(module).items():
        where = f"{module.__name__}.{name}"
        if isinstance(thing, int | float | Decimal | Fraction):
            yield Default(where, thing)
        elif inspect.isclass(thing) and thing.__module__ == module.__name__:
            yield from of_class(where, thing)
        elif inspect.isfunction(thing) and thing.__module__ == module.__name__:
            yield from of_function(where, thing)


def of_class(where: str, cls: type) -> Iterator[Default]:
    for name, member in vars(cls).items() if not issubclass(cls, Enum) else ():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if inspect.isfunction(function) and not function.__code__.co_filename.startswith("<attrs generated"):
            yield from of_function(f"{where}.{name}", function)
        elif isinstance(member, int | float | Decimal | Fraction):
            yield Default(f"{where}.{name}", member)
    for field in attrs.fields(cls) if attrs.has(cls) else ():
        yield Default(f"{where}.{field.name}", field.default)


def of_function(where: str, function: types.FunctionType) -> Iterator[Default]:
    for parameter in inspect.signature(function).parameters.values():
        yield Default(f"{where}({parameter.name})", parameter.default)


def is_a_course_figure(value: object) -> bool:
    """Whether a number, or the number inside Money or a span, is one that the courses state."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return False
    return value in FIGURES or value in FIVE_YEARS


def suspects() -> dict[str, object]:
    told = (default for module in modules(relmkt) for default in defaults(module))
    return {d.where: d.value for d in told if is_a_course_figure(d.value) and not d.where.startswith(SIMULATED)}


def test_no_default_equals_a_figure_of_the_courses() -> None:
    assert {where: value for where, value in suspects().items() if where not in ALLOWED} == {}


def test_the_list_of_exceptions_is_not_stale() -> None:
    assert all(ALLOWED.values()), "each exception says what the number is"
    assert set(ALLOWED) <= set(suspects()), "an exception that nothing needs any more"


@attrs.frozen
class Wishful:
    """A value that believes a course."""

    retention: float = 0.8


def test_the_guard_sees_a_figure_that_creeps_in() -> None:
    def churn(rate: float = 0.5, *, cost_ratio: int = 6, level: float = 0.95) -> None: ...

    broken = types.ModuleType(__name__)
    churn.__module__ = __name__
    vars(broken).update(churn=churn, Wishful=Wishful, HORIZON=5 * 365 * 86_400_000_000, DECAY=0.25)
    found = {d.where.removeprefix(f"{__name__}.") for d in defaults(broken) if is_a_course_figure(d.value)}
    assert found >= {"churn(rate)", "churn(cost_ratio)", "Wishful.retention", "HORIZON"}
    assert not found & {"churn(level)", "DECAY"}
