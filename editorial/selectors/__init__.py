"""Reading editorial work.

works      what work there is, who wrote it, what happened to it
revisions  its versions and what differs between them
told       what readers learn of a work's way
queues     what waits for whom: the same rows on the queue page, in the lists it links to and in the menu
"""

from editorial.selectors.queues import (
    MOST_URGENT,
    QUEUES,
    Queue,
    Section,
    overdue,
    queue_sections,
    waiting,
    waiting_total,
)
from editorial.selectors.revisions import (
    Change,
    Version,
    changes_between,
    changes_since,
    content_at,
    content_shown,
    versions_of,
)
from editorial.selectors.told import PublicStep, public_steps
from editorial.selectors.works import (
    editorial_models,
    name_of,
    of_work,
    right_name,
    steps_of,
    writers_of,
)

__all__ = [
    "MOST_URGENT",
    "QUEUES",
    "Change",
    "PublicStep",
    "Queue",
    "Section",
    "Version",
    "changes_between",
    "changes_since",
    "content_at",
    "content_shown",
    "editorial_models",
    "name_of",
    "of_work",
    "overdue",
    "public_steps",
    "queue_sections",
    "right_name",
    "steps_of",
    "versions_of",
    "waiting",
    "waiting_total",
    "writers_of",
]
