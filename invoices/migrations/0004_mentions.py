"""The legal sentences in force today. The CIBS replaces the CGI's articles on 1 January 2027 (ord. 2025-1247, 2026-671);
references to the CGI are tolerated until 30 June 2028, so staff add the new sentences with their day before then."""

import datetime as dt
from typing import Any

from django.db import migrations

FROM = dt.date(2000, 1, 1)
MENTIONS = {
    "self_billing": "Autofacturation : facture établie par {operator} au nom et pour le compte de {relay}, en vertu du mandat donné par ce dernier.",
    "operation": "Prestation de services.",
    "franchise": "TVA non applicable, art. 293 B du CGI",
    "vat_on_debits": "Option pour le paiement de la taxe d’après les débits.",
    "penalties": "En cas de retard de paiement : pénalités au taux annuel de {rate} %, exigibles sans rappel (art. L441-10 du code de commerce).",
    "indemnity": "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 € (art. D441-5 du code de commerce).",
    "discount": "Pas d’escompte pour paiement anticipé.",
    "vat_liability": "Le point relais reste redevable de la TVA mentionnée sur cette facture et responsable de ses obligations de facturation.",
}


def make(apps: Any, schema_editor: Any) -> None:
    for code, text in MENTIONS.items():
        apps.get_model("invoices", "Mention").objects.get_or_create(code=code, applies_from=FROM, defaults={"text": text})


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("invoices", "Mention").objects.filter(applies_from=FROM).delete()


class Migration(migrations.Migration):
    dependencies = [("invoices", "0003_adding_up")]
    operations = [migrations.RunPython(make, remove)]
