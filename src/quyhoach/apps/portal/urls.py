"""The addresses of the public pages."""

from django.urls import path

from quyhoach.apps.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.map_page, name="map"),
    path("tra-cuu", views.text_page, name="text"),
]
