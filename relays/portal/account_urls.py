"""/compte/: our own pages before django-allauth's; some of allauth's have no use here."""

from django.urls import path
from django.views.generic import RedirectView

from relays.portal import account, link

urlpatterns = [
    path("", account.account, name="account"),
    path("lien/", link.ask, name="ask_for_link"),
    path("lien/envoye/", link.sent, name="sign_in_link_sent"),
    path("lien/<str:token>/", link.use, name="sign_in_by_link"),
    # An address is what one was invited at: it is neither added nor confirmed here, and nobody signs up.
    path("email/", RedirectView.as_view(pattern_name="account")),
    path("confirm-email/", RedirectView.as_view(pattern_name="account")),
    path("confirm-email/<path:key>/", RedirectView.as_view(url="/compte/")),
    path("signup/", RedirectView.as_view(pattern_name="account_login")),
]
