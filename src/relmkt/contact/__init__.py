"""May we, how often, and with which words? Consent, pressure, quiet hours, and the message itself."""

from relmkt.contact._consent import ConsentRegister, Permission, Statement
from relmkt.contact._contact import (
    Contact,
    Delivery,
    Objection,
    Planned,
    Released,
    Reply,
    Started,
    Suppressed,
    Template,
    contact_of,
)
from relmkt.contact._message import DeliveryStatus, Message, Receipt
from relmkt.contact._pressure import Cap, ContactPressure, Counted, zone_in, zone_of
from relmkt.contact._quiet import QuietHours, Suppression, Suppressions
from relmkt.contact._render import Missing, Rendered, check_text, names_in, render

__all__ = [
    "Cap",
    "ConsentRegister",
    "Contact",
    "ContactPressure",
    "Counted",
    "Delivery",
    "DeliveryStatus",
    "Message",
    "Missing",
    "Objection",
    "Permission",
    "Planned",
    "QuietHours",
    "Receipt",
    "Released",
    "Rendered",
    "Reply",
    "Started",
    "Statement",
    "Suppressed",
    "Suppression",
    "Suppressions",
    "Template",
    "check_text",
    "contact_of",
    "names_in",
    "render",
    "zone_in",
    "zone_of",
]
