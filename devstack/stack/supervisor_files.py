"""Writes the configuration files of supervisord and of the tether."""

import json
import shlex
import sys
from pathlib import Path

from devstack.stack.folder import StackFolder, socket_root, write_private
from devstack.stack.program import Program
from devstack.stack.tether import Spec
from devstack.stack.tether_command import tether_command

SOCKET = "supervisor.sock"
SPEC = "supervisord.json"
_CONFIGURATION = "supervisord.conf"

# Paths are relative to supervisord's working directory `run`: no path needs quoting.
_SUPERVISORD = """\
[supervisord]
logfile=../log/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=supervisord.pid
nocleanup=true

[unix_http_server]
file={socket_root}/{socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files=programs/*.conf
"""
_PROGRAM = """\
[program:{name}]
command={command}
autostart=false
autorestart={restart}
startsecs={start_seconds}
startretries={start_retries}
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
killasgroup=true
priority={stage}
redirect_stderr=true
stdout_logfile=../log/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""


def write_supervisor(folder: StackFolder) -> None:
    """Write the configuration of supervisord without any program."""
    for old in folder.programs.iterdir():
        old.unlink()
    (folder.run / _CONFIGURATION).write_text(
        _SUPERVISORD.format(socket_root=socket_root("self", folder.run), socket=SOCKET)
    )
    command = [sys.executable, "-m", "supervisor.supervisord"]
    spec = Spec(
        command=[*command, "--nodaemon", "--silent", "--configuration", _CONFIGURATION],
        environment={},
        folder=str(folder.run),
        parent_death_signal="TERM",  # it then stops its programs in order
    )
    write_private(folder.run / SPEC, json.dumps(spec))


def write_program(folder: StackFolder, program: Program) -> None:
    """Write the configuration of `program`."""
    spec = Spec(
        command=list(program.command),
        environment=dict(program.environment),
        folder=str(program.folder),
        parent_death_signal="KILL",  # without supervisord, nothing would follow up a TERM
    )
    write_private(_spec(folder, program.name), json.dumps(spec))
    _configuration(folder, program.name).write_text(_section(program))


def remove_program(folder: StackFolder, name: str) -> None:
    """Remove the files that `write_program` wrote."""
    _spec(folder, name).unlink()
    _configuration(folder, name).unlink()


def _section(program: Program) -> str:
    command = shlex.join(tether_command(f"programs/{program.name}.json"))
    return _PROGRAM.format(
        name=program.name,
        command=command.replace("%", "%%"),
        restart=str(program.restart).lower(),
        start_seconds=program.start_seconds,
        start_retries=program.start_retries,
        stop_signal=program.stop_signal,
        stop_seconds=program.stop_seconds,
        stage=int(program.stage),
    )


def _spec(folder: StackFolder, name: str) -> Path:
    return folder.programs / f"{name}.json"


def _configuration(folder: StackFolder, name: str) -> Path:
    return folder.programs / f"{name}.conf"
