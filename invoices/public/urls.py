"""Pages for anyone: verifying a file, help."""

from django.shortcuts import render
from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("verifier/", lambda request: render(request, "base.html"), name="verify"),
    path("aide/", TemplateView.as_view(template_name="invoices/public/help.html"), name="help"),
]
