"""PostgreSQL's own dictionary of accents (a trusted extension: whoever may create in the database may create it)."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("relays", "0005_people_and_disputes")]
    operations = [UnaccentExtension()]
