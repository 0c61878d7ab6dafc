"""A line that is slow, silent or cut, and good again."""

import smtplib
import socket
import time

import pytest

from devstack.servers.mail_sink import mail_sink
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.tcp_line import Line
from devstack.testing.tcp_proxy import GOOD_LINE, TcpProxy
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS


@pytest.fixture
def proxy(folder):
    """A line to a mail sink, which speaks first and answers each command."""
    ports = free_ports(["mail", "proxy"])
    proxy = TcpProxy("proxy", ports["proxy"], ports["mail"], folder.run / "line.json")
    with Stack(folder, ports, [mail_sink(folder.maildir, ports), proxy.program()]):
        yield proxy


def call_seconds(connection):
    started = time.monotonic()
    assert connection.noop()[0] == 250
    return time.monotonic() - started


def test_a_good_line_hands_over_everything(proxy, folder):
    text = "Subject: long\n\n" + "0123456789\n" * 100_000

    with smtplib.SMTP("127.0.0.1", proxy.port) as server:
        server.sendmail("a@example.org", ["b@example.org"], text)

    (mail,) = (folder.maildir / "new").iterdir()
    assert mail.stat().st_size > 1_000_000


def test_latency_is_paid_once_for_each_call_also_on_an_open_connection(proxy):
    with smtplib.SMTP("127.0.0.1", proxy.port) as server:
        proxy.become(Line(latency_seconds=0.3))
        assert wait_until(lambda: call_seconds(server) >= 0.3, DEADLINE_SECONDS)
        assert wait_until(lambda: 0.3 <= call_seconds(server) < 0.6, DEADLINE_SECONDS)

        proxy.become(GOOD_LINE)
        assert wait_until(lambda: call_seconds(server) < 0.3, DEADLINE_SECONDS)


def test_latency_does_not_add_up_over_the_pieces_of_one_message(proxy):
    proxy.become(Line(latency_seconds=0.3))
    with smtplib.SMTP("127.0.0.1", proxy.port) as server:
        started = time.monotonic()
        server.sendmail("a@example.org", ["b@example.org"], "0123456789\n" * 300_000)

    pieces = 45  # of the text alone: added up, their latency would take that long
    assert time.monotonic() - started < 0.3 * pieces


def test_a_throttled_line_takes_its_time(proxy):
    with smtplib.SMTP("127.0.0.1", proxy.port) as server:
        proxy.become(Line(bytes_per_second=50))

        # "noop" and its answer are some 6 + 8 bytes
        assert wait_until(lambda: call_seconds(server) > 0.2, DEADLINE_SECONDS)


def test_a_silent_line_loses_nothing_and_hands_over_later(proxy):
    with connected(proxy) as early:
        assert early.recv(3) == b"220"
        proxy.become(Line(is_silent=True))
        assert wait_until(lambda: hears_nothing(proxy), DEADLINE_SECONDS)
        early.send(b"NOOP\r\n")
        with connected(proxy) as late:
            proxy.become(GOOD_LINE)

            assert late.recv(3) == b"220"
            assert wait_until(lambda: b"250 " in early.recv(1000), DEADLINE_SECONDS)


def test_a_cut_line_closes_open_connections_and_accepts_none(proxy):
    with connected(proxy) as connection:
        assert connection.recv(3) == b"220"
        proxy.become(Line(is_cut=True))
        assert wait_until(lambda: heard(connection) == b"", DEADLINE_SECONDS)

    with connected(proxy) as connection:
        assert heard(connection) == b""
    proxy.become(GOOD_LINE)
    assert wait_until(lambda: not hears_nothing(proxy), DEADLINE_SECONDS)


def connected(proxy, timeout=DEADLINE_SECONDS):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout)


def heard(connection):
    try:
        return connection.recv(1000)
    except ConnectionResetError:
        return b""


def hears_nothing(proxy):
    with connected(proxy, timeout=0.3) as connection:
        try:
            return connection.recv(1) == b""
        except OSError:
            return True
