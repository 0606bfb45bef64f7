"""How does a customer base stand? A report: sections of words, tables and pictures, in a terminal or as one page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from relmkt.program import Program
from relmkt.report._check import Point, check_section, points
from relmkt.report._contacts import contacts_section, delivered_section, refused_section
from relmkt.report._ground import Ground, day_text
from relmkt.report._heard import Heard
from relmkt.report._loyalty import loyalty_section, ties_section
from relmkt.report._models import (
    calibration_section,
    matrix_section,
    models_section,
    quiet_section,
    tracking_section,
)
from relmkt.report._money import effort_section, kept_section, sources_section, tenure_section
from relmkt.report._page import page
from relmkt.report._people import (
    base_section,
    concentration_section,
    ladder_section,
    phase_section,
    return_section,
    rfm_section,
)
from relmkt.report._questions import Questions
from relmkt.report._satisfaction import recommend_section, satisfaction_section
from relmkt.report._scorecard import claims_section, scorecard_section
from relmkt.report._section import Section
from relmkt.report._value import best_section, ranking_section, worth_section
from relmkt.satisfaction import NPS_QUESTION
from relmkt.windows import At, Instant, instant

__all__ = ["Report"]


def _texts(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(notes)


@frozen
class Report:
    """What a store says about its customers at one instant: the same figures as text and as a page.

    at: the instant. title: of the page. sections: in order. points: the installation check. notes: what everybody has
    to know first. `str(report)` is the text; `write` makes the page and needs the extra `report`.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Purchase
    >>> from relmkt.money import Money
    >>> from relmkt.stores import Memory
    >>> shop = Program(Memory(), clock=lambda: datetime(2026, 7, 1))
    >>> told = shop.load(*[Purchase(who, datetime(2026, 3, 1), Money("20", "EUR")) for who in ("ada", "bob")])
    >>> print(str(Report.of(shop, at=datetime(2026, 7, 1)).section("base")).splitlines()[2])
    2 customers made 2 purchases between 1 March 2026 and 1 March 2026.
    """

    at: Instant
    title: str
    sections: tuple[Section, ...] = field(repr=False)
    points: tuple[Point, ...] = field(repr=False)
    notes: tuple[str, ...] = field(default=(), converter=_texts, repr=False)

    @classmethod
    def of(
        cls,
        program: Program,
        *,
        at: At,
        questions: Questions | None = None,
        margin: float | None = None,
        refused: Mapping[str, int] | None = None,
        title: str = "Customers and relationships",
        notes: Sequence[str] = (),
    ) -> Report:
        """The report on a program's store, which must give columns.

        questions: which questions of a survey say what. Without them only answers to `NPS_QUESTION` are told, where
        there are any. margin: the share of revenue that stays, such as 0.3; without it every amount is revenue.
        refused: how often the gate refused under which rule, as reviews and dispatches told it.
        """
        moment = instant(at, "at")
        ground = Ground.of(program, moment, margin)
        return cls(moment, title, tuple(_sections(ground, refused, questions)), points(ground), notes)

    def section(self, key: str) -> Section:
        """One section by its key. Raises KeyError."""
        found = {section.key: section for section in self.sections}
        return found[key]

    def page(self) -> str:
        """The report as one self-contained HTML page. Raises ImportError without the extra `report`."""
        return page(self.title, f"As of {day_text(self.at)}.", self.sections, self.notes)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """The page as a file, whole or not at all. Raises ImportError without the extra `report`."""
        text, place = self.page(), Path(path)
        part = place.with_name(f"{place.name}.part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, place)
        return place

    def __str__(self) -> str:
        head = f"{self.title}\n{'=' * len(self.title)}\nAs of {day_text(self.at)}."
        return "\n\n".join([head, *(f"! {note}" for note in self.notes), *map(str, self.sections)])


def _felt(ground: Ground, questions: Questions | None) -> list[Section]:
    """What was answered, as far as there are answers, or questions that nobody has answered."""
    heard = Heard.of(ground.base)
    found = []
    if questions is not None or heard.answered([NPS_QUESTION]):
        found.append(recommend_section(ground, heard, questions))
    if questions is not None:
        found.append(satisfaction_section(heard, questions))
        if questions.quality is not None:
            found.append(loyalty_section(ground, heard, questions))
        if questions.quality is not None or questions.commitment is not None:
            found.append(ties_section(heard, questions))
    return found


def _sections(ground: Ground, refused: Mapping[str, int] | None, questions: Questions | None) -> Sequence[Section]:
    bought = (
        [
            rfm_section(ground),
            ladder_section(ground),
            phase_section(ground),
            concentration_section(ground),
            return_section(ground),
            kept_section(ground),
            sources_section(ground),
            tenure_section(ground),
            models_section(ground),
            tracking_section(ground),
            calibration_section(ground),
            matrix_section(ground),
            quiet_section(ground),
            worth_section(ground),
            best_section(ground),
            ranking_section(ground),
        ]
        if ground.buyers
        else []
    )
    return [
        base_section(ground),
        *bought,
        *_felt(ground, questions),
        contacts_section(ground),
        refused_section(ground, refused),
        delivered_section(ground),
        *([effort_section(ground)] if ground.buyers else []),
        scorecard_section(ground),
        *([claims_section(ground)] if ground.buyers else []),
        check_section(ground),
    ]
