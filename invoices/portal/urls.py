"""The portal's pages about what: home, invoices, files, disputes."""

from django.urls import path

from invoices.portal import files, home, listing, page

urlpatterns = [
    path("", home.home, name="home"),
    path("factures/", listing.mine, name="invoices"),
    path("factures/zip/", files.zip_of_all, name="zip"),
    path("factures/csv/", files.table_of_all, name="table"),
    path("factures/<slug:number>/", page.invoice, name="invoice"),
    path("factures/<slug:number>.pdf", files.pdf, name="pdf"),
    path("factures/<slug:number>.xml", files.xml, name="xml"),
    path("relais/<slug:code>/", home.home_of, name="relay"),
    path("relais/<slug:code>/factures/", listing.of_relay, name="invoices"),
    path("relais/<slug:code>/factures/zip/", files.zip_of_relay, name="zip"),
    path("relais/<slug:code>/factures/csv/", files.table_of_relay, name="table"),
]
