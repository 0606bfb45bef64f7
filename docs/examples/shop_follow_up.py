"""Program 1: a shop takes orders on its site, thanks by mail, and asks again when no answer comes.

Flask takes the orders and what comes back. The mail server is a real one on this machine that stands in for the shop's
own. An SMS needs a provider, so the second question goes by mail too.
"""

import re
import socket

from aiosmtpd.controller import Controller
from flask import Flask, request
from pendulum import now

from relmkt import ConsentGiven, Contact, Gate, Money, Policy, Profile, Program, Purchase, days, hours
from relmkt.channels import SMTP
from relmkt.contact import Cap, ConsentRegister, Planned, QuietHours
from relmkt.decisions import after_purchase, no_reply
from relmkt.stores import SQLite


# --- the mail server that stands in for the shop's own ---------------------------------------------------------------
class Inbox:
    """Keeps the mails that it is handed."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content.decode())
        return "250 taken"


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
inbox = Inbox()
server = Controller(inbox, hostname="127.0.0.1", port=PORT)

# --- the program -----------------------------------------------------------------------------------------------------
thank = Contact("mail", "Thank you, {name|dear customer}\nOrder {fact.id} is on its way.", kind="service")
thanks = after_purchase(thank, wait=hours(2))
nudge = no_reply(thanks, Contact("mail", "{name|Hello}, did all arrive well?", purpose="care"), within=days(7))
mail = SMTP("127.0.0.1", sender="Shop <hello@shop.example>", port=PORT, tls="none")
gate = Gate(Cap(2, days(7)), QuietHours("21:00", "08:00", zone="Europe/Paris"))
policy = Policy(thanks, nudge)
shop = Program(SQLite("shop.db"), policy, {"mail": mail}, gate=gate, site="https://shop.example/r")
app = Flask(__name__)


@app.post("/orders")
def ordered() -> list[str]:
    order = request.get_json()
    outcome = shop.record(
        Profile(order["customer"], now(), {"name": order["name"], "mail": order["mail"]}, source="checkout"),
        Purchase(order["customer"], now(), Money(order["total"], "EUR"), id=order["number"]),
    )
    return [str(line) for line in (*outcome.planned, *outcome.refused)]


@app.post("/r/<channel>")
def came_back(channel: str) -> str:  # replies, bounces, one-click unsubscribes: facts like any other
    return str(shop.receive(channel, request.get_data(), dict(request.headers)))


def every_minute(at=None) -> None:
    print(shop.review(at))
    print(shop.dispatch(at))


# --- a day at the shop, and the week after ---------------------------------------------------------------------------
if __name__ == "__main__":
    server.start()
    site = app.test_client()
    for name in ("Ada", "Bob"):
        order = {"customer": name.lower(), "name": name, "mail": f"{name.lower()}@example.org"}
        (line,) = site.post("/orders", json=order | {"total": "49.90", "number": f"order-{name}"}).get_json()
        print(line)  # after purchase: mail, due 2026-03-01T12:00:00+00:00
        assert line.startswith("after purchase: mail, due ")
    yes = {"wording": "Yes, ask me whether all went well", "source": "checkout", "actor": "bob"}
    shop.record(ConsentGiven("bob", now(), "care", "mail", **yes))

    due = max(planned.due for who in ("ada", "bob") for planned in shop.history(who, Planned))
    every_minute(due)  # 2 sent, 0 refused, 0 to retry, 0 unknown
    every_minute(due)  # nothing is sent twice
    assert ["Order order-Ada is" in inbox.mails[0], "Order order-Bob is" in inbox.mails[1]] == [True, True]

    week = due + days(8)
    every_minute(week)  # Bob is asked; Ada is not: 1 refused (no basis for care by mail (G01))
    assert [("Bob, did all arrive well?" in mail) for mail in inbox.mails] == [False, False, True]

    link = re.search(r"List-Unsubscribe: <https://shop.example(/r/mail\.[^>]+)>", inbox.mails[2])[1]
    print(site.post(link, data="List-Unsubscribe=One-Click").text)  # 1 fact recorded
    assert not shop.customer("bob")[ConsentRegister()].allows("care", "mail", now())
    server.stop()
    shop.store.close()
