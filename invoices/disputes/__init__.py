"""What a relay says of an invoice: it contests it, and an exchange follows; or it accepts it, in words or by silence.

delay.py       until when an invoice may be contested
contesting.py  a relay contests, and replies
files.py       a file that comes with it: what it truly is
deciding.py    the desk answers, asks, grants, refuses
accepting.py   accepted by the relay, or tacitly
exchange.py    contests with what was said
handing_out.py a file of an exchange, given back
telling.py     letters to the desk and to the relay
turns.py       one of these at a time
"""
