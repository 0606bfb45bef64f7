"""Does the simulated group hold what its documentation says can be found in it?"""

import numpy as np
import pytest

from relmkt.datasets import HotelGroup, hotel


@pytest.fixture(scope="module")
def group() -> HotelGroup:
    return hotel(1)


def sound(group: HotelGroup, name: str) -> dict[str, np.ndarray]:
    """The rows of a table without broken dates, repeats and answers out of scale, with the true person."""
    good = ~np.isin(group.truth.defect[name], ["duplicate", "broken date", "out of scale"])
    table = group.tables[name] | {"person": group.truth.person[name]}
    return {column: values[good] for column, values in table.items()}


def nps(scores: np.ndarray) -> float:
    told = scores[scores != ""].astype(int)
    return float(100 * ((told >= 9).mean() - (told <= 6).mean()))


def test_there_are_prospects_occasional_and_regular_guests(group: HotelGroup) -> None:
    stays = np.unique(sound(group, "crs")["person"], return_counts=True)[1]
    assert 500 < group.guests - len(stays) < 1_500  # never stayed
    assert (stays == 1).mean() > 0.2
    assert (stays >= 5).mean() > 0.08


def test_nice_lives_in_summer_and_lyon_rests_in_august(group: HotelGroup) -> None:
    crs = sound(group, "crs")
    month = np.array([text[5:7] for text in crs["arrival"]])
    share = {name: month[crs["hotel"] == name] for name in ("Nice", "Lyon")}
    assert np.isin(share["Nice"], ["07", "08"]).mean() > 1.5 * np.isin(share["Nice"], ["03", "04"]).mean()
    assert (share["Lyon"] == "08").mean() < 0.7 * (share["Lyon"] == "09").mean()


def test_houses_differ_and_the_renovation_shows(group: HotelGroup) -> None:
    survey = sound(group, "survey")
    by = {name: nps(survey["recommend"][survey["hotel"] == name]) for name in ("Paris", "Lyon", "Nice")}
    assert by["Lyon"] > by["Paris"] + 15
    nice, late = survey["hotel"] == "Nice", survey["date"] >= "2024-06-08"
    assert nps(survey["recommend"][nice & late]) > nps(survey["recommend"][nice & ~late]) + 8
    assert all(-50 < value < 80 for value in by.values())


def test_a_bad_stay_sends_guests_away(group: HotelGroup) -> None:
    survey, crs = sound(group, "survey"), sound(group, "crs")
    last: dict[str, str] = {}
    for person, arrival in zip(crs["person"].tolist(), crs["arrival"].tolist(), strict=True):
        last[person] = max(last.get(person, ""), arrival)
    early = survey["date"] < "2024-07-01"
    back = np.array([last.get(who, "") > day for who, day in zip(survey["person"], survey["date"], strict=True)])
    score = survey["hotel.stay"].astype(int)
    assert back[early & (score >= 8)].mean() > back[early & (score <= 5)].mean() + 0.1


def test_offers_bring_people_back_and_their_holdouts_were_left_alone(group: HotelGroup) -> None:
    crs, sent, held = sound(group, "crs"), sound(group, "messages"), sound(group, "holdouts")
    arrival, rates = np.array([text[:10] for text in crs["arrival"]], dtype="datetime64[D]"), []
    for campaign in np.unique(held["campaign"]):
        out = held["person"][held["campaign"] == campaign]
        into = sent["person"][sent["campaign"] == campaign]
        assert not np.isin(out, into).any()
        start = np.datetime64(held["at"][held["campaign"] == campaign][0][:10])
        came = crs["person"][(arrival > start) & (arrival < start + 26)]
        rates.append((np.isin(came, into).sum(), len(into), np.isin(came, out).sum(), len(out)))
    total = np.array(rates).sum(axis=0)
    assert total[3] / (total[1] + total[3]) == pytest.approx(0.2, abs=0.03)
    assert total[0] / total[1] > 1.1 * total[2] / total[3]


def test_nothing_but_service_is_sent_without_a_consent_that_stands(group: HotelGroup) -> None:
    consents, sent = group.tables["consents"], sound(group, "messages")
    day = np.where(group.truth.defect["consents"] == "broken date", "", consents["at"])  # "" is before everything
    stands: dict[str, list[str]] = {}
    for who, at, state in zip(group.truth.person["consents"], day, consents["state"], strict=True):
        span = stands.setdefault(who, ["9", "9"])
        span[state == "withdrawn"] = at or ("9" if state == "withdrawn" else "")
    for who, at, kind in zip(sent["person"], sent["sent"], sent["kind"], strict=True):
        if kind != "service":
            assert stands[who][0] <= at < stands[who][1]


def test_members_use_their_card_only_once_they_have_it(group: HotelGroup) -> None:
    till, cards = sound(group, "till"), sound(group, "loyalty")
    begun = dict(zip(cards["card"].tolist(), cards["joined"].tolist(), strict=True))
    shown = [(card, day) for card, day in zip(till["card"], till["closed"], strict=True) if card in begun]
    assert all(begun[card] <= day[:10] for card, day in shown)
    assert 0.25 < (till["card"] != "").mean() < 0.6
    own = dict(zip(group.truth.people["card"].tolist(), group.truth.people["person"].tolist(), strict=True))
    assert all(own[c] == who for c, who in zip(till["card"], till["person"], strict=True) if c)


def test_the_room_is_billed_once_in_each_system(group: HotelGroup) -> None:
    till, pms = sound(group, "till"), sound(group, "pms")
    room = group.tables["till"]["department"] == "room"
    kept = group.tables["till"]["total"][room & (group.truth.defect["till"] != "duplicate")]
    assert sorted(kept.tolist()) == sorted(pms["total"].tolist())
    assert (till["total"].astype(float) > 0).all()


def test_friends_appear_after_they_were_told(group: HotelGroup) -> None:
    told, people = sound(group, "referrals"), group.truth.people
    who = dict(zip(people["email"].tolist(), people["person"].tolist(), strict=True))
    crs = sound(group, "crs")
    first: dict[str, str] = {}
    for person, arrival in zip(crs["person"].tolist(), crs["arrival"].tolist(), strict=True):
        first.setdefault(person, arrival)
    came = [(who[friend], at) for friend, at in zip(told["friend"], told["at"], strict=True) if friend in who]
    assert len(came) > 300
    assert all(at < first.get(friend, "9") for friend, at in came)
    assert len({friend for friend, _ in came}) == len(came)
    assert all(first[sender] < at for sender, at in zip(told["person"], told["at"], strict=True) if sender in first)


def test_each_portfolio_was_handed_over_on_one_day(group: HotelGroup) -> None:
    owners, staff = group.tables["owners"], group.tables["staff"]
    role = dict(zip(staff["staff"].tolist(), staff["role"].tolist(), strict=True))
    assert {role[one] for one in owners["staff"].tolist()} == {"guest relations"}
    assert set(owners["until"].tolist()) == {"", "2024-09-30"}
    open_ = group.truth.person["owners"][owners["until"] == ""]
    assert len(np.unique(open_)) == len(open_)


def test_margins_are_rates_of_every_department(group: HotelGroup) -> None:
    margins = group.tables["margins"]
    assert group.rows("margins") == 3 * 5 * 3
    assert all(0.1 < rate < 0.8 for rate in margins["rate"].astype(float))
    assert set(margins["department"]) == set(group.tables["till"]["department"])


def test_mentions_come_from_guests_and_from_strangers(group: HotelGroup) -> None:
    known = group.truth.person["mentions"] != ""
    assert 0.5 < known.mean() < 0.95
    assert set(group.tables["mentions"]["stars"]) == {"1", "2", "3", "4", "5"}
