"""What one invoice costs: `make bench`. No product code imports this room."""
