"""The span of a mail: ids and its outcome, and no address."""

from services.notify.delivery.tracing import MailTrace
from services.notify.events import events_of
from services.notify.model import Deferred, Sent
from tests.factories import NOW, a_notification
from tests.tracing import SENDER, UNSAMPLED, parent_of, traceparent

SENT = Sent("<1@cppp.example>", "en", NOW)


def test_a_mail_is_a_span_below_the_one_that_stored_it_and_its_event_follows(spans):
    notification = a_notification(traceparent=SENDER)
    trace = MailTrace(notification)

    [event] = events_of(trace.end(SENT), SENT)

    [span] = spans.ended
    assert (span.name, span.kind.name, parent_of(span)) == ("send mail", "CLIENT", SENDER)
    assert trace.exemplar == {"trace_id": SENDER[3:35]}
    assert dict(span.attributes) == {
        "network.protocol.name": "smtp",
        "cppp.application.id": notification.application_id,
        "cppp.notification.id": notification.id,
        "cppp.notification.template": notification.template,
        "cppp.notification.attempts": 0,
        "cppp.notification.state": "sent",
    }
    followed = [*events_of(a_notification(traceparent=traceparent(span)), SENT)]
    assert followed[0].headers[-1][0] == event.headers[-1][0] == "traceparent"
    assert event.headers[-1][1].decode()[3:35] == SENDER[3:35]


def test_a_mail_that_is_refused_is_a_failed_span(spans):
    trace = MailTrace(a_notification(traceparent=SENDER))

    trace.end(Deferred("rcpt-451", 1, NOW, NOW))

    [span] = spans.ended
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == "temporary-failure"


def test_a_mail_of_no_recorded_trace_has_no_span(spans):
    notification = a_notification(traceparent=UNSAMPLED)
    trace = MailTrace(notification)

    assert trace.end(SENT) is notification
    assert trace.exemplar is None
    assert spans.ended == []


def test_without_tracing_a_mail_has_no_span():
    notification = a_notification(traceparent=SENDER)

    assert MailTrace(notification).end(SENT) is notification
