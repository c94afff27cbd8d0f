"""What a relay says of an invoice: it contests it, and an exchange follows; or it accepts it, in words or by silence.

delay.py       until when an invoice may be contested
contesting.py  a relay contests
"""
