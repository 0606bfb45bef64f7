"""The demonstration on the first 2,000 customers: what it takes in, decides and sends, and does not do twice."""

import io
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import numpy as np
import pytest

from relmkt.__main__ import main
from relmkt.contact import Delivery, Planned, Started
from relmkt.datasets import cdnow
from relmkt.demo import NOW, Demonstration, policy, run, simulated
from relmkt.demo._run import _checked, first
from relmkt.exceptions import SchemaError
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Profile, Purchase
from relmkt.stores import SQLite
from relmkt.windows import instant
from tests.demo.shop import CUSTOMERS, left

pytestmark = pytest.mark.xdist_group("demo")


def test_takes_in_every_purchase(done: Demonstration, folder: Path):
    base = first(cdnow(), CUSTOMERS)
    with SQLite(folder / "shop.db") as store:
        table = store.columns("Purchase")
        assert (len(table), len(table.ids)) == (len(base), CUSTOMERS)
        assert int(table["number"].sum()) == int(base.cents.sum())
    assert done.load.refused == done.load.repeated == 0


def test_nobody_is_acted_on_before_the_end_of_the_load(folder: Path):
    with SQLite(folder / "shop.db") as store:
        end = int(store.columns("Purchase")["at"].max())
        decided = store.columns("Planned", "TaskOpened", "Started", "Delivery")
        assert len(decided)
        assert int(decided["at"].min()) >= end
        assert int(decided["at"].max()) <= instant(NOW)


def test_messages_go_to_those_who_agreed_by_day(folder: Path):
    files = [message_from_bytes(path.read_bytes()) for path in (folder / "mail" / "new").iterdir()]
    with SQLite(folder / "shop.db") as store:
        told = {fact.id: fact for _, fact in store.columns("Planned").facts(Planned)}
        agreed = {(fact.subject, fact.purpose) for _, fact in store.columns("ConsentGiven").facts(ConsentGiven)}
        gone = {fact.subject for _, fact in store.columns("ConsentWithdrawn").facts(ConsentWithdrawn)}
        started = [fact for _, fact in store.columns("Started").facts(Started)]
        zones = {f.subject: f.told["zone"] for _, f in store.columns("Profile").facts(Profile)}
        delivered = {fact.ref for _, fact in store.columns("Delivery").facts(Delivery)}
    assert len(files) == len(started) > 0
    assert {m["To"] for m in files} == {f"customer-{fact.subject}@example.org" for fact in started}
    for fact in started:
        assert (fact.subject, fact.contact.purpose) in agreed
        assert fact.subject not in gone  # the withdrawals all lie before the review
        assert 8 <= fact.at.local(zones[fact.subject]).hour < 21
        assert fact.ref in told
        assert fact.ref in delivered


def test_every_trigger_has_a_name_of_its_own():
    names = [part.name for part in policy().parts]
    assert len(names) == len(set(names)) >= 6


def test_a_second_run_changes_nothing_and_says_so(
    done: Demonstration, folder: Path, capsys: pytest.CaptureFixture[str]
):
    before = left(folder)
    out = io.StringIO()
    again = run(folder, customers=CUSTOMERS, out=out)
    assert left(folder) == before
    assert not again.changed
    assert again.load.accepted == again.acted.judged == again.acted.sent == 0
    assert str(again.report) == str(done.report)  # refusals too, though none of them is stored
    assert "deciding again" in out.getvalue()
    assert done.changed


def test_simulated_facts_say_so_and_are_the_same_each_time():
    facts = simulated(cdnow(), np.random.default_rng(5))
    assert facts == simulated(cdnow(), np.random.default_rng(5))
    assert {fact.source for fact in facts} == {"simulated"}
    share = len({fact.subject for fact in facts}) / 23570
    assert share == pytest.approx(0.6, abs=0.02)
    assert not any(isinstance(fact, Purchase) for fact in facts)


def test_a_store_of_other_purchases_is_refused(folder: Path):
    with SQLite(folder / "shop.db") as store, pytest.raises(SchemaError, match="expected 6,5"):
        _checked(store, first(cdnow(), CUSTOMERS - 1), CUSTOMERS - 1)


def test_more_customers_come_to_a_store_of_fewer(tmp_path: Path):
    run(tmp_path, customers=20)
    assert run(tmp_path, customers=40).load.repeated >= 20


class TestCommands:
    def test_demo_and_its_page(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        assert main(["demo", "--dir", str(tmp_path / "here"), "--customers", "300"]) == 0
        assert "nothing was sent twice" not in capsys.readouterr().out
        page = (tmp_path / "here" / "report.html").read_bytes()
        assert main(["demo", "--dir", str(tmp_path / "here"), "--customers", "300"]) == 0
        assert "nothing was sent twice" in capsys.readouterr().out
        assert (tmp_path / "here" / "report.html").read_bytes() == page

    def test_report(self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        out = tmp_path / "page.html"
        assert main(["report", str(folder / "shop.db"), "--out", str(out), "--at", "1998-01-31"]) == 0
        assert "As of 31 January 1998." in capsys.readouterr().out
        assert out.stat().st_size > 10_000

    def test_check(self, folder: Path, capsys: pytest.CaptureFixture[str]):
        assert main(["check", str(folder / "shop.db")]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line[:3] for line in lines] == ["[x]", "[x]", "[ ]", "[x]", "[x]", "[x]"]

    def test_check_of_an_empty_store_ticks_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        SQLite(tmp_path / "empty.db").close()
        assert main(["check", str(tmp_path / "empty.db")]) == 0
        assert "[x]" not in capsys.readouterr().out

    @pytest.mark.parametrize("text", ["", "this is no store"])
    def test_errors_are_one_line(self, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        bad = tmp_path / "bad.db"
        if text:
            bad.write_text(text)
        assert main(["check", str(bad)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("relmkt: ")
        assert error.count("\n") == 1

    @pytest.mark.parametrize("wrong", [[], ["demo", "--customers", "none"], ["report", "x.db", "--at", "soon"]])
    def test_wrong_calls_end_with_2(self, wrong: list[str]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2

    def test_as_a_module(self):
        told = subprocess.run([sys.executable, "-m", "relmkt", "--help"], capture_output=True, text=True, check=True)
        assert all(word in told.stdout for word in ("demo", "report", "check"))

    def test_without_the_extra_the_figures_are_told_all_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        assert main(["demo", "--dir", str(tmp_path), "--customers", "100"]) == 0
        out = capsys.readouterr().out
        assert "How large is the base?" in out
        assert "pip install relmkt[report]" in out
        assert not (tmp_path / "report.html").exists()
