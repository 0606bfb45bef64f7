"""Program 9: one customer as of a past day, with all we know today, and with what had reached us by then."""

from pendulum import datetime

from relmkt import ConsentGiven, Money, Program, Purchase, count, days, total
from relmkt.contact import ConsentRegister
from relmkt.stages import relationship
from relmkt.stores import SQLite

# --- shop/crm.py: a shop whose clock stands where we put it ----------------------------------------------------------
now = [datetime(2026, 3, 1, 12)]
shop = Program(SQLite("shop.db"), facets=[ConsentRegister()], clock=lambda: now[0])

yes = {"wording": "Yes, send me the news", "source": "web form", "actor": "ada"}
shop.record(ConsentGiven("ada", now[0], "news", "mail", **yes))
for n, (bought, reached) in enumerate([((3, 1), (3, 1)), ((3, 8), (3, 8)), ((3, 15), (4, 2))]):
    now[0] = datetime(2026, *reached, 12)  # the till of the third sale was not read before April
    shop.record(Purchase("ada", datetime(2026, *bought), Money("49.90", "EUR"), id=f"order-{n}"))

# --- the program -----------------------------------------------------------------------------------------------------
day = datetime(2026, 3, 31, tz="Europe/Paris")
ladder = relationship(client=count(Purchase, within=days(365)) >= 3)
spent = total(Purchase, "amount", currency="EUR")

then = shop.customer("ada", at=day)  # that day, with all we know today
known = shop.customer("ada", at=day, known=day)  # that day, with what had reached us
for sight in (then, known):
    print(sight.ask(ladder), sight.ask(spent), sight[ConsentRegister()].allows("news", "mail", day))
# client 149.7 True
# customer 99.8 True
for fact in shop.history("ada", at=day):
    print(fact.at, fact, "" if fact in shop.history("ada", at=day, known=day) else "(learned later)")
print(then.explain(ladder))
# true     client since 2026-03-15T00:00:00+00:00; next: supporter, false: count(Recommendation) >= 1 is 0

learned = [fact.id for fact in shop.history("ada", at=day) if fact not in shop.history("ada", at=day, known=day)]
assert learned == ["order-2"]
assert [str(sight.ask(ladder)) for sight in (then, known)] == ["client", "customer"]
assert [sight.ask(spent) for sight in (then, known)] == [149.7, 99.8]
assert known[ConsentRegister()].allows("news", "mail", day)
assert str(then.explain(ladder)).startswith("true     client since 2026-03-15T00:00:00+00:00; next: supporter")
shop.store.close()
