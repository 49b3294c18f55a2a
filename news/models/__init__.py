"""Where news comes from, what was fetched, what belongs together, and what is written of it."""

from news.models.articles import Article, ArticleQuerySet, Correction, Stance, Tag
from news.models.grouping import GroupingTurn, ItemKey, Regrouping
from news.models.raw import JoinedBy, Precision, RawItem
from news.models.sources import Category, HostRules, ListedItem, NewsSource, Problem, SourceKind
from news.models.stories import Story

__all__ = [
    "Article",
    "ArticleQuerySet",
    "Category",
    "Correction",
    "GroupingTurn",
    "HostRules",
    "ItemKey",
    "JoinedBy",
    "ListedItem",
    "NewsSource",
    "Precision",
    "Problem",
    "RawItem",
    "Regrouping",
    "SourceKind",
    "Stance",
    "Story",
    "Tag",
]
