"""What a customer's complaints and survey requests print, in words."""

from pendulum import datetime

from relmkt.customers import Customer
from relmkt.facts import Answer, Complaint, ComplaintSettled
from relmkt.satisfaction import ComplaintProcess, RecoveryStep, SurveyRequested, Surveys
from relmkt.windows import days

DAY = datetime(2026, 3, 1)


def test_a_complaint_is_told_step_by_step():
    facts = [
        Complaint("ada", DAY, "cold", about="Lyon", id="c-1"),
        RecoveryStep("ada", DAY.add(hours=2), "acknowledged", ref="c-1"),
        RecoveryStep("ada", DAY.add(days=3), "answered", ref="c-1"),
        Complaint("ada", DAY.add(days=9), id="c-2"),
        ComplaintSettled("ada", DAY.add(days=9, hours=12), ref="c-2"),
    ]
    process = ComplaintProcess({"answered": days(2)})
    assert str(Customer.of("ada", facts)[process]).splitlines() == [
        "c-1 about Lyon, opened 2026-03-01T00:00:00+00:00: acknowledged after 2 h, answered after 3 days, not closed",
        "c-2, opened 2026-03-10T00:00:00+00:00: closed after 12 h",
    ]
    assert str(process) == "no complaint, and no recovery"


def test_survey_requests_say_what_became_of_them():
    asked = SurveyRequested("ada", DAY, "stay", ("hotel.stay",), within=days(14), about="Lyon", id="q-1")
    again = SurveyRequested("ada", DAY.add(days=90), "stay", ("hotel.stay",), within=days(14), id="q-2")
    told = Customer.of("ada", [asked, again, Answer("ada", DAY.add(days=2), "hotel.stay", 9, ref="q-1")])
    assert str(told[Surveys("reject")]).splitlines() == [
        "stay about Lyon, asked 2026-03-01T00:00:00+00:00, expires 2026-03-15T00:00:00+00:00: complete",
        "stay, asked 2026-05-30T00:00:00+00:00, expires 2026-06-13T00:00:00+00:00: unanswered",
        "1 of 2 requests came back with a score",
    ]
