"""Who may do what: one table, read as the specification. Groups are made from it by migration.

A permission is "<app>.<codename>"; a whole app's models are named "<app>.*" or one action on all of
them "<app>.view_*". Permissions of apps that come later are granted as soon as they exist.

Editorial work has three rights more than other models: submit, approve, publish (editorial.workflow).
Authors write and submit their own; editors change, submit and approve everything, but what they wrote;
publishers publish, schedule and unpublish.
"""

from fnmatch import fnmatchcase

READER, AUTHOR, EDITOR, PUBLISHER, OPERATOR = "Reader", "Author", "Editor", "Publisher", "Operator"

ROLES: dict[str, tuple[str, ...]] = {
    READER: (),
    AUTHOR: (
        "catalog.view_*",
        "news.view_*", "news.add_*", "news.submit_*",
        "benchmarks.view_*", "benchmarks.add_score", "benchmarks.submit_*",
    ),
    EDITOR: (
        "catalog.view_*", "catalog.change_*",
        "news.view_*", "news.add_*", "news.change_*", "news.submit_*", "news.approve_*",
        "benchmarks.view_*", "benchmarks.add_*", "benchmarks.change_*",
        "benchmarks.submit_*", "benchmarks.approve_*",
    ),
    PUBLISHER: ("catalog.*", "news.*", "benchmarks.*", "status.view_*", "status.change_*"),
    OPERATOR: ("aigo.*", "editorial.*_apikey", "probes.*", "status.*", "catalog.view_*", "catalog.change_*"),
}  # fmt: skip
#: Roles that work in the Django admin.
STAFF_ROLES = (AUTHOR, EDITOR, PUBLISHER, OPERATOR)


def grants(role: str, permission: str) -> bool:
    """True where the role's patterns name the permission: Author adds an article, but deletes none."""
    return any(fnmatchcase(permission, pattern) for pattern in ROLES[role])
