"""The REST API of news, of the same kept answers as the pages: a list, and one article with its body."""

from collections.abc import Iterable
from typing import Final

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, part, part_asked, refuse_unknown, told
from aigo.lib.openapi import PAGING, ListedAnswer, ToldAnswer, WordsAnswer, several_parameter, text_parameter
from aigo.lib.problems import Problem
from news.filtering import CATEGORIES, MOST_TAGS, MOST_TYPED, STANCES, TAG_KINDS, NewsWish, Remedy
from news.kept import kept_article, kept_page
from news.models import Precision
from news.selectors.articles import ArticleFacts
from news.selectors.portal import wish_of

#: What an address may ask of articles.
FILTERS: Final = ("category", "tag", "stance", "q")
#: What a parameter may be where no list of values says so.
ACCEPTED: Final = {
    Remedy.TAG: "a tag of /news/topics/, as model:gpt-4.1",
    Remedy.FEWER: f"at most {MOST_TAGS} tags",
    Remedy.SHORTER: f"at most {MOST_TYPED} characters, without NUL",
}


class NewsSourceAnswer(serializers.Serializer):
    """A page or entry as it was fetched. Times are UTC; null = not stated."""

    url = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    site = serializers.CharField(help_text="Whose it is.")
    lang = serializers.CharField(allow_null=True, help_text="BCP 47.")
    published_at = serializers.DateTimeField(allow_null=True, help_text="As the source states it.")
    published_precision = serializers.ChoiceField(Precision.values, allow_null=True)
    fetched_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="Of the bytes as they were fetched.")


class ClaimAnswer(serializers.Serializer):
    """A sentence, and the words of a source that carry it."""

    text = serializers.CharField()
    quote = serializers.CharField(help_text="Word for word of the source, in its language.")
    source = NewsSourceAnswer()  # type: ignore[assignment]  # a field's own attribute of that name


class ClaimsAnswer(serializers.Serializer):
    """By language: each was written and checked by itself."""

    en = ClaimAnswer(many=True)
    ko = ClaimAnswer(many=True)


class NewsTagAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(TAG_KINDS)
    slug = serializers.CharField(help_text="Of a model, provider or suite its own.")
    name = WordsAnswer()
    url = serializers.CharField(help_text="The page of its articles.")
    simulated = serializers.BooleanField(help_text="A model or provider that is invented.")


class CorrectionAnswer(serializers.Serializer):
    at = serializers.DateTimeField()
    text = WordsAnswer()


class ArticleAnswer(serializers.Serializer):
    """A published article. Times are UTC."""

    slug = serializers.CharField()
    url = serializers.CharField(help_text="Its page.")
    title = WordsAnswer()
    standfirst = WordsAnswer(allow_null=True)
    category = serializers.ChoiceField(CATEGORIES)
    stance = serializers.ChoiceField(STANCES)
    first_published_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(
        help_text="Later than the first time where it had been withdrawn."
    )
    updated_at = serializers.DateTimeField(help_text="When it was published, or corrected since.")
    summary = ClaimsAnswer(help_text="Three lines in each language.")
    key_facts = ClaimsAnswer()
    tags = NewsTagAnswer(many=True)
    sources = NewsSourceAnswer(many=True)
    corrections = CorrectionAnswer(many=True, help_text="The newest first.")
    simulated = serializers.BooleanField(help_text="It tells of what is invented.")


class ArticleListAnswer(ListedAnswer):
    results = ArticleAnswer(many=True, help_text="The newest first.")


class BodyAnswer(serializers.Serializer):
    """HTML of a short allow-list; null = there is none in that language."""

    en = serializers.CharField(allow_null=True)
    ko = serializers.CharField(allow_null=True)


class ArticleDetailAnswer(ToldAnswer, ArticleAnswer):
    body = BodyAnswer()


class WithdrawnAnswer(serializers.Serializer):
    """A problem (RFC 9457) that says why readers do not see it any more."""

    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    slug = serializers.CharField()
    withdrawn_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_null=True)


class NewsListView(APIView):
    """Published articles, the newest first: every sentence with the words of a source that carry it."""

    @extend_schema(
        operation_id="news",
        parameters=[
            text_parameter("category", "Only of this category.", CATEGORIES),
            several_parameter(
                "tag",
                f"Only those tagged with one of these: <kind>:<slug>, as model:gpt-4.1; kinds are "
                f"{', '.join(TAG_KINDS)}. Joined by commas or repeated, {MOST_TAGS} at most.",
            ),
            text_parameter("stance", "Only facts, or only what contains opinion.", STANCES),
            text_parameter(
                "q",
                f"Words that must all occur in titles, standfirsts, summaries or tags of either language; "
                f"{MOST_TYPED} characters at most.",
            ),
            *PAGING,
        ],
        responses={200: ArticleListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        wish = wish_asked(request.query_params, also=("limit", "offset"))
        limit, offset = part_asked(request)
        kept = kept_page(wish, offset=offset, limit=limit, now=timezone.now())
        results = [ArticleFacts.to_json(article) for article in kept.value.articles]
        return json_answer(request, told(kept) | part(request, kept.value.count, results))


class ArticleView(APIView):
    """One article with its body. One that readers do not see any more is gone (410), with the reason."""

    @extend_schema(
        operation_id="news_article",
        responses={200: ArticleDetailAnswer, (410, "application/problem+json"): WithdrawnAnswer},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_article(slug, now=timezone.now())
        return json_answer(request, told(kept) | kept.value.told_whole())


def wish_asked(query: QueryDict, *, also: Iterable[str] = ()) -> NewsWish:
    """The wish of an address. also: other parameters that it may have. Raises Problem."""
    refuse_unknown(query, (*FILTERS, *also))
    asked = wish_of(dict(query.lists()))
    for refusal in asked.refused:
        raise Problem(refusal.name, refusal.value, refusal.accepted or ACCEPTED[refusal.remedy])
    return asked.wish.as_sought()
