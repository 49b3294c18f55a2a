"""Every address of the site; the API's are in aigo/api.py, the sockets' and streams' in aigo/asgi.py."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django_prometheus.exports import ExportToDjangoView

from aigo import feeds as site_feeds
from aigo import operations, search_views, views
from benchmarks import export_views, score_views
from benchmarks import views as benchmark_views
from catalog import feeds as price_feeds
from catalog import views as price_views
from compare import cost_views, frozen_views, keeping_views, value_views
from compare import export_views as compare_files
from compare import views as compare_views
from editorial import views as editorial_views
from news import feeds as news_feeds
from news import views as news_views
from probes import views as probe_views
from status import (
    board_views,
    card_views,
    chart_views,
    diagnose_views,
    feeds,
    incident_views,
    model_views,
    provider_views,
    saved_views,
    state_views,
    subscribing,
)
from status import views as status_views

#: One way to sign in, throttled; second factors later stand there too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "AI-GO"
handler500 = "aigo.views.server_error"

urlpatterns = [
    path("", board_views.board, name="status"),
    path("status/rows", board_views.rows, name="status-rows"),
    path("status/about/<str:slug>", board_views.about, name="status-about"),
    path("status/top", card_views.top, name="status-top"),
    path("status/counts", card_views.counts, name="status-counts"),
    path("status/state/<str:slug>", state_views.state, name="status-state"),
    path("events/subscription", status_views.subscription, name="subscription"),
    path("incidents/", incident_views.incidents, name="incidents"),
    path("incidents/open", incident_views.incidents_open, name="incidents-open"),
    path("incidents/feed.atom", feeds.incidents, name="incidents-feed"),
    path("incidents/<int:pk>/", incident_views.incident, name="incident"),
    path("incidents/<int:pk>/story", incident_views.incident_story, name="incident-story"),
    path("charts/history/<str:slug>", chart_views.history_chart, name="history-chart"),
    path("models/<str:slug>/", model_views.model, name="model"),
    path("models/<str:slug>/<str:tab>/", model_views.model, name="model-tab"),
    path("providers/", provider_views.providers, name="providers"),
    path("providers/<str:slug>/", provider_views.provider, name="provider"),
    path("views/", saved_views.save, name="view-save"),
    path("views/<int:pk>/delete", saved_views.forget, name="view-delete"),
    path("subscriptions/", subscribing.subscribe, name="subscribe"),
    path("subscriptions/asked/", subscribing.asked, name="subscription-asked"),
    path("subscriptions/confirm/<str:token>/", subscribing.confirm, name="subscription-confirm"),
    path("subscriptions/manage/<str:token>/", subscribing.manage, name="subscription-manage"),
    path("subscriptions/end/<str:token>/", subscribing.end, name="subscription-end"),
    path("is-it-me/", diagnose_views.is_it_me, name="is-it-me"),
    path("pricing/", price_views.pricing, name="pricing"),
    path("pricing/feed.atom", price_feeds.pricing, name="pricing-feed"),
    path("calendar.ics", price_feeds.calendar, name="price-calendar"),
    path("pricing/<str:slug>/", price_views.price, name="price"),
    path("servers/", status_views.servers, name="servers"),
    path("servers/cards", status_views.servers_cards, name="servers-cards"),
    path("servers/refresh", status_views.servers_refresh, name="servers-refresh"),
    path("benchmarks/", benchmark_views.benchmarks, name="benchmarks"),
    path("benchmarks/export.<str:form>", export_views.export, name="benchmarks-export"),
    path("benchmarks/rows", benchmark_views.rows, name="benchmark-rows"),
    path("benchmarks/scores/<int:pk>/", score_views.score, name="benchmark-score"),
    path("benchmarks/<slug:slug>/", score_views.suite, name="benchmark-suite"),
    path("benchmarks/<slug:slug>/<str:model>/", score_views.cell, name="benchmark-cell"),
    path("compare/", compare_views.compare, name="compare"),
    path("cost/", cost_views.cost, name="cost"),
    path("compare/value/", value_views.value, name="value"),
    path("compare/freeze", keeping_views.freeze_figures, name="compare-freeze"),
    path("compare/saved/", keeping_views.save, name="compare-save"),
    path("compare/saved/<int:pk>/delete", keeping_views.forget, name="compare-forget"),
    path("compare/about/<int:place>/<str:line>", compare_views.about, name="compare-about"),
    path("compare/export.<str:form>", compare_files.export, name="compare-export"),
    path("compare/preview.png", compare_files.preview, name="compare-preview"),
    path("compare/as-of/<slug:token>/", frozen_views.as_of, name="compare-as-of"),
    path(
        "compare/as-of/<slug:token>/export.<str:form>",
        compare_files.export_frozen,
        name="compare-frozen-export",
    ),
    path(
        "compare/as-of/<slug:token>/preview.png", compare_files.preview_frozen, name="compare-frozen-preview"
    ),
    path("compare/as-of/<slug:token>/about/<int:place>/<str:line>", frozen_views.about),
    path("news/", news_views.news, name="news"),
    path("news/feed.atom", news_feeds.atom, name="news-feed"),
    path("news/feed.json", news_feeds.json_feed, name="news-json-feed"),
    path("news/topics/", news_views.topics, name="news-topics"),
    path("news/topics/<slug:kind>/<str:slug>/", news_views.topic, name="news-topic"),
    path("news/<slug:slug>/", news_views.article, name="news-article"),
    path("methodology/", views.methodology, name="methodology"),
    path("search/", search_views.search, name="search"),
    path("search/suggest", search_views.suggest, name="search-suggest"),
    path("maintenance.ics", status_views.maintenance_calendar, name="maintenance-calendar"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("operations/", views.operations, name="operations"),
    path("operations/reload", views.reload_open_pages, name="operations-reload"),
    path("operations/job", views.operate_job, name="operations-job"),
    path("operations/store/", views.store, name="operations-store"),
    path("operations/events/", operations.events, name="operations-events"),
    path("operations/notices/", operations.notices, name="operations-notices"),
    path("operations/events/letter", operations.operate_letter, name="operations-letter"),
    path("operations/cost/", probe_views.cost, name="operations-cost"),
    path("operations/slo/", status_views.error_budgets, name="operations-slo"),
    path("accounts/", include("allauth.urls")),
    path("admin/editorial/", admin.site.admin_view(editorial_views.queue), name="editorial-queue"),
    path("admin/", admin.site.urls),
    path("preview/<str:token>/", editorial_views.preview, name="editorial-preview"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("aigo.api")),
    path("robots.txt", site_feeds.robots, name="robots"),
    path("sitemap.xml", site_feeds.sitemap, name="sitemap"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", ExportToDjangoView, name="metrics"),
]
