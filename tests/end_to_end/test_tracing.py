"""The traces of real applications, in a real receiver: each is one tree from the POST to the mail.

The histograms' exemplars, in a real Prometheus, name these traces.
"""

import time
from collections import Counter
from functools import partial

import httpx
import pytest

from devstack.servers.monitoring import monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.stack import Stack
from devstack.testing.otlp import breaks, otlp_receiver, received_spans, traces, tracing_to
from devstack.testing.service_process import ServiceProcesses
from tests.end_to_end.platform import CONTACT, Platform, eligible_applications
from tests.factories import application_body
from tests.waiting import eventually

HISTOGRAMS = {
    "cppp_http_request_duration_seconds_bucket",
    "cppp_batch_duration_seconds_bucket",
    "cppp_event_age_seconds_bucket",
    "cppp_end_to_end_seconds_bucket",
    "cppp_email_send_duration_seconds_bucket",
}
SUBMITTED = "intake.applications.v1"
DECIDED = "eligibility.decisions.v1"
NOTIFIED = "notify.notifications.v1"
FROM_POST_TO_MAIL = [
    ("intake", "POST /v1/applications"),
    ("intake", f"send {SUBMITTED}"),
    ("eligibility", f"process {SUBMITTED}"),
    ("eligibility", f"send {DECIDED}"),
    ("notify", f"process {DECIDED}"),
    ("notify", "send mail"),
    ("notify", f"send {NOTIFIED}"),
    ("reconciliation", f"process {NOTIFIED}"),
]
SERVICES = {"intake", "eligibility", "recognition", "notify", "reconciliation", "portal"}
MAILS = 2  # the receipt and the outcome


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("receiver")
    port = free_ports(["otlp"])["otlp"]
    file = folder / "spans.ndjson"
    with Stack(StackFolder(folder / "stack"), {"otlp": port}, [otlp_receiver(file, port)]):
        yield port, file


@pytest.fixture(scope="module")
def platform(infra, service_stack, receiver):
    processes = ServiceProcesses(service_stack, infra)
    platform = Platform(infra, lambda name: processes.start(name, tracing_to(receiver[0])))
    yield platform
    platform.mongo.close()
    processes.stop_all()


@pytest.fixture(scope="module")
def prometheus(platform, tmp_path_factory):
    """Prometheus alone, which scrapes the services."""
    services = {name: each.port for name, each in platform.services.items()}
    ports = services | free_ports(["prometheus", "alertmanager"])
    folder = StackFolder(tmp_path_factory.mktemp("prometheus"))
    folder.create()
    [program] = [each for each in monitoring(folder, ports) if each.name == "prometheus"]
    with Stack(folder, {"prometheus": ports["prometheus"]}, [program]):
        yield f"http://{LOCALHOST}:{ports['prometheus']}"


def spans_of(receiver, application_ids):
    """Wait until the spans of applications have arrived; return those of each."""
    found = eventually(
        partial(complete, receiver[1], application_ids),
        within_seconds=60,
        because="not all spans arrived in time",
    )
    return [found[each] for each in application_ids]


def complete(file, application_ids):
    """Return the trace of each application, once the last spans of all have arrived."""
    by_application = {}
    for trace in traces(received_spans(file)).values():
        known = {each.attributes.get("cppp.application.id") for each in trace}
        if not breaks(trace) and has_ended(trace):
            by_application |= dict.fromkeys(known & {*application_ids}, trace)
    return by_application if len(by_application) == len(application_ids) else None


def has_ended(trace):
    told = {
        each.span_id
        for each in trace
        if (each.service, each.name) == ("reconciliation", f"process {NOTIFIED}")
    }
    return len(told) == MAILS and {each.service for each in trace} == SERVICES


def ancestors(span, trace):
    known = {each.span_id: each for each in trace}
    path = [span]
    while path[0].parent_id:
        path.insert(0, known[path[0].parent_id])
    return [(each.service, each.name) for each in path]


@pytest.mark.timeout(180)
def test_each_application_is_one_tree_from_the_post_to_the_mail(platform, receiver):
    ids = platform.submit(*eligible_applications(2))
    platform.wait_until_mailed(ids)

    found = spans_of(receiver, ids)

    assert len({trace[0].trace_id for trace in found}) == 2
    for trace in found:
        assert breaks(trace) == []
        leaves = [each for each in trace if each.service == "reconciliation"]
        assert FROM_POST_TO_MAIL in [ancestors(each, trace) for each in leaves]
        named = Counter((each.service, each.name) for each in trace)
        assert named["intake", "insert applications"] == 1
        assert named["intake", "send intake.contacts.v1"] == 1
        assert named["eligibility", "decide"] == named["eligibility", "store"] == 1
        assert named["notify", "send mail"] == MAILS


@pytest.mark.timeout(180)
def test_an_amendment_is_a_tree_of_its_own_as_far_as_its_mail(platform, receiver):
    [application], [application_id] = (found := eligible_applications(1)), platform.submit(*found)
    url = f"{platform.url('intake')}/v1/applications/{application_id}"
    key = {"Idempotency-Key": "amended"}
    answer = httpx.put(url, json={"application": application, "contact": CONTACT}, headers=key)
    assert answer.is_success, answer.text

    def amended():
        return [
            trace
            for trace in traces(received_spans(receiver[1])).values()
            if trace[0].name == "PUT /v1/applications/{application_id}"
            and not breaks(trace)
            and {"send mail", "send eligibility.decisions.v1"} <= {each.name for each in trace}
        ]

    [trace] = eventually(amended, within_seconds=60)
    assert ("intake", "insert applications") in {(each.service, each.name) for each in trace}


@pytest.mark.timeout(180)
def test_every_record_is_linked_to_the_batch_in_which_it_was_handled(platform, receiver):
    [application_id] = platform.submit(*eligible_applications(1))
    platform.wait_until_mailed([application_id])
    [trace] = spans_of(receiver, [application_id])

    handled = {
        (each.service, (each.trace_id, each.parent_id))
        for each in trace
        if each.name.startswith("process ")
    }
    batches = [each for each in received_spans(receiver[1]) if each.name == "process batch"]
    assert handled <= {(batch.service, link) for batch in batches for link in batch.links}
    assert not [each for each in batches if each.trace_id == trace[0].trace_id]


@pytest.mark.timeout(180)
def test_what_was_accepted_while_a_service_was_down_is_one_tree_all_the_same(platform, receiver):
    platform.services["eligibility"].kill()
    ids = platform.submit(*eligible_applications(1))
    platform.services["eligibility"].wait_ready()
    platform.wait_until_mailed(ids)

    [trace] = spans_of(receiver, ids)

    assert breaks(trace) == []


@pytest.mark.timeout(180)
def test_no_span_has_anything_personal(platform, receiver):
    ids = platform.submit(*eligible_applications(1), application_body("recognition"))
    platform.wait_until_mailed(ids)
    httpx.get(f"{platform.url('eligibility')}/chan@example.com?name=Chan")
    eventually(lambda: b"GET unknown" in receiver[1].read_bytes())

    text = receiver[1].read_text().lower()
    assert not [each for each in ("chan@", "chan tai man", "?name") if each in text]


@pytest.mark.timeout(240)
def test_prometheus_has_the_traces_as_exemplars(platform, receiver, prometheus):
    ids = platform.submit(*eligible_applications(2))
    platform.wait_until_mailed(ids)

    def known():
        recorded = {each.trace_id for each in received_spans(receiver[1])}
        return {
            series["seriesLabels"]["__name__"]
            for name in HISTOGRAMS
            for series in exemplars(prometheus, name)
            if {each["labels"]["trace_id"] for each in series["exemplars"]} <= recorded
        }

    eventually(
        lambda: known() == HISTOGRAMS,
        within_seconds=60,
        because="Prometheus has no exemplars of some histograms",
    )


def exemplars(prometheus, name):
    now = time.time()
    query = {"query": name, "start": now - 600, "end": now + 60}
    answer = httpx.get(f"{prometheus}/api/v1/query_exemplars", params=query)
    return answer.json()["data"]
