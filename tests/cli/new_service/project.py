"""A copy of this project as its own Git repository: what a developer has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
_LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", "var", "*_cache", "*.egg-info", ".hypothesis"),
    *("contenders", "releases", ".env"),
)
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}
READS = ("--reads", "intake.applications.v1", "--reads", "eligibility.decisions.v1")


@dataclass(frozen=True)
class Project:
    """The copy in a folder; everything in it is committed at first."""

    root: Path

    @classmethod
    def copied_to(cls, root: Path, *, with_git: bool = True) -> "Project":
        shutil.copytree(ROOT, root, ignore=_LEFT_OUT)
        project = cls(root)
        if with_git:
            project.git("init", "--quiet")
            project.commit()
        return project

    def new_service(self, *arguments: str) -> str:
        """Run `cppp new-service` of the copy; return what it prints."""
        return self.run(sys.executable, "-m", "cli.main", "new-service", *arguments)

    def run(self, *command: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command in the copy; it must succeed."""
        done = subprocess.run(  # noqa: S603 - commands of the tests
            command,
            cwd=self.root,
            env=os.environ | _IDENTITY | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (
            f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
        return done.stdout

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", "as it is")

    def changes(self) -> dict[str, str]:
        """Return what Git says about each file that is not as committed."""
        lines = self.git("status", "--porcelain", "--untracked-files=all").splitlines()
        return {line[3:]: line[:2].strip() for line in lines}

    def python(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        return self.run(sys.executable, "-m", *arguments, environment=environment)
