"""Which proxies are believed: a mistake must not believe everybody, or nobody."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.intake.settings import IntakeSettings
from services.portal.settings import PortalSettings
from shared.http.proxies import TrustedProxies
from shared.settings import complaints

KINDS = {"INTAKE": IntakeSettings, "PORTAL": PortalSettings}


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("", ""),
        ("10.0.0.5", "10.0.0.5"),
        (" 10.0.0.5, 192.0.2.0/24 ", "10.0.0.5,192.0.2.0/24"),
        ("2001:db8::1,2001:db8:1::/48", "2001:db8:1::/48"),
    ],
)
def test_addresses_and_networks_are_taken(written, understood):
    assert TypeAdapter(TrustedProxies).validate_python(written).endswith(understood)


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.1/8",
        "proxy.example",
        "10.0.0.5,",
        "10.0.0.5 10.0.0.6",
        ",",
    ],
)
@pytest.mark.parametrize("service", KINDS)
def test_what_would_believe_everybody_or_nobody_ends_the_start(monkeypatch, service, written):
    monkeypatch.setenv("INTAKE_ID_SECRET", "x" * 32)
    monkeypatch.setenv(f"{service}_TRUSTED_PROXIES", written)

    [said] = complaints([KINDS[service]])

    assert said.startswith(f"{service}_TRUSTED_PROXIES: Must be IP addresses or networks")
    with pytest.raises(ValidationError):
        TypeAdapter(TrustedProxies).validate_python(written)
