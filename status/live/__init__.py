"""Live push: the board, as it changes, for every open page.

frames     what travels, and its bytes for each kind of wire
source     what the board's frames hold
wires      how bytes leave: straight to our server's transport, or as messages to any ASGI server
audience   the listeners of one event loop
hub        one thread per process that follows the event log
asking     what an address or a message asks for
doors      who may come in, and who it is
control    messages between processes: reload, sign-out, subscriptions
"""
