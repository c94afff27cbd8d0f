"""Delivery: archived invoices → handed over, by e-mail or on paper.

starting.py   a person says that a month may be delivered
due.py        what waits, and by which channel it goes
mailing.py    e-mails, one by one: claimed and committed, handed over, said to be sent
message.py    an invoice's rows → the e-mail
transports/   where e-mails are handed over: a folder, a mail server
unanswered.py an e-mail handed over whose answer never came; a person decides
bouncing.py   an e-mail that came back: it ends, the invoice goes on paper
sending_again.py  by e-mail or on paper, the same sealed file once more
paper.py      paper batches: claimed, then written to their folder
letters.py    sealed files → one PDF to print
whole.py      a file is whole on the disk, or not there
outcome.py    what became of a month
"""
