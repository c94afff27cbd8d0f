"""The desk's pages: the month, support."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
