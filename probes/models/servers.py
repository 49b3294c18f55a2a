"""Servers that tell their own figures: self-hosted model servers and the hosts of POPs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Endpoint


class Server(models.Model):
    """A metrics address (Prometheus text) that is read every minute.

    `endpoint`: the endpoint this server serves; the requests per minute it counts are that endpoint's usage.
    `last_seen_at`: the last reading that succeeded, which is the newest sample; None before the first.
    `problem`: the kind of the last reading's failure (`probes.scraping.problems`), `error` its detail, both
    "" after a good one. `failures`: failed readings in a row.
    """

    class Kind(models.TextChoices):
        VLLM = "vllm", "vLLM"
        LLAMACPP = "llamacpp", "llama.cpp"
        TGI = "tgi", "TGI"
        NODE = "node", "node_exporter"
        DCGM = "dcgm", "DCGM exporter"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    host = models.CharField(
        max_length=120,
        blank=True,
        default="",
        help_text=_("Machine it runs on; servers of one machine make one card"),
    )
    kind = models.CharField(max_length=10, choices=Kind)
    # Not a URLField: that refuses names without a dot, which hosts of a private network have.
    metrics_url = models.CharField(
        max_length=300, unique=True, help_text=_("Address of its Prometheus text: http://gpu-1:8000/metrics")
    )
    token_env = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text=_("Name of the environment variable with its bearer token, ending in _METRICS_TOKEN"),
    )
    endpoint = models.ForeignKey(
        Endpoint,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="servers",
        limit_choices_to={"simulated": False},
        help_text=_("The endpoint it serves: its requests per minute are that endpoint's usage"),
    )
    enabled = models.BooleanField(default=True)
    last_tried_at = models.DateTimeField(null=True, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    problem = models.CharField(max_length=20, blank=True, default="", editable=False)
    error = models.CharField(max_length=300, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("server")
        verbose_name_plural = _("servers")
        ordering: ClassVar = ["name", "slug"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="server_kind_known", condition=Q(kind__in=["vllm", "llamacpp", "tgi", "node", "dcgm"])
            ),
            # Whoever sets this name has the variable's value sent to a server of theirs.
            models.CheckConstraint(
                name="server_token_is_one",
                condition=Q(token_env="") | Q(token_env__endswith="_METRICS_TOKEN"),  # noqa: S106 (a name)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServerSample(models.Model):
    """One good reading, kept for a day. `at` is UTC.

    `figures`: `probes.scraping.figures.Figures` as JSON. `counters`: what later readings are set against,
    None once it is too old for that.
    """

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="samples", db_index=False)
    at = models.DateTimeField()
    figures = models.JSONField()
    counters = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["server", "-at"]
        constraints: ClassVar = [models.UniqueConstraint("server", "at", name="sample_once_per_moment")]
        indexes: ClassVar = [
            # probes.services.scraping.prune_samples(): the oldest of all servers.
            models.Index(fields=["at"], name="sample_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.server_id} {self.at:%H:%M:%S}"
