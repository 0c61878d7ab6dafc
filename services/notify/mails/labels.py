"""The texts for codes: the programme, streams and categories, steps and calendars."""

from collections.abc import Mapping
from typing import Final

from shared.calendars import Calendar
from shared.events.casework import Step
from shared.events.eligibility import ClockStart, PaymentStage
from shared.events.intake import Category, FundingStream


def _(text: str) -> str:
    """Mark a text for extraction into the catalogues; it is translated where it is shown."""
    return text


PROGRAMME: Final = _("Cleaner Production Partnership Programme")
APPLIED_FOR: Final[Mapping[FundingStream | Category, str]] = {
    "assessment": _("On-site improvement assessment"),
    "demonstration": _("Demonstration project"),
    "demonstration-i": _("Demonstration project (I)"),
    "demonstration-ii": _("Demonstration project (II)"),
    "verification": _("Verification"),
    "new-technology": _("Application of new technologies"),
    "organisation-support": _("Organisation Support Initiative"),
    "partner-manufacturing": _("Hong Kong-Guangdong Cleaner Production Partner (Manufacturing)"),
    "excellent-partner-manufacturing": _(
        "Hong Kong-Guangdong Cleaner Production Excellent Partner (Manufacturing)"
    ),
    "partner-supply-chain": _("Hong Kong-Guangdong Cleaner Production Partner (Supply Chain)"),
    "partner-technology-service": _(
        "Hong Kong-Guangdong Cleaner Production Partner (Technology Service)"
    ),
}
STEPS: Final[Mapping[Step, str]] = {
    "document-check": _("Document check"),
    "on-site-assessment": _("On-site assessment"),
    "joint-committee": _("Joint assessment committee"),
    "violation-check": _("Check of penalty records"),
    "notice-period": _("Public notice for objections"),
}
"""The steps towards a label; a ruling on funding is none of them."""

FOLLOWS: Final[Mapping[Step, str]] = {
    "document-check": _("The Programme Secretariat will check the documents of the application."),
    "on-site-assessment": _(
        "The Programme Secretariat will contact you to arrange an on-site assessment."
    ),
    "joint-committee": _("The joint assessment committee will consider the application."),
    "violation-check": _("The penalty records of the enterprise will be checked."),
    "notice-period": _("A public notice for objections will be given."),
}
"""What is going to happen in a step that comes next."""

CLOCKS: Final[Mapping[ClockStart, str]] = {
    "approval": _("The months run from the day of this approval."),
    "agreement": _("The months run from the day of the funding agreement."),
}
"""What starts the months within which a project has to finish."""

PAYMENTS: Final[Mapping[PaymentStage, str]] = {
    "agreement": _("%(share)s of the grant once the funding agreement is signed"),
    "interim-report": _("%(share)s of the grant once the interim report is accepted"),
    "final-report": _("%(share)s of the grant once the final report and invoices are accepted"),
}
"""When a part of a grant is paid."""

CALENDARS: Final[Mapping[Calendar, str]] = {
    "hong-kong": _("Working days in Hong Kong"),
    "mainland": _("Working days in the Mainland"),
}
