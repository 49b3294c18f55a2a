"""Marking texts of pure modules, which know no Django, for translation."""


def gettext_noop(text: str) -> str:
    """The text as it is; `manage.py translations extract` finds it by this name."""
    return text
