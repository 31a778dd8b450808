"""The pages over a small release that is really built, answered by Django's test client."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quyhoach.project.settings")

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def lookup(built: Path) -> object:
    from quyhoach.lookup import Lookup
    from quyhoach.release.opened import open_release
    from quyhoach.release.switch import current_release, release_path

    return Lookup(open_release(release_path(built, current_release(built) or "")))


@pytest.fixture
def portal(lookup: object) -> Iterator[object]:
    """A client of the pages; they read the small release, and it is 22/11/2026."""
    import django
    from django.test import Client

    from quyhoach.apps.portal import provider

    django.setup()
    provider.set_provider(lambda: lookup, clock=lambda: TODAY)  # type: ignore[arg-type, return-value]
    yield Client(raise_request_exception=False)
    provider.set_provider(provider._no_release)
