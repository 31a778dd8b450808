"""Django's settings. The public pages need no database, no accounts and no sessions.

Environment variables (docs/reference/settings.md):
QUYHOACH_PUBLIC_URL     address under which people reach the site; then links in previews are absolute
QUYHOACH_ALLOWED_HOSTS  host names answered to, by comma; default: all, as no page repeats the host it was asked by
QUYHOACH_SECRET_KEY     by default a new one at each start, as nothing that is signed outlives a process
"""

import os
import secrets
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

DEBUG = False
SECRET_KEY = os.environ.get("QUYHOACH_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("QUYHOACH_ALLOWED_HOSTS", "*").split(",") if host.strip()]
PUBLIC_URL = os.environ.get("QUYHOACH_PUBLIC_URL", "").rstrip("/")

INSTALLED_APPS = ["django_vite", "quyhoach.apps.portal"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "quyhoach.apps.portal.headers.SecurityHeaders",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
]
ROOT_URLCONF = "quyhoach.project.urls"
DATABASES: dict[str, dict[str, object]] = {}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"string_if_invalid": ""},
    }
]

# Words come from standard/messages: one catalogue for all. Django's own translations are not used.
USE_I18N = False
LANGUAGE_CODE = "vi"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
APPEND_SLASH = False

STATIC_URL = "/static/"
DJANGO_VITE = {"default": {"manifest_path": PACKAGE / "web_dist" / "manifest.json", "static_url_prefix": "/static"}}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
