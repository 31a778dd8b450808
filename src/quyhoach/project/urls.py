"""The addresses that Django answers; the API, tiles and files are answered before it (project/asgi.py)."""

from django.urls import include, path

urlpatterns = [path("", include("quyhoach.apps.portal.urls"))]

handler400 = "quyhoach.apps.portal.views.bad_request"
handler404 = "quyhoach.apps.portal.views.not_found"
handler500 = "quyhoach.apps.portal.views.server_fault"
