"""The portal's pages about who: invitations, the mandate, e-mail or paper, requests."""

from django.urls import URLPattern, path

from relays.portal import joining

urlpatterns: list[URLPattern] = [
    path("invitation/<str:secret>/", joining.join, name="join"),
]
