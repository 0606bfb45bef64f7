"""Goodwill: a change against a holdout, beside clicks; a true effect of zero is not shown."""

import numpy as np
import pytest
from scipy import stats

from relmkt.loyalty._goodwill import goodwill
from relmkt.loyalty._orientation import customer_orientation
from relmkt.scales import Item, Scale

NAN = float("nan")
NAMES = ("likeability", "credibility")


def newsletter(seed: int, effect: float, n: int = 400):
    """A simulated newsletter: scores before and after, who was informed by lot, and who clicked."""
    rng = np.random.default_rng(seed)
    informed = rng.random(n) < 0.5
    before = {name: rng.normal(4, 1, n) for name in NAMES}
    after = {name: told + rng.normal(0, 0.8, n) + effect * informed for name, told in before.items()}
    return before, after, informed, informed & (rng.random(n) < 0.3)


def test_a_true_effect_is_shown_beside_the_clicks():
    before, after, informed, clicked = newsletter(1, 0.6)
    told = goodwill(before, after, informed, clicked=clicked)
    assert told.shown == {"likeability": True, "credibility": True}
    assert told.effect.value == pytest.approx(0.6, abs=0.25)
    assert told.clicks.value == clicked.sum() / informed.sum()
    assert str(told).splitlines()[-1].startswith("clicks")
    assert "rose" in told._repr_html_()
    assert repr(told) == "<Goodwill: likeability rose, credibility rose>"
    fallen = goodwill(after, before, informed)
    assert fallen.verdict("credibility") == "fell"


def test_a_true_effect_of_zero_is_not_shown():
    found = [goodwill(*newsletter(seed, 0.0)[:3]) for seed in range(200)]
    false = sum(any(told.shown.values()) for told in found)
    assert false <= 200 * 0.05 + 3 * np.sqrt(200 * 0.05 * 0.95), f"{false} of 200 seeds"
    told = goodwill(*newsletter(2, 0.0)[:3], clicked=newsletter(2, 0.0)[3])
    assert told.verdict("likeability") == "not shown"
    assert told.clicks.value > 0.2  # clicks say nothing of it


def test_the_interval_is_welchs():
    before, after, informed, _ = newsletter(5, 0.2)
    one = {"likeability": before["likeability"]}, {"likeability": after["likeability"]}
    told = goodwill(*one, informed).effect["likeability"]
    change = one[1]["likeability"] - one[0]["likeability"]
    test = stats.ttest_ind(change[informed], change[~informed], equal_var=False)
    half = stats.t.ppf(0.975, int(test.df)) * told.se
    assert told.value / told.se == pytest.approx(test.statistic)
    assert (told.low, told.high) == pytest.approx((told.value - half, told.value + half), rel=1e-9)
    both = goodwill(before, after, informed).effect
    assert both["likeability"].high - both["likeability"].low > told.high - told.low  # the two hold together
    assert both.method == "Welch t, Bonferroni"


def test_who_lacks_a_score_is_missing_and_one_alone_has_no_interval():
    told = goodwill({"a": [1, 2, None, 4]}, {"a": [2, NAN, 3, 4]}, [True, True, False, False])
    assert (told.effect["a"].n, told.effect["a"].missing, told.effect["a"].value) == (2, 2, 1.0)
    assert told.verdict("a") == "unknown"
    none = goodwill({"a": [1, 2]}, {"a": [2, None]}, [True, False])
    assert np.isnan(none.effect["a"].value)
    assert none.holdout.notes == ("nobody was asked both times",)
    constant = goodwill({"a": [1] * 4}, {"a": [2, 2, 1, 1]}, [1, 1, 0, 0])
    assert constant.verdict("a") == "rose"


@pytest.mark.parametrize(
    "args, named",
    [
        (({"a": [1]}, {"b": [1]}, [1]), "after"),
        (({}, {}, [1]), "after"),
        (({"a": [1, 2]}, {"a": [1, 2]}, [1]), "a: expected"),
        (({"a": [1]}, {"a": [1]}, [NAN]), "informed"),
    ],
)
def test_what_does_not_fit_is_refused(args, named):
    with pytest.raises(ValueError, match=named):
        goodwill(*args)
    with pytest.raises(ValueError, match="clicked"):
        goodwill({"a": [1]}, {"a": [1]}, [1], clicked=[1, 0])


def test_customer_orientation_has_its_direction():
    nine = Scale(1, 9)
    against = Item("honest", nine, reverse=True)
    staff = customer_orientation(nine.items("needs", "help"), [*nine.items("push"), against], answered=0.75)
    answers = {"needs": [9, 1, 9], "help": [9, 1, 9], "push": [1, 9, None], "honest": [9, 1, None]}
    assert staff.whole.scores(answers)[:2].tolist() == [9.0, 1.0]
    assert np.isnan(staff.whole.scores(answers)[2])  # half of the items answered, three quarters needed
    assert staff.selling.scores(answers)[:2].tolist() == [1.0, 9.0]
    assert staff.customer.scores(answers).tolist() == [9.0, 1.0, 9.0]
    assert staff.score(answers).value == 5.0
    teams = staff.by_team(answers, ["Lyon", "Nice", "Nice"])
    assert (teams["Lyon"].value, teams["Nice"].value, teams["Nice"].missing) == (9.0, 1.0, 1)
    assert customer_orientation(nine.items("needs"), answered=1).selling is None
    with pytest.raises(ValueError, match="teams"):
        staff.by_team(answers, ["Lyon"])
