"""Whether an invoice's lines and VAT totals add up: what its triggers ask."""

from django.db import migrations

ADDS_UP = '''
CREATE FUNCTION invoices_adds_up(checked bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    -- The sum of the lines is the net; each treatment's base is the sum of its lines; the VAT totals are the VAT.
    SELECT coalesce(
        i.net = (SELECT sum(net) FROM invoices_invoiceline WHERE invoice_id = checked)
        AND i.vat = (SELECT sum(vat) FROM invoices_vattotal WHERE invoice_id = checked)
        AND NOT EXISTS (
            SELECT 1
            FROM (SELECT category, rate, sum(net) AS net FROM invoices_invoiceline WHERE invoice_id = checked GROUP BY category, rate) l
            FULL JOIN (SELECT category, rate, base FROM invoices_vattotal WHERE invoice_id = checked) v USING (category, rate)
            WHERE l.net IS DISTINCT FROM v.base
        ), false)
    FROM invoices_invoice i WHERE i.id = checked
$$;
CREATE FUNCTION invoices_adds_up_so_far(checked bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    -- Born in this very transaction; what is there of lines and of VAT totals is all of them.
    SELECT i.issued_at = transaction_timestamp()
        AND i.net = coalesce((SELECT sum(net) FROM invoices_invoiceline WHERE invoice_id = checked), i.net)
        AND i.vat = coalesce((SELECT sum(vat) FROM invoices_vattotal WHERE invoice_id = checked), i.vat)
    FROM invoices_invoice i WHERE i.id = checked
$$;
'''


class Migration(migrations.Migration):
    dependencies = [("invoices", "0002_initial")]
    operations = [migrations.RunSQL(ADDS_UP, "DROP FUNCTION invoices_adds_up(bigint); DROP FUNCTION invoices_adds_up_so_far(bigint);")]
