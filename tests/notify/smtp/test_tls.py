"""TLS and signing in, against a real server."""

import asyncio
import ssl
from email.message import EmailMessage

import psutil
import pytest
import trustme
import uvloop
from aiosmtpd.smtp import AuthResult

from shared.errors import TransientError
from tests.notify.mail_server import MailServer, body
from tests.notify.smtp.composed import a_mail, connection_to


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def authenticator(_server, _session, _envelope, _mechanism, credentials):
    return AuthResult(
        success=(credentials.login, credentials.password) == (b"us@er", b"s3cr:et"), handled=False
    )


@pytest.fixture
def strict_server(server_tls):
    """Demands TLS and a password."""
    server = MailServer(
        tls_context=server_tls,
        require_starttls=True,
        authenticator=authenticator,
        auth_required=True,
    )
    server.start()
    yield server
    server.stop()


def sockets_to(port: int) -> list[int]:
    """Return this process's open sockets whose other end is a port."""
    own = psutil.Process().net_connections("tcp")
    return [each.fd for each in own if each.raddr and each.raddr.port == port]


def with_password(server: MailServer, password: str = "s3cr%3Aet") -> str:  # noqa: S107 - a test's
    return server.url.replace("smtp://", f"smtp://us%40er:{password}@")


@pytest.mark.usefixtures("trusted")
async def test_a_password_is_sent_over_tls_and_opens_the_door(strict_server):
    connection = connection_to(with_password(strict_server))
    await connection.open()

    assert await connection.send(a_mail()) is None

    await connection.close()
    assert len(strict_server.taken) == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("pipelining", [False, True])
def test_it_works_on_the_event_loop_of_the_service_too(server_tls, pipelining):
    server = MailServer(tls_context=server_tls, require_starttls=True, pipelining=pipelining)
    server.start()

    async def send_two():
        connection = connection_to(server.url)
        await connection.open()
        rejections = [await connection.send(a_mail()) for _ in range(2)]
        await connection.close()
        return rejections

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(send_two()) == [None, None]
    server.stop()
    assert len(server.taken) == 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("implicit", [False, True])
async def test_a_closed_connection_has_no_socket_left(server_tls, implicit):
    options = {"ssl_context": server_tls} if implicit else {"tls_context": server_tls}
    server = MailServer(**options)
    server.start()
    url = server.url.replace("smtp://", "smtps://") if implicit else server.url
    connection = connection_to(url)
    await connection.open()
    assert sockets_to(server.port)

    await connection.close()

    assert sockets_to(server.port) == []
    server.stop()


@pytest.mark.usefixtures("trusted")
async def test_a_connection_that_is_refused_has_no_socket_left(strict_server):
    with pytest.raises(TransientError):
        await connection_to(with_password(strict_server, "wrong")).open()

    await asyncio.sleep(0)  # the loop closes what was aborted
    assert sockets_to(strict_server.port) == []


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_is_waited_out_and_costs_no_message(strict_server):
    with pytest.raises(TransientError) as caught:
        await connection_to(with_password(strict_server, "wrong")).open()

    assert "wrong" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert str(caught.value) == "auth-535"


async def test_a_server_without_a_certificate_that_is_trusted_is_not_used(strict_server):
    with pytest.raises(TransientError, match=r"^tls-certificate-verify-failed$"):
        await connection_to(with_password(strict_server)).open()

    assert strict_server.taken == []


async def test_a_certificate_that_is_not_trusted_is_named_where_tls_comes_first(server_tls):
    server = MailServer(ssl_context=server_tls)
    server.start()

    with pytest.raises(TransientError, match=r"^tls-certificate-verify-failed$"):
        await connection_to(server.url.replace("smtp://", "smtps://")).open()

    server.stop()


async def test_a_password_never_travels_in_the_clear():
    server = MailServer(authenticator=authenticator, auth_require_tls=False)
    server.start()

    with pytest.raises(TransientError, match=r"^starttls-not-offered$"):
        await connection_to(with_password(server)).open()

    server.stop()


@pytest.mark.usefixtures("trusted")
async def test_a_server_that_begins_with_tls_takes_mails(server_tls):
    server = MailServer(ssl_context=server_tls)
    server.start()
    connection = connection_to(server.url.replace("smtp://", "smtps://"))
    await connection.open()

    assert await connection.send(a_mail()) is None

    await connection.close()
    server.stop()
    [mail] = server.mails
    assert isinstance(mail, EmailMessage)
    assert "eligible for funding" in body(mail)
