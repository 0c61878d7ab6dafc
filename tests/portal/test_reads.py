"""What the public site reads, and what it must never read."""

from services.portal.app import READS
from shared.events.intake import CONTACTS


def test_the_site_never_reads_contacts():
    assert CONTACTS.name == "intake.contacts.v1"
    assert CONTACTS.name not in {each.name for each in READS}
