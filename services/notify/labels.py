"""What code names and readers see: the programme, and what applications are for."""

from collections.abc import Mapping
from typing import Final

from shared.events.intake import Category, FundingStream


def _(text: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
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
