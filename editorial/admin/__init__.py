"""The admin of editorial work: `class ScoreAdmin(EditorialAdmin)` has it all.

works    the base of such pages: state, buttons, lock, versions and trail above and below the form
forms    what people fill in: the content itself, a move's reason or moment, who reviews
filters  the lists' filters; the same queues as the queue page
bulk     the moves as actions of a list
keys     API keys
"""

from editorial.admin.keys import ApiKeyAdmin
from editorial.admin.works import EditorialAdmin

__all__ = ["ApiKeyAdmin", "EditorialAdmin"]
