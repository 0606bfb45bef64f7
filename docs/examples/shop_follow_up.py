"""Program 1: a shop records orders behind a web form, thanks by mail, and follows up when no answer comes.

Flask takes the orders and what comes back; the mail goes to a real server, here one on this machine that stands in for
the shop's own. The follow-up by SMS waits for a channel that sends SMS: here it is a second mail.
"""

from aiosmtpd.controller import Controller
from flask import Flask, request
from pendulum import now
from relmkt import Contact, Gate, Money, Policy, Profile, Program, Purchase, days, hours
from relmkt.channels import SMTP
from relmkt.contact import Cap, QuietHours
from relmkt.decisions import after_purchase, no_reply
from relmkt.stores import SQLite


# --- the shop's mail server: a stand-in ------------------------------------------------------------------------------
class Inbox:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content.decode())
        return "250 taken"


inbox = Inbox()
server = Controller(inbox, hostname="127.0.0.1", port=0)
server.factory, serve = server.factory, server.start
