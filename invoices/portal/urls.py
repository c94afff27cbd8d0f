"""The portal's pages about what: home, invoices, disputes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def home(request: HttpRequest) -> HttpResponse:
    """The first page."""
    return render(request, "base.html")


urlpatterns = [path("", home, name="home")]
