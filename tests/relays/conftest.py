"""The cast's browsers."""

from tests.browsers import accountant, clerk, employee, manager, owner, shop, stranger, support, visitor

__all__ = ["accountant", "clerk", "employee", "manager", "owner", "shop", "stranger", "support", "visitor"]
