"""The cache's table: rate limits count in it, for all processes. Unlogged: after a crash it may start empty."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("selfbilling", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE selfbilling_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamp with time zone NOT NULL
            );
            CREATE INDEX selfbilling_cache_expires ON selfbilling_cache (expires);
            """,
            "DROP TABLE selfbilling_cache",
        )
    ]
