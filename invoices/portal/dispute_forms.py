"""Forms of a contest: what is wrong with an invoice, a reply, a file; and an invoice that did not arrive."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoices.models import Invoice, InvoiceLine
from invoices.templatetags import figures
from selfbilling.files import CheckedFile

WHOLE = "whole"
_MOST = 10_000_000  # units


class Message(forms.Form):
    """Something to say, with or without a file."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Write your message.")},
    )
    file = CheckedFile(
        label=gettext_lazy("A file, if you have one"),
        help_text=gettext_lazy("A PDF or a photo (JPEG, PNG), 10 MB at most."),
        required=False,
        error_messages={
            "empty": gettext_lazy("This file is empty."),
            "invalid": gettext_lazy("This file did not arrive. Choose it again."),
        },
    )


class Contest(Message):
    """What is wrong: which line or the whole, which quantity is right, why."""

    line = forms.ChoiceField(
        label=gettext_lazy("What is wrong?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a line, or the whole invoice."),
            "invalid_choice": gettext_lazy("Choose a line, or the whole invoice."),
        },
    )
    claimed_quantity = forms.IntegerField(
        label=gettext_lazy("Which quantity is right?"),
        help_text=gettext_lazy("Of that line, if you know it. For example: 632"),
        required=False,
        min_value=0,
        max_value=_MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("Write a whole number, for example 632."),
            "min_value": gettext_lazy("Write a number that is not below zero."),
            "max_value": gettext_lazy("This number is too large."),
        },
    )
    field_order = ("line", "claimed_quantity", "text", "file")

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {str(line.position): line for line in invoice.lines.order_by("position")}
        line = self.fields["line"]
        assert isinstance(line, forms.ChoiceField)
        line.choices = [*((position, _said(one)) for position, one in self.lines.items()), (WHOLE, _("The whole invoice"))]
        self.fields["text"].label = _("Why?")
        self.fields["text"].help_text = _("The days, the parcels, what you counted: the more exact, the sooner we can answer.")
        self.fields["text"].error_messages["required"] = _("Say why: a sentence or two will do.")

    @property
    def line_id(self) -> int | None:
        """The line that is contested; None: the whole invoice."""
        chosen = self.lines.get(self.cleaned_data["line"])
        return chosen.pk if chosen else None

    def clean(self) -> dict[str, Any]:
        """A quantity belongs to a line, and differs from its own."""
        cleaned = super().clean() or {}
        quantity, line = cleaned.get("claimed_quantity"), self.lines.get(cleaned.get("line", ""))
        if quantity is not None and cleaned.get("line") == WHOLE:
            self.add_error("claimed_quantity", _("Choose the line that this quantity belongs to."))
        if quantity is not None and line is not None and quantity == line.quantity:
            self.add_error("claimed_quantity", _("This is the quantity that stands on the invoice already."))
        return cleaned


class NotReceived(forms.Form):
    """Which invoice did not arrive."""

    number = forms.ChoiceField(
        label=gettext_lazy("Which invoice?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the invoice that did not arrive."),
            "invalid_choice": gettext_lazy("Choose the invoice that did not arrive."),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("Anything that helps us find out why"),
        help_text=gettext_lazy("You may leave this empty."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, invoices: list[Invoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["number"]
        assert isinstance(number, forms.ChoiceField)
        number.choices = [
            (one.number, f"{figures.month(one.period).capitalize()}, {figures.amount(one.gross)} ({one.number})") for one in invoices
        ]


def _said(line: InvoiceLine) -> str:
    if line.tariff_set_id is None:
        return f"{line.label} ({figures.amount(line.net)})"
    return f"{line.label} ({figures.count(line.quantity)}\u00a0×\u00a0{figures.price(line.unit_price)})"
