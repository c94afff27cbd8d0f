"""A person who logs in: shopkeeper, accountant, clerk, billing manager, support."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonManager(BaseUserManager["Person"]):
    """Makes persons; Django's createsuperuser calls it too."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person. email: the login, compared without regard to case. password: None means no login by password."""
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with that e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone with a login; which relays they act for, and as what, is said elsewhere (many-to-many, with a role)."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter the admin."))
    is_demo = models.BooleanField(
        _("demonstration login"), default=False, editable=False, help_text=_("A printed login; refused where ALLOW_DEMO is not set.")
    )
    date_joined = models.DateTimeField(_("account since"), default=timezone.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_person_per_email")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """The name to show, or the e-mail address."""
        return self.name or self.email
