"""The desk's first door, for what: looking, the legal sentences, and holding a relay's month."""

from invoices.admin import holding, invoices, looking, mentions

__all__ = ["holding", "invoices", "looking", "mentions"]
