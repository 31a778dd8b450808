"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The public pages."""

    name = "quyhoach.apps.portal"
    label = "portal"
