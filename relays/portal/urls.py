"""The portal's pages about who: invitations, the mandate, e-mail or paper, requests."""

from django.urls import URLPattern, path

from relays.portal import by_email, joining, mandate, requests
from relays.portal.asking import of_my_shop

urlpatterns: list[URLPattern] = [
    path("invitation/<str:secret>/", joining.join, name="join"),
    path("mandat/", of_my_shop("relay:mandate"), name="mandate"),
    path("demandes/", of_my_shop("relay:requests"), name="requests"),
    path("relais/<slug:code>/email/", by_email.by_email, name="by_email"),
    path("relais/<slug:code>/mandat/", mandate.mandate, name="mandate"),
    path("relais/<slug:code>/mandat/<int:mandate_id>.pdf", mandate.copy, name="mandate_copy"),
    path("relais/<slug:code>/mandat/<int:mandate_id>/scan/", mandate.scan, name="mandate_scan"),
    path("relais/<slug:code>/demandes/", requests.requests, name="requests"),
    path("relais/<slug:code>/demandes/coordonnees/", requests.details, name="details"),
]
