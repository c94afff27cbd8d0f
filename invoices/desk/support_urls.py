"""Addresses of support's pages, below /bureau/."""

from django.urls import path

from invoices.desk import disputes, support, support_deliveries, support_people, support_requests

urlpatterns = [
    path("support/", support.support, name="support"),
    path("relais/<slug:code>/", support.relay, name="relay"),
    path("relais/<slug:code>/personnes/<int:person_id>/deux-etapes/", support_people.second_factor, name="second_factor"),
    path("contestations/", disputes.disputes, name="disputes"),
    path("contestations/<int:pk>/", disputes.dispute, name="dispute"),
    path("contestations/fichiers/<int:pk>/", disputes.file, name="dispute_file"),
    path("demandes/", support_requests.requests, name="requests"),
    path("demandes/<int:pk>/", support_requests.one, name="request"),
    path("factures/<slug:number>/renvoyer/", support_deliveries.send_again, name="send_again"),
    path("livraisons/<int:pk>/retour/", support_deliveries.bounce, name="bounce"),
]
