"""Billing sees how the timestamp authorities stand, and when the seal's certificates end."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SEEN = ["view_timestampauthority", "view_sealcertificate"]


def grant(apps: Any, schema_editor: Any) -> None:
    create_permissions(installed.get_app_config("invoices"), verbosity=0, apps=apps)
    group = apps.get_model("auth", "Group").objects.get(name="billing")
    group.permissions.add(*apps.get_model("auth", "Permission").objects.filter(codename__in=SEEN, content_type__app_label="invoices"))


def revoke(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("auth", "Group").objects.get(name="billing")
    group.permissions.remove(*group.permissions.filter(codename__in=SEEN))


class Migration(migrations.Migration):
    dependencies = [("invoices", "0015_levels_of_seals")]
    operations = [migrations.RunPython(grant, revoke)]
