"""What each group of staff may do in the admin: no more than it needs."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

WHO = ["view_relay", "view_identity", "view_vatregime", "view_mandate", "view_mandatetext", "view_optin"]
WHAT = [
    "view_invoice", "view_invoiceline", "view_vattotal", "view_document", "view_delivery", "view_paperbatch",
    "view_adjustment", "view_held", "view_hold",
]  # fmt: skip
MAY = {
    "clerks": WHO,
    "support": [*WHO, *WHAT, "view_journalentry"],
    "billing": [
        *WHO, *WHAT, "view_run", "view_due", "view_tariffset", "view_mention", "add_mention", "add_hold", "delete_hold", "view_journalentry",
        "view_timestampauthority", "view_sealcertificate",
    ],
}  # fmt: skip


def grant(apps: Any, schema_editor: Any) -> None:
    for label in ("relays", "invoices", "selfbilling"):
        create_permissions(installed.get_app_config(label), verbosity=0, apps=apps)
    for name, codenames in MAY.items():
        group = apps.get_model("auth", "Group").objects.get(name=name)
        permissions = apps.get_model("auth", "Permission").objects.filter(
            codename__in=codenames, content_type__app_label__in=("relays", "invoices", "selfbilling")
        )
        group.permissions.set(permissions)


def revoke(apps: Any, schema_editor: Any) -> None:
    for name in MAY:
        apps.get_model("auth", "Group").objects.get(name=name).permissions.clear()


class Migration(migrations.Migration):
    dependencies = [("invoices", "0004_mentions"), ("relays", "0002_groups"), ("selfbilling", "0002_cache"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(grant, revoke)]
