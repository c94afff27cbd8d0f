"""Pages for anyone: verifying a file, help."""

from django.shortcuts import render
from django.urls import path

urlpatterns = [
    path("verifier/", lambda request: render(request, "base.html"), name="verify"),
    path("aide/", lambda request: render(request, "base.html"), name="help"),
]
