"""Clients that hold connections do not take the files that the service needs."""

from tests.raw_http import line_to
from tests.shared.service.sample_process import is_alive, sample_process


def test_a_service_answers_beside_more_slow_clients_than_a_process_may_open_files_at_first():
    with sample_process("sh", "-c", 'ulimit -Sn 200; exec "$@"', "sh") as (_, url):
        lines = [line_to(url) for _ in range(400)]
        try:
            for line in lines:
                line.send(b"GET /livez HTTP/1.1\r\n")
            assert is_alive(url)
        finally:
            for line in lines:
                line.socket.close()
