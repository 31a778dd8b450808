"""Server settings: defaults, garbage refused by name, each documented."""

from pathlib import Path

import pytest

from quyhoach.api.settings import SETTINGS, ServerSettings, read_settings
from quyhoach.domain.errors import UsageError


def test_defaults_hold_when_nothing_is_set() -> None:
    settings = read_settings({})
    assert settings.rate == 100
    assert not settings.read_only
    assert settings.releases == Path("releases")
    assert [str(network) for network in settings.exempt] == ["127.0.0.0/8", "::1/128"]
    assert set(SETTINGS) == set(ServerSettings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUYHOACH_READ_ONLY", "maybe"),
        ("QUYHOACH_RATE", "-1"),
        ("QUYHOACH_RATE", "nan"),
        ("QUYHOACH_RATE", "many"),
        ("QUYHOACH_RATE_BURST", "0"),
        ("QUYHOACH_RATE_EXEMPT", "10.0.0.0/99"),
        ("QUYHOACH_TRUSTED_PROXIES", "proxy.example"),
        ("QUYHOACH_PROXY_HEADER", "x forwarded"),
        ("QUYHOACH_POLL_SECONDS", "0"),
        ("QUYHOACH_REHASH_HOURS", "inf"),
    ],
)
def test_setting_is_refused_by_name_when_it_is_garbage(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings({name: value})
    assert caught.value.code == "setting-invalid"
    assert caught.value.params["name"] == name


def test_every_setting_is_on_the_reference_page_with_its_default(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "settings.md").read_text("utf-8")
    for setting in SETTINGS.values():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{setting.name}`")), "")
        assert f"`{setting.default}`" in row or not setting.default, setting.name
