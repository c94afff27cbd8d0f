"""Pages for anyone: verifying a file, help."""

from django.urls import path
from django.views.generic import TemplateView

from invoices.public import kept, verifying

urlpatterns = [
    path("verifier/", verifying.verify, name="verify"),
    path("v/<uuid:token>/", kept.kept, name="token"),
    path("aide/", TemplateView.as_view(template_name="invoices/public/help.html"), name="help"),
]
