"""One include per door."""

from django.contrib import admin
from django.contrib.auth import views
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("mot-de-passe/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path("mot-de-passe/choisi/", views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
