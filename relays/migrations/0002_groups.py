"""The groups of staff; what each may do is given with the pages that need it."""

from typing import Any

from django.db import migrations

GROUPS = ("clerks", "billing", "support")


def make(apps: Any, schema_editor: Any) -> None:
    for name in GROUPS:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [("relays", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make, remove)]
