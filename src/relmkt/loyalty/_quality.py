"""How good is the relationship? Trust, commitment, satisfaction, attachment and bond as one score, each told beside it.

Crosby, Evans & Cowles (1990), Relationship Quality in Services Selling, Journal of Marketing 54(3), 68-81; De Wulf,
Odekerken-Schröder & Iacobucci (2001), Investments in Consumer Relationships, the same journal 65(4), 33-50; Palmatier
et al. (2006), Factors Influencing the Effectiveness of Relationship Marketing, 70(4), 136-153. Reliability of the
whole: Mosier (1943). Whether its parts are several things: Fornell & Larcker (1981); Henseler et al. (2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import combinations
from typing import Any, Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._dimensions import TWO, Reliabilities, construct_of, in_percent, percent, whole_line
from relmkt.loyalty._joining import How, column, joined_mean, one_scale
from relmkt.loyalty._measures import Scorable, surveyed
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.rules import Measure
from relmkt.scales import Construct, Item, Scale, given
from relmkt.scales._moments import correlations, moments
from relmkt.scales._omega import loadings
from relmkt.scales._pomp import from_pomp, pomp
from relmkt.scales._reliability import Reliability
from relmkt.scales._validity import average_variance_extracted, fornell_larcker, htmt, second_order_reliability

__all__ = ["Distinct", "RelationshipQuality"]

Floats = NDArray[np.float64]
HUNDRED = Scale(0, 100)


class Concept(Scorable, Protocol):
    """A construct, or a concept of this chapter with one score a respondent."""

    def reliability(self, answers: Any) -> Reliability | Reliabilities: ...


def _weights(told: Mapping[str, float] | None) -> tuple[tuple[str, float], ...] | None:
    return None if told is None else tuple((name, float(weight)) for name, weight in told.items())


@frozen(kw_only=True)
class RelationshipQuality:
    """The quality of a relationship: the mean of two or more of the five concepts.

    trust, commitment, satisfaction, attachment, bond: a construct or a concept each, as many as were asked. A whole
    `Commitment` has no one score: give one of its labels, such as `commitment.affective`. weights: one a construct by
    name, alike unless given. how: "arithmetic"; "geometric" or "harmonic" where a weak construct shall not be made up
    for by a strong one.

    Scores are on the scale of the items where all share one, else from 0 to 100 (`scale` says which); they need two
    constructs, else NaN. Geometric and harmonic means are of the percents of the maximum possible.

    Raises ValueError for fewer than two constructs, weights of other names, negative or all 0; TypeError for a whole
    commitment, and for what is no construct (of a `SatisfactionIndex` give the items, as `Satisfaction`).

    >>> seven = Scale(1, 7)
    >>> trust, care = Construct("trust", seven.items("t1", "t2")), Construct("care", seven.items("a1"))
    >>> quality = RelationshipQuality(trust=trust, attachment=care, weights={"trust": 3, "attachment": 1})
    >>> survey = {"t1": [6, 2], "t2": [6, 4], "a1": [2, None]}
    >>> quality.scores(survey).tolist()
    [5.0, nan]
    >>> print(quality.measure >= 5)
    relationship quality >= 5

    Source: Crosby, Evans & Cowles 1990; De Wulf et al. 2001; Palmatier et al. 2006.
    """

    trust: Concept | None = None
    commitment: Concept | None = None
    satisfaction: Concept | None = None
    attachment: Concept | None = None
    bond: Concept | None = None
    weights: Mapping[str, float] | None = field(default=None, converter=_weights)
    how: How = "arithmetic"

    def __attrs_post_init__(self) -> None:
        if isinstance(self.commitment, Commitment):
            raise TypeError("commitment: three labels have no one score; give one of them, such as .affective")
        for name, construct in self.constructs.items():  # what is scored on a scale of its own, unsaid, is no part
            if not hasattr(construct, "reliability"):
                raise TypeError(f"{name}: expected a construct or a concept; of an index, Satisfaction(index.items)")
        if len(self.constructs) < TWO:
            raise ValueError(f"relationship quality: expected two constructs or more, got {len(self.constructs)}")
        if self.weights is not None and set(dict(self.weights)) != set(self.constructs):
            raise ValueError(f"weights: expected one for each of {', '.join(self.constructs)}")
        joined_mean([np.ones(1)] * len(self.constructs), self._weights, how=self.how)  # refuses what is no mean

    @property
    def constructs(self) -> dict[str, Concept]:
        """The constructs given, by name."""
        names = ("trust", "commitment", "satisfaction", "attachment", "bond")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    @property
    def _weights(self) -> list[float]:
        told = dict.fromkeys(self.constructs, 1.0) if self.weights is None else dict(self.weights)
        return [told[name] for name in self.constructs]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, construct by construct, each once."""
        found = [item for construct in self.constructs.values() for item in construct.items]
        return tuple({item.name: item for item in found}.values())

    @property
    def scale(self) -> Scale:
        """What the scores run over: the scale that all items share, or from 0 to 100."""
        ends = {(scale.low, scale.high) for scale in map(self._own, self.constructs)}
        return Scale(*ends.pop()) if len(ends) == 1 else HUNDRED

    def _parts(self, answers: Any) -> dict[str, Floats]:
        """The score of each respondent on each construct, over `scale`."""
        found = {name: construct.scores(answers) for name, construct in self.constructs.items()}
        if self.scale is not HUNDRED:
            return found
        return {name: pomp(scores, self._own(name)) for name, scores in found.items()}

    def _own(self, name: str) -> Scale:
        """The scale of a construct's scores: its own where it tells it, else that of its items."""
        told = getattr(self.constructs[name], "scale", None)
        return told if isinstance(told, Scale) else one_scale(name, self.constructs[name].items)

    def by_construct(self, answers: Any) -> dict[str, Floats]:
        """One score a respondent from 0 to 100 on each construct, by its name: shape (respondents,) each."""
        return {name: pomp(scores, self.scale) for name, scores in self._parts(answers).items()}

    def scores(self, answers: Any) -> Floats:
        """One score a respondent, over `scale`; NaN with fewer than two constructs.

        answers: columns an item, or a `FactTable` of answers (then in the order of its `ids`): see `scales.given`.
        """
        parts = list(self._parts(answers).values())
        if self.how == "arithmetic":  # the same in percents and on the scale: here without their rounding
            return joined_mean(parts, self._weights, least=TWO)
        percents = [np.maximum(pomp(scores, self.scale), 0.0) for scores in parts]
        return from_pomp(joined_mean(percents, self._weights, how=self.how, least=TWO), self.scale)

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean scores of the base on each construct, and of the whole under "quality", with Student's t intervals.

        Over `scale`: where the constructs are on several, every line is from 0 to 100, and a note says so.
        """
        notes = () if self.scale is not HUNDRED else ("from 0 to 100: the constructs are answered on several scales",)
        return column(self._lines(answers, level), notes)

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The same from 0 to 100: percent of the maximum possible."""
        return in_percent(self._lines(answers, level), self.scale)

    def _lines(self, answers: Any, level: float) -> dict[str, Estimate]:
        rows = {
            name: whole_line(name, scores, self.constructs[name].items, answers, level, "nobody has a score")
            for name, scores in self._parts(answers).items()
        }
        note = "nobody has a score on two constructs"
        return {**rows, "quality": whole_line("quality", self.scores(answers), self.items, answers, level, note)}

    def sourced(self, answers: Any, *, level: float = 0.95, **proxies: Sourced) -> dict[str, Sourced]:
        """The mean score of the base on each concept, from 0 to 1, with what it comes from: those asked, a survey.

        proxies: by name, a figure for each concept that was not asked. They stay beside, and are never in the whole.
        Raises ValueError for a proxy that claims to be asked, or for a concept that was.
        """
        if any(set(told.sources) & {Source.SURVEY} for told in proxies.values()) or set(proxies) & {*self.constructs}:
            raise ValueError("proxies: expected figures that were not asked, of concepts that were not")
        rows = self._lines(answers, level).items()
        return {**{name: Sourced(percent(row, self.scale, top=1), Source.SURVEY) for name, row in rows}, **proxies}

    def reliability(self, answers: Any) -> Estimate:
        """The reliability of the whole from those of its constructs (Mosier 1943), of a weighted sum.

        Of the respondents with every construct: 1 − Σ w²σ²(1 − ρ) / Var(Σ w x), where ρ is each construct's alpha. NaN,
        and why, where one of these is unknown, for fewer than three respondents, or where the whole does not vary.
        """
        kept = {name: w for name, w in zip(self.constructs, self._weights, strict=True) if w > 0}
        rows = np.column_stack([scores for name, scores in self._parts(answers).items() if name in kept])
        seen = moments(rows, missing="listwise")
        alphas = {name: _alpha(self.constructs[name], answers) for name in kept}
        told: dict[str, Any] = {"method": "Mosier", "n": seen.n}
        dark = [name for name, alpha in alphas.items() if np.isnan(alpha)]
        if dark or seen.n < 3:
            why = (
                f"the reliability of {', '.join(dark)} is unknown" if dark else "fewer than three have every construct"
            )
            return Estimate(np.nan, notes=why, **told)
        deviations = np.sqrt(np.diag(seen.covariances))
        between = np.clip(correlations(seen.covariances), -1, 1) if deviations.all() else np.eye(len(kept))
        value = second_order_reliability(
            list(alphas.values()), between, weights=list(kept.values()), deviations=deviations
        )
        other = () if self.how == "arithmetic" else f"of the weighted sum: the scores are its {self.how} mean"
        return Estimate(value, notes="the whole does not vary" if np.isnan(value) else other, **told)

    def distinct(self, answers: Any) -> Distinct:
        """Whether the constructs are several things: variance extracted against correlations, and HTMT, by pair."""
        asked = given(answers, self.items)  # one row a respondent, whichever construct they answered
        answers = {item.name: asked.values[:, place] for place, item in enumerate(self.items)}
        parts = self._parts(answers)
        roots = {name: np.sqrt(_extracted(self._as_one(name), answers)) for name in parts}
        pairs = list(combinations(parts, 2))
        between = [_correlation(parts[one], parts[other]) for one, other in pairs]
        ratios = [_ratio(self._as_one(one), self._as_one(other), answers) for one, other in pairs]
        return Distinct(pairs, between, ratios, roots)

    def _as_one(self, name: str) -> Construct:
        return construct_of(name, self.constructs[name].items)

    @property
    def measure(self) -> Measure:
        """The score of one customer, from the newest answer to each item: the number that `scores` gives everyone."""
        return surveyed("relationship quality", self)

    @property
    def share(self) -> Measure:
        """The same from 0 to 1, as `RelationshipStrength` takes it."""
        return ((self.measure - self.scale.low) / (self.scale.high - self.scale.low)).named("quality from 0 to 1")


def _alpha(construct: Concept, answers: Any) -> float:
    """Alpha of the items as one: a concept with dimensions tells it last."""
    found = construct.reliability(answers)
    return float((list(found.rows.values())[-1] if isinstance(found, Reliabilities) else found).alpha.value)


def _extracted(construct: Construct, answers: Any) -> float:
    """The variance that one factor extracts from three items or more; NaN where it cannot be told."""
    found = moments(construct.scored(answers)[0], missing="pairwise").covariances
    if len(construct.items) < 3 or np.isnan(found).any() or not np.diag(found).all():
        return float("nan")
    return average_variance_extracted(np.clip(loadings(correlations(found)), -1, 1))


def _correlation(one: Floats, other: Floats) -> float:
    seen = moments(np.column_stack([one, other]), missing="listwise")
    return float(correlations(seen.covariances)[0, 1])


def _ratio(one: Construct, other: Construct, answers: Any) -> float:
    shared = {item.name for item in one.items} & {item.name for item in other.items}
    enough = min(len(one.items), len(other.items)) > 1 and not shared
    return htmt(answers, one, other).value if enough else float("nan")


@frozen(eq=False, repr=False)
class Distinct:
    """Are the constructs several things? A row a pair.

    pairs: names of two constructs. correlations: of their scores. htmt: heterotrait-monotrait ratios, near 1 where the
    two are one thing; NaN for a construct of one item. roots: √ of each construct's average variance extracted, by
    name; NaN for fewer than three items.

    >>> told = Distinct([("trust", "bond")], [0.65], [0.7], {"trust": 0.7047, "bond": 0.8})
    >>> told.passed
    [True]
    >>> print(told)
    trust, bond: r 0.65 below 0.70 and 0.80: distinct; HTMT 0.70

    Source: Fornell & Larcker 1981; Henseler, Ringle & Sarstedt 2015.
    """

    pairs: list[tuple[str, str]]
    correlations: list[float]
    htmt: list[float]
    roots: dict[str, float]

    @property
    def passed(self) -> list[bool]:
        """Of each pair, whether both roots are above the correlation; an unknown one is not."""
        rows = zip(self.pairs, self.correlations, strict=True)
        return [all(bool(fornell_larcker(self.roots[name] ** 2, r)) for name in pair) for pair, r in rows]

    def __str__(self) -> str:
        rows = zip(self.pairs, self.correlations, self.htmt, self.passed, strict=True)
        return "\n".join(self._line(*row) for row in rows)

    def _line(self, pair: tuple[str, str], r: float, ratio: float, passed: bool) -> str:
        roots = [self.roots[name] for name in pair]
        told = f"{_figure(roots[0])} and {_figure(roots[1])}"
        words = f"below {told}: distinct" if passed else f"against {told}: not shown to be distinct"
        return f"{pair[0]}, {pair[1]}: r {_figure(r)} {words}; HTMT {_figure(ratio)}"

    def __repr__(self) -> str:
        return f"<Distinct: {sum(self.passed)} of {len(self.pairs)} pairs>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def _figure(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.2f}"
