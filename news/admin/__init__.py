"""The newsroom.

sources    where news is read, and how that goes
items      what was fetched, as it was fetched
stories    the inbox: what belongs together, to draft, dismiss, split or merge
articles   articles on their editorial way, beside their sources
claims     the fields of claims, with what the fact check says of each
marking    a source's text with the quoted words marked
"""

from news.admin.articles import ArticleAdmin, TagAdmin
from news.admin.items import RawItemAdmin
from news.admin.sources import HostRulesAdmin, NewsSourceAdmin
from news.admin.stories import StoryAdmin

__all__ = ["ArticleAdmin", "HostRulesAdmin", "NewsSourceAdmin", "RawItemAdmin", "StoryAdmin", "TagAdmin"]
