"""Reading what providers' official status pages say: one file per format, pure.

reading     what a page says, once read: PageReading and its parts; Unreadable
shape       the strict reader of JSON that names the place of what it did not expect
words       the vendors' words for states and impacts, and texts without markup
table       kind → which addresses are asked, and who reads the answers
"""
