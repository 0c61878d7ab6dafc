"""Acceptances, as the store gets them."""

from dataclasses import replace

from services.intake.submission.body import read_submission
from services.intake.submission.events import AcceptanceContext, accept
from tests.factories import NOW
from tests.intake.submissions import body

APPLICATION_ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def accepted(content: bytes):
    context = AcceptanceContext(APPLICATION_ID, "anonymous", b"fingerprint", NOW, TRACE)
    return accept(read_submission(content), context)


def an_acceptance(application_id: str = "a", fingerprint: bytes = b"1"):
    kept = accepted(body())
    return replace(kept, application_id=application_id, fingerprint=fingerprint)
