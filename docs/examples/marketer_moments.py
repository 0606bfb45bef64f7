"""Program 6: a marketer's segments and moments, with a follow-up elsewhere, and thirty days simulated before any of it.

The moments are triggers: after a purchase, no reply, a birthday, a lapse, a word now and then, a call to the best.
"""

from pendulum import datetime

from relmkt import (
    Complaint,
    ConsentGiven,
    Contact,
    Money,
    Policy,
    Profile,
    Program,
    Purchase,
    Return,
    Segment,
    Trigger,
    count,
    days,
    hours,
    since,
    total,
)
from relmkt.contact import Reply
from relmkt.decisions import Task, birthday, lapse, no_reply
from relmkt.stores import SQLite

spent = total(Purchase, "amount", currency="EUR", within=days(365)).named("spent in a year")
regular = Segment("regular", (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90)))
best = Segment("best", regular & (spent >= 500))

asked = Contact("mail", "Thank you, {name|dear customer}\nHow do you like it?", purpose="care")
bought = Trigger("after purchase", Purchase, asked, wait=hours(2), unless=(Return, Complaint))
again = no_reply(bought, Contact("sms", "{name|Hello}, is all well with your order?", purpose="care"), within=days(7))
call = Trigger("thank the best", best, Task("call to say thank you", role="owner"), once="ever")
greet = birthday(Contact("mail", "Happy birthday, {name}!", purpose="care", kind="greeting"))
back = lapse(Contact("mail", "We miss you, {name|dear customer}", purpose="news"), after=days(120))
quiet = regular & (since(Reply) > days(90))
word = Trigger("a word", quiet, Contact("mail", "How are things?", purpose="care", kind="informative"), once=days(90))
shop = Program(SQLite("shop.db"), Policy(bought, again, call, greet, back, word))

# --- what the shop knows of Ada ------------------------------------------------------------------------------------
january = datetime(2026, 1, 4)
told = {"name": "Ada", "mail": "ada@example.org", "phone": "+33611223344", "birthday": "1980-03-20"}
shop.load(
    [
        Profile("ada", january, told, source="web form"),
        ConsentGiven("ada", january, "care", "mail", wording="Yes, ask me", source="web form", actor="ada"),
        Purchase("ada", january, Money("49.90", "EUR"), id="order-1"),
        Purchase("ada", january.add(weeks=3), Money("49.90", "EUR"), id="order-2"),
    ]
)

order = Purchase("ada", datetime(2026, 3, 1, 10), Money("49.90", "EUR"), id="try-1")
trace = shop.simulate("ada", days(30), suppose=[order])
print(trace)
# 2026-03-01 10:00  Purchase try-1 (supposed)
# 2026-03-01 10:00  after purchase: mail, due 2026-03-01T12:00:00+00:00
# 2026-03-01 12:00  mail  after purchase  sent
# 2026-03-01 12:00  refused: no basis for care by sms (G01)
# 2026-03-20 00:00  birthday: mail, due 2026-03-20T00:00:00+00:00
# 2026-03-20 00:00  mail  birthday  sent
assert [planned.trigger for planned in trace.planned] == ["after purchase", "birthday"]
assert [refusal.rule for refusal in trace.refused] == ["no basis for care by sms (G01)"]
assert len(shop.history("ada")) == 4  # nothing was written

# --- what the simulation said is what happens ------------------------------------------------------------------------
outcome = shop.record(order)
print(outcome)
assert outcome.planned == trace.planned[:1]
print(shop.explain("ada", best, at=order.at))
# false    best: 149.70 of the 500 euros
assert not shop.customer("ada", at=order.at).ask(best)
assert shop.customer("ada", at=order.at).ask(spent) == 149.7
shop.store.close()
