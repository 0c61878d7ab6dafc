"""The name by which the service introduces itself: never a container's id."""

import socket

import pytest

from services.notify.smtp.ehlo_name import ehlo_name
from tests.notify.smtp.composed import a_mail, connection_to


@pytest.mark.parametrize(
    ("configured", "host", "name"),
    [
        ("mail.example.org", "host.example.com", "mail.example.org"),
        (None, "host.example.com", "host.example.com"),
        (None, "3f2a9c1d7b60", "cppp.example"),
        (None, "localhost.localdomain", "cppp.example"),
        (None, "pod.notify.svc.cluster.local", "cppp.example"),
    ],
)
def test_the_name_is_fully_qualified(monkeypatch, configured, host, name):
    monkeypatch.setattr(socket, "gethostname", lambda: host)

    assert ehlo_name(configured, "no-reply@cppp.example") == name


async def test_the_server_hears_it(mail_server):
    connection = connection_to(mail_server.url)
    await connection.open()

    await connection.send(a_mail())

    await connection.close()
    assert mail_server.names == ["sender.example.org"]
