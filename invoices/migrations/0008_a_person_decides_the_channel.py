"""What waits to be delivered may be put on paper, or be sent again by e-mail, by a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0007_people_and_disputes")]
    operations = [
        migrations.AddField(
            model_name="due",
            name="channel",
            field=models.CharField(
                blank=True,
                choices=[("email", "e-mail"), ("paper", "Paper")],
                default="",
                help_text="of a delivery: as a person decided; empty: as fixed at issue",
                max_length=5,
            ),
            preserve_default=False,
        ),
    ]
