"""The inbox: what belongs together, to draft, to dismiss and take back, to split and merge."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.imported import ReadOnlyAdmin
from editorial.services import Refused
from news.admin.claims import number_of
from news.admin.columns import ListedByName, moment_column, named
from news.claims import LANGUAGES
from news.models import RawItem, Story
from news.services.drafting import Drafted, NotDrafted, draft_article, items_of, tags_of
from news.services.inbox import NotDecided, dismiss_story, take_back_story
from news.services.regrouping import Refused as Regrouped
from news.services.regrouping import merge_stories, split_story
from news.wording import LANGUAGE_WORDS


class WaitingFilter(admin.SimpleListFilter):
    """The inbox, where nothing else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Story.State.choices, ("all", _("all"))]

    def value(self) -> str:
        return super().value() or Story.State.INBOX.value

    def choices(self, changelist: Any) -> Any:
        return [one for one in super().choices(changelist) if one["query_string"] != "?"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Story]) -> QuerySet[Story]:
        return queryset if self.value() == "all" else queryset.filter(state=self.value())


@admin.register(Story)
class StoryAdmin(ListedByName, ReadOnlyAdmin):
    list_display = ("lead", "number", "items_told", moment_column("last_at", _("last item")), "state")
    list_display_links = ("lead",)
    list_filter = (WaitingFilter, "items__source")
    search_fields = ("items__title",)
    date_hierarchy = "last_at"
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/news/story.html"

    class Media:
        css = {"all": ("css/admin/news.css",)}

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The inbox has one state: it is told where several stand in one list."""
        columns = [*super().get_list_display(request)]
        return columns if request.GET.get("state") == "all" else columns[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Story]:
        items = RawItem.objects.defer("body", "text").select_related("source").order_by("fetched_at", "pk")
        found: QuerySet[Story] = super().get_queryset(request)
        return found.annotate(told=Count("items")).prefetch_related(Prefetch("items", items, "in_order"))

    @admin.display(description=_("first item"))
    def lead(self, story: Any) -> SafeString:
        """What was fetched first, and who else tells it."""
        first = story.in_order[0] if story.in_order else None
        names = dict.fromkeys(str(item.source) for item in story.in_order)
        return named((first.title or first.url) if first else "—", ", ".join(names))

    @admin.display(description=pgettext_lazy("story", "number"), ordering="pk")
    def number(self, story: Any) -> int:
        """What other stories are merged into it by."""
        return int(story.pk)

    @admin.display(description=_("items"), ordering="told")
    def items_told(self, story: Any) -> int:
        return int(story.told)

    # --- one story -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def named(name: str, view: Any) -> URLPattern:
            made: URLPattern = path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"news_story_{name}",
            )
            return made

        return [
            named("draft", self.draft_view),
            named("dismiss", self.dismiss_view),
            named("take_back", self.take_back_view),
            named("split", self.split_view),
            named("merge", self.merge_view),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Its items with their texts, what they would be tagged with, and what can be done."""
        story = self._story(request, object_id)
        readable = items_of(story)
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "media": self.media, "original": story, "story": story},
            "title": str(readable[0] if readable else story),
            "items": story.items.select_related("source").defer("body").order_by("fetched_at", "pk"),
            "readable": {item.pk for item in readable},
            "tags": tags_of(readable),
            "articles": story.articles.all(),
            "may_draft": request.user.has_perm("news.add_article"),
            "may_decide": request.user.has_perm("news.change_story"),
            "languages": [LANGUAGE_WORDS[lang] for lang in LANGUAGES],
            "work_url": "",
        }
        return TemplateResponse(request, self.change_form_template, context)

    def draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the new draft, or to the one that is there."""
        story = self._story(request, object_id)
        try:
            article, made = draft_article(story, by=request.user, now=timezone.now())
        except Drafted as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
            article = refusal.article
        except (NotDrafted, Refused) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._address(story))
        else:
            self.message_user(
                request, gettext("A draft is begun. Read it against its sources."), messages.SUCCESS
            )
            for reason in made.why:
                self.message_user(
                    request, gettext("The endpoint’s summary was refused: %s") % reason, messages.WARNING
                )
            if made.missing:
                names = ", ".join(str(LANGUAGE_WORDS[lang]) for lang in made.missing)
                self.message_user(request, gettext("Missing: the summary in %s.") % names, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:news_article_change", args=[article.pk]))

    def dismiss_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        story = self._decided(request, object_id)
        try:
            dismiss_story(story, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
        except NotDecided as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._address(story))
        self.log_change(request, story, gettext("dismissed"))
        self.message_user(request, gettext("The story is dismissed."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:news_story_changelist"))

    def take_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        story = self._decided(request, object_id)
        try:
            take_back_story(story)
        except NotDecided as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.log_change(request, story, gettext("taken back into the inbox"))
            self.message_user(request, gettext("The story is in the inbox again."), messages.SUCCESS)
        return HttpResponseRedirect(self._address(story))

    def split_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the new story of the chosen items."""
        story = self._decided(request, object_id)
        chosen = [number_of(typed) for typed in request.POST.getlist("item")]
        try:
            made = split_story(
                story, RawItem.objects.filter(pk__in=chosen).only("pk"), by=request.user, now=timezone.now()
            )
        except Regrouped as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._address(story))
        self.log_change(request, story, gettext("split: story %d") % made.pk)
        self.message_user(request, gettext("The chosen items are a story of their own."), messages.SUCCESS)
        return HttpResponseRedirect(self._address(made))

    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the story that this one's items are in now."""
        story = self._decided(request, object_id)
        target = Story.objects.filter(pk=number_of(request.POST.get("into", ""))).first()
        try:
            if target is None or target.pk == story.pk:
                raise Regrouped(gettext("Give the number of another story."))
            merge_stories([story], target, by=request.user, now=timezone.now())
        except Regrouped as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._address(story))
        self.log_change(request, story, gettext("merged into story %d") % target.pk)
        self.message_user(request, gettext("Its items are in this story now."), messages.SUCCESS)
        return HttpResponseRedirect(self._address(target))

    def _address(self, story: Story) -> str:
        return reverse("admin:news_story_change", args=[story.pk])

    def _story(self, request: HttpRequest, object_id: str) -> Story:
        story: Story | None = self.get_object(request, unquote(object_id))
        if story is None:
            raise Http404
        if not self.has_view_permission(request, story):
            raise PermissionDenied
        return story

    def _decided(self, request: HttpRequest, object_id: str) -> Story:
        story = self._story(request, object_id)
        if not request.user.has_perm("news.change_story"):
            raise PermissionDenied
        return story
