"""The rule set of this service, as it is published."""

from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.programme import Programme
from services.eligibility.rules.rules import REFERRALS, REFUSALS
from shared.events.eligibility import PROGRAMME, ProgrammePublished
from shared.rule_sets.model import RuleSet, rule_reasons


def rule_set_of(programme: Programme) -> RuleSet:
    """Return the rule set of a programme."""
    reasons = rule_reasons(REASONS.values(), REFUSALS, REFERRALS)
    return RuleSet(ProgrammePublished, PROGRAMME, programme, reasons)
