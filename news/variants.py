"""Words by which makers tell the models of a family apart. Pure.

Each reader of names adds its own: a list that is right for all of them would be wrong for each. "Opus" is a
family's name to the fact check and another model to the tags; "small" is a word unless it follows a name.
"""

from typing import Final

VARIANTS: Final = frozenset(
    """mini nano pro flash lite turbo max ultra coder vision thinking preview embed embedding
    """.split()  # noqa: SIM905  # read as words
)
