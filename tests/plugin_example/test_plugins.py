"""The outsider's path: three lines a plug-in (rules K02, C25)."""

import ast
from pathlib import Path

import pytest
from pendulum import datetime

from relmkt.contact import Contact
from relmkt.decisions import Policy, after_purchase
from relmkt.facts import Profile, Purchase
from relmkt.money import Money
from relmkt.program import Program
from relmkt.testing import FixedClock, Rig, check_channel, store_checks
from relmkt.windows import hours
from tests.plugin_example.crm_plugins import Notepad, OneFile


@pytest.mark.parametrize("check", store_checks(lambda place: OneFile(place / "shop.json")), ids=str)
def test_store(check):
    check()


def test_channel(tmp_path):
    pad = Notepad(tmp_path / "pad.txt")
    check_channel(lambda: Rig(pad, arrived=pad.pages))


def test_together(tmp_path):
    clock, pad = FixedClock(datetime(2026, 6, 1, 12)), Notepad(tmp_path / "pad.txt")
    thank = Contact("call", "Thank you, {name}\nAll well?", kind="service")
    shop = Program(OneFile(tmp_path / "shop.json"), Policy(after_purchase(thank)), {"call": pad}, clock=clock)
    shop.record(
        Profile("ada", clock(), {"name": "Ada", "phone": "+33100000000"}, source="form"),
        Purchase("ada", clock(), Money("49.90", "EUR"), id="order-1"),
    )
    clock.move(hours(3))
    shop.dispatch()
    shop.dispatch()
    assert len(pad.pages()) == 1


def test_only_public_names_are_used():
    for path in Path(__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("relmkt"):
                names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                assert not any(name.startswith("_") for name in names), path.name
