"""One include per door."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

admin.site.site_header = admin.site.site_title = settings.OPERATOR["name"]
admin.site.index_title = _("Administration")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "selfbilling.doors.malformed"
handler500 = "selfbilling.doors.failed"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("compte/", include("relays.portal.account_urls")),
    path("compte/", include("allauth.urls")),
    path("", include(("invoices.portal.urls", "portal"))),
    path("", include(("relays.portal.urls", "relay"))),
    path("", include(("invoices.public.urls", "public"))),
    path("bureau/", include(("invoices.desk.urls", "desk"))),
    path("langue/", set_language, name="set_language"),
    path("mot-de-passe/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path("mot-de-passe/choisi/", views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
