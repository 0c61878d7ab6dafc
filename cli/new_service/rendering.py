"""Renders the template of a service with copier."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cli.new_service.checks import check_nothing_exists
from devstack.stack.program import PROJECT

TEMPLATE: Final = ("copier.yml", "templates")


def add_service(answers: Mapping[str, Any], project: Path = PROJECT) -> list[Path]:
    """Add the files of a new service to the project; return their paths inside it.

    Raises `typer.BadParameter` if one of them exists; then nothing is written.
    """
    with TemporaryDirectory() as made:
        _render(answers, project, Path(made))
        files = sorted(each.relative_to(made) for each in Path(made).rglob("*") if each.is_file())
        check_nothing_exists(answers["name"], files, project)
        shutil.copytree(made, project, dirs_exist_ok=True)
    return files


def _render(answers: Mapping[str, Any], project: Path, destination: Path) -> None:
    from copier import run_copy  # noqa: PLC0415 - half a second, of which no other command has use

    with _template(project) as (source, commit):
        run_copy(
            source,
            destination,
            data=dict(answers),
            answers_file=f"services/{answers['name']}/.copier-answers.yml",
            vcs_ref=commit,
            defaults=True,
            quiet=True,
        )


@contextmanager
def _template(project: Path) -> Iterator[tuple[str, str | None]]:
    """Yield where the template is, and the commit that last changed it.

    With that commit among its answers, a service can take over later changes. There is none while
    the template has changes that are not committed, or outside of a repository.
    """
    commit = _git(project, "log", "-1", "--format=%H", "--", *TEMPLATE)
    if commit and not _git(project, "status", "--porcelain", "--", *TEMPLATE):
        yield f"git+file://{project}", commit
        return
    with TemporaryDirectory() as copied:  # copier takes the whole of a repository otherwise
        shutil.copy(project / "copier.yml", copied)
        shutil.copytree(project / "templates", Path(copied) / "templates")
        yield copied, None


def _git(project: Path, *arguments: str) -> str:
    """Return what git says, or nothing if it cannot answer."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, our own arguments
            ["git", "-C", str(project), *arguments],  # noqa: S607 - git from PATH
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
