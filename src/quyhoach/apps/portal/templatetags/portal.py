"""Tags of the portal's templates."""

import re
from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError, DjangoViteManifestError

register = template.Library()

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE).fullmatch


@register.simple_tag
def static_asset(name: str) -> str:
    """Address of a built file, by its source's name; empty where the web side has not been built."""
    try:
        return str(DjangoViteAssetLoader.instance().generate_vite_asset_url(name))
    except (DjangoViteManifestError, DjangoViteAssetNotFoundError):
        return ""


@register.simple_tag
def style_sheet(name: str) -> SafeString:
    """The link to a built style sheet; without a build the page stands unstyled, and still answers."""
    address = static_asset(name)
    return format_html('<link rel="stylesheet" href="{}">', address) if address else SafeString("")


@register.simple_tag
def swatch(colours: Mapping[str, str], function: str) -> SafeString:
    """A sample of a function's map colour; nothing where there is none."""
    colour = colours.get(function, "")
    if not _COLOUR(colour):
        return SafeString("")
    return format_html(
        '<svg class="swatch" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" fill="{}"/></svg>',
        colour,
    )
