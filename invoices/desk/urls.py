"""The desk's pages: the month, support."""

from django.urls import include, path

urlpatterns = [
    path("mois/", include("invoices.desk.month_urls")),
    path("", include("invoices.desk.support_urls")),
]
