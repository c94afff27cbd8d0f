"""Addresses of the month's pages, below /bureau/mois/."""

from django.urls import path

from invoices.desk import month

urlpatterns = [
    path("", month.latest, name="month"),
    path("projet/<int:draft_id>.pdf", month.sample, name="sample"),
    path("<str:name>/", month.month, name="month_of"),
    path("<str:name>/approuver/", month.approve, name="approve"),
    path("<str:name>/en-cours/", month.live, name="live"),
    path("<str:name>/reessayer/", month.retry, name="retry"),
    path("<str:name>/retenir/", month.hold, name="hold"),
    path("<str:name>/laisser-passer/<int:hold_id>/", month.let_go, name="let_go"),
    path("<str:name>/<str:act>/", month.ask, name="ask"),
]
