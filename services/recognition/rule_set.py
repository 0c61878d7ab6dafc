"""The rule set of this service, as it is published."""

from services.recognition.rules.catalogue import (
    HOLD_REASONS,
    OBJECTION_UNRESOLVED,
    REASONS,
    STEP_REASONS,
)
from services.recognition.rules.rules import REFERRALS, REFUSALS
from services.recognition.rules.scheme import Scheme
from shared.events.recognition import SCHEME, SchemePublished
from shared.rule_sets.model import RuleSet, rule_reasons


def rule_set_of(scheme: Scheme) -> RuleSet:
    """Return the rule set of a scheme."""
    given = (*REASONS.values(), *STEP_REASONS.values(), *HOLD_REASONS.values())
    reasons = rule_reasons(given, REFUSALS, REFERRALS | {OBJECTION_UNRESOLVED})
    return RuleSet(SchemePublished, SCHEME, scheme, reasons)
