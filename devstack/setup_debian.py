"""Installs Prometheus and Alertmanager from Debian's packages: `python -m devstack.setup_debian`.

With `--browser` also Chromium and a font for Chinese, with which tests look at the site. `make`
runs it after `setup_venv`. On Debian and Ubuntu root gets what is missing; everybody else is told
in one line what to install. The distribution's own daemons never start.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# The programs of each package; where several names are given, any of them will do.
PACKAGES = {
    "prometheus": (("prometheus",), ("promtool",)),
    "prometheus-alertmanager": (("prometheus-alertmanager", "alertmanager"), ("amtool",)),
}
BROWSER = {"chromium": (("chromium", "google-chrome-stable", "google-chrome"),)}
_FONT = "fonts-noto-cjk"  # has the Chinese characters as Hong Kong and as the Mainland write them
_FONTS = Path("/usr/share/fonts")
_RELEASE = Path("/etc/os-release")
_MASKS = Path("/etc/systemd/system")
_POLICY = Path("/usr/sbin/policy-rc.d")
_FORBID_STARTS = "#!/bin/sh\nexit 101\n"
_APT_GET = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
_LOG_LINES = 3


def found(*names: str) -> "str | None":
    """Return the path of the first of these programs that is installed."""
    paths = (shutil.which(name) for name in names)
    return next((path for path in paths if path), None)


def missing_packages(
    packages: "Mapping[str, tuple[tuple[str, ...], ...]]" = PACKAGES,
) -> "list[str]":
    """Return the packages of which a program is missing."""
    return [
        package
        for package, programs in packages.items()
        if not all(found(*names) for names in programs)
    ]


def missing_for_browser() -> "list[str]":
    """Return the packages that are missing to look at the site with a browser."""
    fonts = [] if any(_FONTS.rglob("*CJK*")) else [_FONT]
    return [*missing_packages(BROWSER), *fonts]


def browser_program() -> str:
    """Return the path of Chromium, or of Chrome; empty if neither is installed."""
    return found(*BROWSER["chromium"][0]) or ""


def advice(packages: Sequence[str]) -> str:
    """Say in one line which packages to install, and how."""
    named = " ".join(packages)
    programs = [each for each in packages if each in PACKAGES]
    path = "prometheus, promtool, alertmanager and amtool are" if programs else "chromium is"
    return (
        f"{' and '.join(packages)} must be installed: on Debian and Ubuntu with "
        f"`apt-get install --no-install-recommends {named}`, elsewhere so that "
        f"{path} on the PATH.{_advice_on_ubuntu(packages)}"
    )


def _advice_on_ubuntu(packages: Sequence[str]) -> str:
    if "chromium" not in packages or not is_ubuntu():
        return ""
    return " Ubuntu has no chromium of its own, only a snap: install Chrome's google-chrome-stable."


def is_ubuntu() -> bool:
    """Return whether this is Ubuntu, whose package `chromium` is only a stub for a snap."""
    return _RELEASE.exists() and "ID=ubuntu" in _RELEASE.read_text().splitlines()


def can_install() -> bool:
    """Return whether this process may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> str:
    """Install Debian packages without starting their daemons; return what went wrong, if anything.

    A masked unit starts neither now nor after a reboot; `policy-rc.d` is for init scripts.
    """
    print(f"Installing {' and '.join(packages)} …", flush=True)
    with _starts_forbidden(packages):
        for command in (
            (*_APT_GET, "update"),
            (*_APT_GET, "install", "-y", "--no-install-recommends", *packages),
        ):
            if said := _failure(command):
                return said
    return ""


@contextmanager
def _starts_forbidden(packages: Sequence[str]) -> "Iterator[None]":
    if _MASKS.is_dir():
        for package in [each for each in packages if each in PACKAGES]:
            with suppress(FileExistsError):
                (_MASKS / f"{package}.service").symlink_to("/dev/null")
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text(_FORBID_STARTS)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _failure(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own command line
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return " ".join(done.stdout.splitlines()[-_LOG_LINES:]) if done.returncode else ""


def main(arguments: Sequence[str]) -> int:
    """Install what is missing; with `--required`, return 1 if something still is."""
    missing = _missing(arguments)
    wanted = [each for each in missing if not (each == "chromium" and is_ubuntu())]
    said = install(wanted) if wanted and can_install() else ""
    missing = _missing(arguments)
    if not missing:
        return 0
    required = "--required" in arguments
    if said:
        print(f"apt-get failed: {said}", file=sys.stderr, flush=True)
    if required:
        print(f"error: {advice(missing)}", file=sys.stderr, flush=True)
    return 1 if required else 0  # `cppp up` says itself what it goes on without


def _missing(arguments: Sequence[str]) -> "list[str]":
    return [*missing_packages(), *(missing_for_browser() if "--browser" in arguments else ())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
