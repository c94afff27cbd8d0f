"""The desk's pages: the month, support."""

from django.urls import include, path

from invoices.desk import letterhead

urlpatterns = [
    path("mois/", include("invoices.desk.month_urls")),
    path("papier/", letterhead.letterhead, name="letterhead"),
    path("", include("invoices.desk.support_urls")),
]
