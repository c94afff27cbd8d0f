"""The desk's first door, for what: looking, the legal sentences, holding a relay's month, unanswered e-mails."""

from invoices.admin import deliveries, holding, invoices, looking, mentions

__all__ = ["deliveries", "holding", "invoices", "looking", "mentions"]
