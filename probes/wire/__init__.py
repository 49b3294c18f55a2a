"""One HTTP exchange on a cold connection, timed to the microsecond: a small client of our own.

`loop` turns, `resolver` and `route` find addresses, `dialing` opens a socket, `connection` carries bytes
(through `tls` where asked), `http` frames them, `exchange` puts these together, `clock` says when bytes
arrived, `phases` keeps the times, `errors` names what can go wrong.
Why our own: docs/adr/0008-own-transport.md.
"""
