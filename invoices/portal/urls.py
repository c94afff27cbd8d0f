"""The portal's pages about what: home, invoices, files, disputes."""

from django.urls import path

from invoices.portal import disputes, files, home, listing, not_received, page

urlpatterns = [
    path("", home.home, name="home"),
    path("factures/", listing.mine, name="invoices"),
    path("factures/zip/", files.zip_of_all, name="zip"),
    path("factures/csv/", files.table_of_all, name="table"),
    path("factures/<slug:number>/", page.invoice, name="invoice"),
    path("factures/<slug:number>.pdf", files.pdf, name="pdf"),
    path("factures/<slug:number>.xml", files.xml, name="xml"),
    path("factures/<slug:number>/contester/", disputes.contest, name="contest"),
    path("factures/<slug:number>/contestation/", disputes.dispute, name="dispute"),
    path("factures/<slug:number>/contestation/fichiers/<int:pk>/", disputes.file, name="dispute_file"),
    path("factures/<slug:number>/accepter/", disputes.accept, name="accept"),
    path("relais/<slug:code>/demandes/facture-non-recue/", not_received.not_received, name="not_received"),
    path("relais/<slug:code>/", home.home_of, name="relay"),
    path("relais/<slug:code>/factures/", listing.of_relay, name="invoices"),
    path("relais/<slug:code>/factures/zip/", files.zip_of_relay, name="zip"),
    path("relais/<slug:code>/factures/csv/", files.table_of_relay, name="table"),
]
