"""The newsroom.

stories    the inbox: what belongs together, to draft, dismiss, split or merge
articles   articles on their editorial way, beside their sources
claims     the fields of claims, with what the fact check says of each
marking    a source's text with the quoted words marked
"""

from news.admin.articles import ArticleAdmin, TagAdmin
from news.admin.stories import StoryAdmin

__all__ = ["ArticleAdmin", "StoryAdmin", "TagAdmin"]
