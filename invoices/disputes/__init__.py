"""What a relay says of an invoice: it contests it, and an exchange follows; or it accepts it, in words or by silence.

delay.py       until when an invoice may be contested
contesting.py  a relay contests, and replies
deciding.py    the desk answers, asks, grants, refuses
accepting.py   accepted by the relay, or tacitly
exchange.py    contests with what was said
telling.py     letters to the desk and to the relay
turns.py       one of these at a time
"""
