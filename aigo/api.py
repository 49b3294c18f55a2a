"""The addresses of the REST API."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from aigo.lib.problems import not_found
from aigo.search_api import SearchView
from benchmarks.api import (
    CellScoresView,
    MatrixView,
    ScoreDetailView,
    ScoreListView,
    SuiteDetailView,
    SuiteListView,
)
from benchmarks.api.files import RecordsView, ScoreSheetView
from catalog.api import (
    ModelListView,
    PricingHistorySheetView,
    PricingHistoryView,
    PricingSheetView,
    PricingView,
    RateLimitListView,
)
from compare.api import CompareView, FrozenCompareView
from compare.cost_api import RequestCostSheetView, RequestCostView
from compare.value_api import ValueSheetView, ValueView
from news.api import ArticleView, NewsListView
from probes.api import ObservationCostView
from status.api import StatsHistoryView, StatsView, StatusView
from status.dashboard import DashboardView
from status.diagnose_api import DiagnoseView
from status.history_api import HistorySheetView, HistoryView, StatsHistorySheetView
from status.incidents_api import IncidentListView, IncidentView
from status.model_api import ModelDetailView
from status.official_api import DetectionLeadView
from status.providers_api import ProviderListView, ProviderView
from status.slo_api import ModelSloView, SloListView
from status.statuspage_api import PARTS, StatuspageView
from status.uptime_api import UptimeView

urlpatterns = [
    path("v1/status", StatusView.as_view(), name="api-status"),
    path("v1/stats", StatsView.as_view(), name="api-stats"),
    path("v1/stats/history", StatsHistoryView.as_view(), name="api-stats-history"),
    path("v1/stats/history.csv", StatsHistorySheetView.as_view(), name="api-stats-history-csv"),
    path("v1/dashboard", DashboardView.as_view(), name="api-dashboard"),
    path("v1/models", ModelListView.as_view(), name="api-models"),
    path("v1/models/<str:slug>", ModelDetailView.as_view(), name="api-model"),
    path("v1/models/<str:slug>/history", HistoryView.as_view(), name="api-model-history"),
    path("v1/models/<str:slug>/history.csv", HistorySheetView.as_view(), name="api-model-history-csv"),
    path("v1/diagnose", DiagnoseView.as_view(), name="api-diagnose"),
    path("v1/detection-lead", DetectionLeadView.as_view(), name="api-detection-lead"),
    path("v1/models/<str:slug>/slo", ModelSloView.as_view(), name="api-model-slo"),
    path("v1/slo", SloListView.as_view(), name="api-slo"),
    path("v1/benchmarks", MatrixView.as_view(), name="api-benchmarks"),
    path("v1/benchmarks/suites", SuiteListView.as_view(), name="api-suites"),
    path("v1/benchmarks/suites/<str:slug>", SuiteDetailView.as_view(), name="api-suite"),
    path("v1/benchmarks/suites/<str:suite>/<str:model>", CellScoresView.as_view(), name="api-cell"),
    path("v1/benchmarks/scores", ScoreListView.as_view(), name="api-scores"),
    path("v1/benchmarks/scores/<int:pk>", ScoreDetailView.as_view(), name="api-score"),
    path("v1/benchmarks.csv", ScoreSheetView.as_view(), name="api-benchmarks-csv"),
    path("v1/benchmarks/every-eval-ever.json", RecordsView.as_view(), name="api-benchmarks-records"),
    path("v1/pricing", PricingView.as_view(), name="api-pricing"),
    path("v1/pricing.csv", PricingSheetView.as_view(), name="api-pricing-csv"),
    path("v1/pricing/history", PricingHistoryView.as_view(), name="api-pricing-history"),
    path("v1/pricing/history.csv", PricingHistorySheetView.as_view(), name="api-pricing-history-csv"),
    path("v1/rate-limits", RateLimitListView.as_view(), name="api-rate-limits"),
    path("v1/compare", CompareView.as_view(), name="api-compare"),
    path("v1/compare/as-of/<str:token>", FrozenCompareView.as_view(), name="api-compare-as-of"),
    path("v1/incidents", IncidentListView.as_view(), name="api-incidents"),
    path("v1/incidents/<int:pk>", IncidentView.as_view(), name="api-incident"),
    path("v1/uptime", UptimeView.as_view(), name="api-uptime"),
    path("v1/providers", ProviderListView.as_view(), name="api-providers"),
    path("v1/providers/<str:slug>", ProviderView.as_view(), name="api-provider"),
    path("v1/value", ValueView.as_view(), name="api-value"),
    path("v1/value.csv", ValueSheetView.as_view(), name="api-value-csv"),
    path("v1/cost", RequestCostView.as_view(), name="api-cost"),
    path("v1/cost.csv", RequestCostSheetView.as_view(), name="api-cost-csv"),
    path("v1/search", SearchView.as_view(), name="api-search"),
    path("v1/news", NewsListView.as_view(), name="api-news"),
    path("v1/news/<slug:slug>", ArticleView.as_view(), name="api-article"),
    path("v1/observation-cost", ObservationCostView.as_view(), name="api-observation-cost"),
    *(path(f"v2/{part}.json", StatuspageView.as_view(part=part)) for part in PARTS),
    path("v1/schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    re_path(r"^(?P<path>.*)$", not_found),
]
