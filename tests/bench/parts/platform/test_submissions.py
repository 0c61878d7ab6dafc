import re

import orjson

from bench.parts.platform.submissions import bulk_bodies, submissions
from samples.generate import samples


def test_no_two_submissions_share_an_enterprise_or_an_address():
    found = [orjson.loads(each.body) for each in submissions("a", 1_200)]
    numbers = re.findall(r'"business_registration_number":"(\d+)"', str(orjson.dumps(found)))
    assert len({each["contact"]["email"] for each in found}) == 1_200
    assert len(set(numbers)) == len(numbers) > 1_000


def test_an_earlier_release_accepts_every_submission():
    older = [each.form.contact["name"] for each in samples() if not each.states_more]
    found = submissions("a", len(older))
    assert [orjson.loads(each.body)["contact"]["name"] for each in found] == older


def test_both_services_get_applications():
    streams = {orjson.loads(each.body)["application"]["stream"] for each in submissions("a", 200)}
    assert {"recognition", "assessment", "demonstration"} <= streams


def test_bulk_bodies_have_a_line_for_each_submission():
    found = list(submissions("a", 1_001))
    lines = [line for body in bulk_bodies(found) for line in body.splitlines()]
    assert [orjson.loads(line)["idempotency_key"] for line in lines] == [s.key for s in found]
