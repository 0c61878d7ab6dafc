"""What the set-up installs from Debian's packages, and what it says if it cannot."""

import stat
import sys

import pytest

from devstack import setup_debian

APT_GET = """#!{python}
import os, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    frontend, policy = os.environ["DEBIAN_FRONTEND"], (folder / "policy-rc.d").exists()
    print(*sys.argv[1:], frontend, policy, file=calls)
if "install" in sys.argv and not (folder / "offline").exists():
    programs = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    for name in (*programs, *(each for each in sys.argv if each == "chromium")):
        (folder / name).touch(0o755)
    if "fonts-noto-cjk" in sys.argv:
        (folder / "fonts" / "NotoSansCJK.ttc").touch()
sys.exit((folder / "offline").exists() and "E: Unable to fetch some archives")
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose only program is an apt-get that writes down its calls."""
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(APT_GET.format(python=sys.executable, folder=str(tmp_path)))
    apt_get.chmod(apt_get.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "system").mkdir()
    (tmp_path / "fonts").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(setup_debian, "_MASKS", tmp_path / "system")
    monkeypatch.setattr(setup_debian, "_POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(setup_debian, "_FONTS", tmp_path / "fonts")
    monkeypatch.setattr(setup_debian, "_RELEASE", tmp_path / "os-release")
    return tmp_path


def calls(machine):
    return (machine / "calls").read_text().splitlines() if (machine / "calls").exists() else []


def test_root_gets_what_is_missing_once_and_no_daemon_starts(machine):
    assert setup_debian.main(["--required"]) == 0
    assert setup_debian.main(["--required"]) == 0

    update, install = calls(machine)
    assert update.endswith("update noninteractive True")
    assert install.endswith(
        "install -y --no-install-recommends prometheus prometheus-alertmanager noninteractive True"
    )
    assert not (machine / "policy-rc.d").exists()
    for unit in ("prometheus.service", "prometheus-alertmanager.service"):
        assert str((machine / "system" / unit).readlink()) == "/dev/null"


def test_a_policy_of_the_machine_stays(machine):
    (machine / "policy-rc.d").write_text("exit 101")

    assert setup_debian.main([]) == 0
    assert (machine / "policy-rc.d").read_text() == "exit 101"


def test_others_are_told_what_to_install_and_only_tests_need_it(machine, monkeypatch, capsys):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert setup_debian.main([]) == 0
    assert capsys.readouterr().err == ""  # `cppp up` says it
    assert setup_debian.main(["--required"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: prometheus and prometheus-alertmanager must be installed")
    assert said.count("\n") == 1
    assert not calls(machine)


def test_without_a_network_the_reason_is_said(machine, capsys):
    (machine / "offline").touch()

    assert setup_debian.main(["--required"]) == 1
    said = capsys.readouterr().err
    assert "apt-get failed: E: Unable to fetch some archives" in said
    assert "error: prometheus and prometheus-alertmanager must be installed" in said


def test_root_gets_a_browser_and_a_font_for_chinese_once_where_tests_need_them(machine):
    assert setup_debian.main(["--required", "--browser"]) == 0
    assert setup_debian.main(["--required", "--browser"]) == 0

    _update, install = calls(machine)
    packages = "prometheus prometheus-alertmanager chromium fonts-noto-cjk"
    assert install.endswith(f"--no-install-recommends {packages} noninteractive True")
    assert not (machine / "system" / "chromium.service").is_symlink()
    assert setup_debian.browser_program() == str(machine / "chromium")


def test_ubuntus_stub_is_not_installed_and_what_to_install_is_said(machine, capsys):
    (machine / "os-release").write_text('NAME="Ubuntu"\nID=ubuntu\n')

    assert setup_debian.main(["--required", "--browser"]) == 1
    assert not (machine / "chromium").exists()
    said = capsys.readouterr().err
    assert said.startswith("error: chromium must be installed")
    assert "install Chrome's google-chrome-stable" in said

    (machine / "google-chrome-stable").touch(0o755)
    assert setup_debian.main(["--required", "--browser"]) == 0
