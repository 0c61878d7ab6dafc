"""The stack on real programs: what starts, what dies, what comes back, what is left."""

import json
import os
import signal
import smtplib
import socket
import sys
from dataclasses import replace

import psutil
import pytest

from devstack.errors import StackError
from devstack.platform.watch import Watch
from devstack.servers.mail_sink import mail_sink
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.processes import belonging_to, is_frozen
from devstack.stack.program import Program
from devstack.stack.stack import Stack
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS


def test_a_mail_sent_to_the_mail_sink_lies_in_the_maildir(mail_stack: Stack, folder):
    port = mail_stack.ports["mail"]

    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("a@example.org", ["b@example.org"], "Subject: hello\n\nworld")

    (mail,) = (folder.maildir / "new").iterdir()
    assert "Subject: hello" in mail.read_text()


def test_a_killed_program_is_restarted_and_reported(mail_stack: Stack):
    reported: list[str] = []
    watch = Watch(mail_stack, reported.append)
    before = mail_stack.states()["mail"].pid

    mail_stack.kill("mail")
    mail_stack.wait_ready("mail")
    watch.look()
    watch.look()

    assert mail_stack.states()["mail"].pid not in {0, before}
    assert len(reported) == 1
    assert reported[0].startswith("mail has ended and was started again")


def test_a_paused_program_does_not_answer_until_it_is_resumed(mail_stack: Stack):
    address = ("127.0.0.1", mail_stack.ports["mail"])
    mail_stack.pause("mail")
    assert is_frozen(mail_stack.states()["mail"].pid)

    with socket.create_connection(address, timeout=0.2) as connection:
        with pytest.raises(TimeoutError):
            connection.recv(3)
        mail_stack.resume("mail")
        connection.settimeout(DEADLINE_SECONDS)
        greeting = connection.recv(3)

    assert greeting == b"220"
    assert not is_frozen(mail_stack.states()["mail"].pid)


def test_a_program_can_be_stopped_and_started_and_keeps_its_log(mail_stack: Stack, sleeper):
    mail_stack.add_program(sleeper)
    assert wait_until(lambda: "good night" in mail_stack.log("sleeper"), DEADLINE_SECONDS)

    mail_stack.stop_program("sleeper")
    stopped = mail_stack.states()["sleeper"]
    mail_stack.start_program("sleeper")

    assert (stopped.state, stopped.pid) == ("STOPPED", 0)
    assert wait_until(lambda: mail_stack.log("sleeper").count("good night") == 2, DEADLINE_SECONDS)


def test_a_stopped_program_can_be_started_without_waiting_until_it_is_ready(
    mail_stack: Stack, sleeper
):
    late = replace(sleeper, is_ready=lambda: mail_stack.log("sleeper").count("good night") == 1)
    mail_stack.add_program(late)
    mail_stack.stop_program("sleeper")

    mail_stack.begin_program("sleeper")

    assert wait_until(lambda: mail_stack.log("sleeper").count("good night") == 2, DEADLINE_SECONDS)


def test_a_removed_program_is_gone_and_can_be_added_again(mail_stack: Stack, sleeper):
    mail_stack.add_program(sleeper)

    mail_stack.remove_programs("sleeper")
    names_then = set(mail_stack.states())
    mail_stack.add_program(sleeper)

    assert names_then == {"mail"}
    assert set(mail_stack.states()) == {"mail", "sleeper"}


def test_a_program_gets_its_environment_whatever_is_in_it(mail_stack: Stack):
    value = "'quotes\", %(here)s, ünïcode\nand lines"
    code = "import os, time; print(ascii(os.environ['VALUE']), flush=True); time.sleep(600)"
    program = Program(
        "teller", (sys.executable, "-c", code), lambda: True, environment={"VALUE": value}
    )

    mail_stack.add_program(program)

    assert wait_until(lambda: ascii(value) in mail_stack.log("teller"), DEADLINE_SECONDS)


def test_a_program_that_keeps_failing_is_reported_with_its_last_words(mail_stack: Stack, sleeper):
    command = (sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)")
    failing = replace(sleeper, command=command, start_retries=0, is_ready=lambda: False)

    with pytest.raises(StackError, match=r"(?s)sleeper ends soon after its start.*the reason"):
        mail_stack.add_program(failing)

    assert set(mail_stack.states()) == {"mail"}


def test_a_program_that_fails_at_the_start_leaves_no_process(folder: StackFolder, sleeper):
    late = replace(sleeper, is_ready=lambda: False, ready_seconds=0)

    with pytest.raises(StackError, match=r"sleeper: not ready after 0 s"):
        Stack(folder, {}, [late]).start()

    assert belonging_to(folder.root) == []


def test_after_stop_there_is_no_process_and_stop_may_be_repeated(mail_stack: Stack, folder):
    assert len(belonging_to(folder.root)) == 2

    mail_stack.stop()
    mail_stack.stop()

    assert belonging_to(folder.root) == []


def test_a_paused_program_does_not_hold_up_the_stop(mail_stack: Stack, folder):
    mail_stack.pause("mail")

    mail_stack.stop()

    assert belonging_to(folder.root) == []
    assert "SIGKILL" not in (folder.logs / "supervisord.log").read_text()


def test_when_supervisord_ends_its_programs_end_and_it_is_reported(mail_stack: Stack, folder):
    watch = Watch(mail_stack, print)

    os.kill(mail_stack.supervisor_pid, signal.SIGKILL)

    assert wait_until(lambda: _others(folder, mail_stack) == [], DEADLINE_SECONDS)
    with pytest.raises(StackError, match="supervisord has ended"):
        watch.look()


def test_the_end_of_the_front_process_ends_everything(front, folder: StackFolder):
    process = front("mail", _ports_json())

    process.kill()

    assert wait_until(lambda: belonging_to(folder.root) == [], DEADLINE_SECONDS)


def test_sigterm_to_the_front_process_stops_everything(front, folder: StackFolder):
    process = front("mail", _ports_json())

    process.terminate()

    process.wait(DEADLINE_SECONDS)
    assert belonging_to(folder.root) == []


def test_processes_of_an_earlier_run_are_ended_first(front, folder: StackFolder):
    process = front("mail", _ports_json())
    left_behind = belonging_to(folder.root)
    for pid in left_behind:
        os.kill(pid, signal.SIGSTOP)  # deaf, and so left behind
    process.kill()

    with Stack(folder, {}, []):
        still_there = [pid for pid in left_behind if psutil.pid_exists(pid)]

    assert still_there == []


def test_a_port_in_use_is_reported_with_the_process_that_has_it(mail_stack: Stack, tmp_path):
    ports = mail_stack.ports
    second = Stack(StackFolder(tmp_path / "second"), ports, [mail_sink(tmp_path, ports)])
    holder = mail_stack.states()["mail"].pid

    with pytest.raises(StackError) as refusal:
        second.start()

    assert f"Port {ports['mail']} for mail is in use" in str(refusal.value)
    assert f"(process {holder})" in str(refusal.value)
    assert "MAIL_PORT=" in str(refusal.value)


def test_secrets_stay_the_same_and_are_for_this_user_only(folder: StackFolder):
    folder.create()

    first, second = folder.secret("some"), folder.secret("some")

    assert first == second
    assert (folder.run / "some").stat().st_mode & 0o077 == 0
    assert folder.run.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StackError, match="Cannot write to"):
        StackFolder(tmp_path / "file" / "var").create()


def _others(folder: StackFolder, stack: Stack) -> list[int]:
    """Supervisord itself stays a zombie until the stack stops."""
    return [pid for pid in belonging_to(folder.root) if pid != stack.supervisor_pid]


def _ports_json() -> str:
    return json.dumps(free_ports(["mail"]))
