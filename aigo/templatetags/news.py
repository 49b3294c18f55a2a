"""News on its pages: words for what is kept as keys, and what machines are told of an article."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from aigo.lib.moments import moment_text
from aigo.lib.site import absolute
from aigo.templatetags.head import data_script
from news.filtering import Refusal
from news.grouping.rules import METHOD_VERSION
from news.models import Article, Category, Stance, Tag
from news.selectors.articles import ClaimFacts, SourceFacts
from news.selectors.reading import ArticleView, Told, view_of
from news.wording import FILTER_WORDS, KIND_WORDS, LANGUAGE_WORDS, REFUSAL_WORDS

register = template.Library()


@register.filter
def category_label(key: str) -> str | Promise:
    """ "" = none (of a draft)."""
    return Category(key).label if key else ""


@register.filter
def stance_label(key: str) -> str | Promise:
    return Stance(key).label


@register.filter
def kind_label(kind: str) -> str | Promise:
    """Of a tag: "model"."""
    return Tag.Kind(kind).label


@register.filter
def kind_heading(kind: str) -> str | Promise:
    """Of many tags: "Models"."""
    return KIND_WORDS[kind]


@register.filter
def language_label(lang: str) -> str | Promise:
    """Of a source, BCP 47: its name where it is a language of ours, else the code."""
    return LANGUAGE_WORDS.get(lang.partition("-")[0].lower(), lang)


@register.simple_tag
def news_feed(name: str, query: str | None = None) -> str:
    """The address of a feed ("news-feed" or "news-json-feed") of these articles, in the page's language."""
    language = get_language() or settings.LANGUAGE_CODE
    said = urlencode({"lang": language} if language != settings.LANGUAGES[0][0] else {})
    asked = "&".join(filter(None, (query, said)))
    return f"{reverse(name)}{'?' if asked else ''}{asked}"


@register.filter
def refusal_remedy(refusal: Refusal) -> str:
    """What would be accepted, in the reader's language."""
    return str(REFUSAL_WORDS[refusal.remedy]) % {"values": ", ".join(refusal.accepted)}


@register.filter
def filter_label(name: str) -> str | Promise:
    return FILTER_WORDS.get(name, name)


@register.filter
def told_here(view: ArticleView) -> Told:
    """What the reader's language has of it."""
    return view.told["ko" if (get_language() or "en").startswith("ko") else "en"]


@register.filter
def told_elsewhere(view: ArticleView) -> Told:
    """What the other language has of it."""
    return view.told["en" if (get_language() or "en").startswith("ko") else "ko"]


@register.filter
def first_line(view: ArticleView) -> str:
    """Of its summary, for previews of links; "" = it has none."""
    return next((line.text for line in told_here(view).summary), "")


@register.filter
def stated_at(source: SourceFacts) -> str:
    """As exactly as the source says when it was published: "2026-11-21" or "2026-11-21 12:00 UTC"."""
    if source.published_at is None:
        return ""
    return written(source.published_at, day_only=source.precision == "day")


@register.filter
def moment_written(moment: datetime | None) -> str:
    return "—" if moment is None else written(moment)


def written(moment: datetime, *, day_only: bool = False) -> str:
    """UTC, as everywhere on the site."""
    return moment.strftime("%Y-%m-%d" if day_only else "%Y-%m-%d %H:%M UTC")


@register.simple_tag
def source_number(view: ArticleView, claim: ClaimFacts) -> int:
    """Of the source that carries it, as the list of sources counts."""
    return view.number_of(claim.source)


@register.simple_tag
def article_view(work: Article) -> ArticleView:
    """An article that is not published, as readers will see it."""
    return view_of(work)


@register.simple_tag
def grouping_version() -> str:
    """Of the method that put its items together."""
    return METHOD_VERSION


@register.simple_tag
def article_data(view: ArticleView) -> SafeString:
    """The article as schema.org names it; data, which no browser runs."""
    return data_script(data_of(view, "ko" if (get_language() or "en").startswith("ko") else "en"))


def data_of(view: ArticleView, lang: str) -> dict[str, Any]:
    """NewsArticle, in the language of the page."""
    told = view.told[lang]
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": absolute(view.card.url),
        "headline": told.title or view.card.title.told(lang),
        "description": told.dek,
        "abstract": " ".join(line.text for line in told.summary),
        "inLanguage": lang,
        "articleSection": str(category_label(view.card.category)),
        "keywords": [tag.name.told(lang) for tag in view.card.tags],
        "isAccessibleForFree": True,
        "publisher": {"@type": "Organization", "name": "AI-GO", "url": absolute("/")},
        "author": {"@type": "Organization", "name": "AI-GO", "url": absolute("/")},
        "publishingPrinciples": absolute(f"{reverse('methodology')}#stories"),
        "citation": [_cited(source) for source in view.sources if source.url],
        "isBasedOn": [source.url for source in view.sources if source.url],
    }
    if view.first_at:
        about["datePublished"] = moment_text(view.first_at)
        about["dateModified"] = moment_text(view.updated_at or view.first_at)
    if view.corrections:
        about["correction"] = [
            {
                "@type": "CorrectionComment",
                "text": row.text.told(lang),
                "datePublished": moment_text(row.at),
            }
            for row in view.corrections
        ]
    return {name: value for name, value in about.items() if value not in ("", [])}


def _cited(source: SourceFacts) -> dict[str, Any]:
    cited = {
        "@type": "CreativeWork",
        "name": source.title or source.url,
        "url": source.url,
        "author": source.author,
        "inLanguage": source.lang,
        "datePublished": "",
    }
    if source.published_at:
        whole = source.precision == "instant"
        cited["datePublished"] = (
            moment_text(source.published_at) if whole else f"{source.published_at:%Y-%m-%d}"
        )
    return {name: value for name, value in cited.items() if value}
