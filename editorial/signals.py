"""What editorial work announces to the apps whose work it is.

Both are sent inside the move's transaction with sender=the work's class, work= and step= (editorial.models.
Step: its move, source, target, by, by_name, at, reason). What a receiver raises undoes the move; raise a
`editorial.services.Refused` where a person is to read why.
"""

from django.dispatch import Signal

#: The move is allowed and about to be saved: `work` still has its old state. Superseding belongs here.
moving = Signal()
#: The move is saved. Events for readers belong here, on commit.
moved = Signal()
#: The content was edited and saved; step.move is "edit".
edited = Signal()
