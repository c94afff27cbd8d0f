"""Who outside vouches for our seals: how often the timestamp authorities were asked, and when the seal's certificates end."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class TimestampAuthority(models.Model):
    """How a timestamp authority of the settings stands: shared by all processes, so that none asks too often."""

    name = models.CharField(_("name"), max_length=40, unique=True, help_text=_("as in the settings"))
    asked = models.PositiveBigIntegerField(_("requests so far"), default=0)
    closed_until = models.DateTimeField(_("paused until"), null=True, help_text=_("it failed, so nobody asks it before"))
    why = models.TextField(_("what it said"), blank=True)

    class Meta:
        verbose_name = _("timestamp authority")
        verbose_name_plural = _("timestamp authorities")

    def __str__(self) -> str:
        return self.name


class TimestampRequest(models.Model):
    """One of the last requests to an authority with a quota: as many as the quota allows in a period, the older ones are gone."""

    authority = models.ForeignKey(
        TimestampAuthority, verbose_name=_("timestamp authority"), on_delete=models.PROTECT, related_name="requests"
    )
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("request of a timestamp")
        verbose_name_plural = _("requests of timestamps")
        constraints: ClassVar = [models.UniqueConstraint(fields=["authority", "number"], name="a_request_is_counted_once")]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"


class SealCertificate(models.Model):
    """A certificate that the settings have for sealing, as a process with the key saw it; its end is announced once a stage."""

    sha256 = models.CharField(_("certificate"), max_length=64, unique=True, help_text=_("SHA-256 of the certificate"))
    name = models.CharField(_("name"), max_length=200)
    ends = models.DateTimeField(_("ends on"))
    announced = models.PositiveSmallIntegerField(_("announced"), null=True, help_text=_("days before the end, of the last announcement"))

    class Meta:
        verbose_name = _("seal's certificate")
        verbose_name_plural = _("seal's certificates")

    def __str__(self) -> str:
        return self.name
