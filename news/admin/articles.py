"""Articles on their editorial way, beside the sources that they quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from editorial.admin import EditorialAdmin
from editorial.admin.forms import ContentForm
from editorial.services import Refused
from news.admin.claims import ClaimsField
from news.admin.columns import named
from news.admin.marking import marked
from news.claims import CLAIM_FIELDS, LINES, BadClaim, Claim
from news.models import Article, Correction, RawItem, Tag
from news.models.articles import catalogue_spellings
from news.services.correcting import note_correction

#: Items to choose from where an article belongs to no story: the newest.
MOST_OFFERED: Final = 60


class ArticleForm(ContentForm):
    """Sources are chosen among the story's items; claims quote those that are chosen, or were."""

    summary = ClaimsField(
        label=pgettext_lazy("news", "summary"),
        least=2 * LINES,
        help_text=_("Three lines in each language, each with the words of a source that carry it."),
    )
    key_facts = ClaimsField(
        label=_("key facts"), least=2, help_text=_("One to ten in each language, each with its quote.")
    )

    class Meta:
        model = Article
        fields: ClassVar[list[str]] = []
        widgets: ClassVar = {"sources": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = offered_items(self.instance)
        if "sources" in self.fields:
            chosen: Any = self.fields["sources"]
            rows = RawItem.objects.filter(pk__in=[item.pk for item in offered]).order_by("fetched_at", "pk")
            chosen.queryset = rows.select_related("source").defer("body", "text")
            chosen.label_from_instance = label_of
        spellings = catalogue_spellings()
        for name in CLAIM_FIELDS:
            if name in self.fields:
                field: Any = self.fields[name]
                field.label = capfirst(str(field.label))
                field.offer({item.pk: (label_of(item), item.text) for item in offered}, spellings)


def offered_items(article: Article) -> list[RawItem]:
    """What can be a source of it: its story's items and what it has; else the newest ones."""
    rows = RawItem.objects.select_related("source").defer("body").exclude(text="")
    if article.pk is None or article.story_id is None:
        own = [] if article.pk is None else [*rows.filter(articles=article)]
        return list({item.pk: item for item in [*own, *rows[:MOST_OFFERED]]}.values())
    found = [*rows.filter(articles=article), *rows.filter(story=article.story_id)]
    return sorted({item.pk: item for item in found}.values(), key=lambda item: (item.fetched_at, item.pk))


def label_of(item: RawItem) -> str:
    """Its number, source and title."""
    return f"{item.pk} · {item.source} · {Truncator(item.title or item.url).chars(60)}"


class CorrectionForm(forms.ModelForm):
    """What readers are told."""

    class Meta:
        model = Correction
        fields = ("text_en", "text_ko")
        widgets: ClassVar = dict.fromkeys(fields, forms.Textarea(attrs={"rows": 3}))


@admin.register(Article)
class ArticleAdmin(EditorialAdmin):
    form = ArticleForm
    change_form_template = "admin/news/article.html"
    list_display = ("titles", "category", *EditorialAdmin.work_columns)
    list_filter = (*EditorialAdmin.list_filter, "category", "stance", "tags__kind")
    search_fields = ("title_en", "title_ko", "slug")
    autocomplete_fields = ("tags",)
    readonly_fields = ("story", "summary_told", "key_facts_told")
    fieldsets = (
        (None, {"fields": (("title_en", "title_ko"), ("dek_en", "dek_ko"), "summary", "key_facts")}),
        (_("Body"), {"fields": ("body_en", "body_ko")}),
        (
            _("Sources and place"),
            {"fields": ("sources", ("category", "stance"), "tags", "slug", "story")},
        ),
    )

    class Media:
        css = {"all": ("css/admin/news.css",)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "sources":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where nothing can be edited, claims are read as sentences, not as the rows of a form."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        (name, told), *rest = self.fieldsets
        fields = [f"{one}_told" if one in CLAIM_FIELDS else one for one in told["fields"]]
        return [(name, {**told, "fields": fields}), *rest]

    @admin.display(description=pgettext_lazy("news", "summary"))
    def summary_told(self, article: Article) -> SafeString:
        return claims_told(article.summary)

    @admin.display(description=_("key facts"))
    def key_facts_told(self, article: Article) -> SafeString:
        return claims_told(article.key_facts)

    @admin.display(description=_("title"), ordering="title_en")
    def titles(self, article: Any) -> SafeString:
        """Both languages; what is missing shows as "—"."""
        return named(article.title_en or "—", article.title_ko or "—")

    # --- beside the form -----------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        article = self.get_object(request, object_id) if object_id else None
        context: dict[str, Any] = {**(extra_context or {})}
        if isinstance(article, Article):
            context |= {
                "beside": sources_beside(article),
                "corrections": article.corrections.select_related("by"),
                "flaws": article.refuse_move_words(),
                "show_save_and_add_another": False,
            }
        return super().changeform_view(request, object_id, form_url, context)

    # --- corrections -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.correct_view)
        return [path("<path:object_id>/correct/", view, name="news_article_correct"), *super().get_urls()]

    def correct_url(self, request: HttpRequest, work: Any) -> str:
        """To the corrections log; the text itself is unpublished, reopened and published again."""
        allowed = work.published_at and request.user.has_perm("news.publish_article")
        return reverse("admin:news_article_correct", args=[work.pk]) if allowed else ""

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        article = self._work(request, object_id)
        form = CorrectionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                note_correction(article, **form.cleaned_data, by=request.user, now=timezone.now())
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, gettext("Readers see the correction."), messages.SUCCESS)
                return HttpResponseRedirect(self._address(article))
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "media": self.media, "original": article, "form": form},
            **{"title": gettext("Tell readers of a correction"), "subtitle": str(article)},
            "work_url": self._address(article),
        }
        return TemplateResponse(
            request, "admin/editorial/move.html", context, status=409 if form.errors else 200
        )


def claims_told(rows: Any) -> SafeString:
    """Each sentence, and beneath it the words that carry it; "—" = none can be read."""
    claims = [claim for row in rows or [] if (claim := _read(row)) is not None]
    if not claims:
        return format_html("{}", "—")
    lines = format_html_join(
        "",
        '<li lang="{}">{}<br><span class="quiet">{} · <q>{}</q></span></li>',
        ((claim.lang, claim.text, claim.source, claim.quote) for claim in claims),
    )
    return format_html('<ol class="told">{}</ol>', lines)


def _read(row: Any) -> Claim | None:
    try:
        return Claim.from_dict(row)
    except BadClaim:
        return None


def sources_beside(article: Article) -> list[dict[str, Any]]:
    """Each source with its text, the quoted words marked with the claims that quote them, if any do."""
    labelled = list(labelled_claims(article))
    items = article.sources.select_related("source").defer("body").order_by("fetched_at", "pk")
    found = []
    for item in items:
        own = [(label, one) for label, one in labelled if one.source == item.pk]
        found.append({"item": item, "pieces": marked(item.text, own), "quoted": bool(own)})
    return found


def labelled_claims(article: Article) -> list[tuple[str, Claim]]:
    """("summary 1", claim) of each that can be read."""
    words: Mapping[str, str] = {"summary": gettext("line"), "key_facts": gettext("fact")}
    found = []
    for name in CLAIM_FIELDS:
        for number, row in enumerate(getattr(article, name) or [], 1):
            if (claim := _read(row)) is not None:
                found.append((f"{words[name]} {number}", claim))
    return found


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("__str__", "kind", "slug", "name_ko")
    list_filter = ("kind",)
    search_fields = ("slug", "name_en", "name_ko")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An article's tags are part of what was published."""
        return False
