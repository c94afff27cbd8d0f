"""The portal's pages about who: the mandate, e-mail or paper, requests."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
