"""How leads are written: on the page of incidents, in sentences, and in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aigo.templatetags.leads import lead_length, lead_sentence, lead_signed
from probes.tests.factories import NOW, make_endpoint
from status.leads import MonthlyLeads, lead_of, month_of, monthly_leads
from status.models import DetectionLead
from status.rules.leads import Typical
from status.services import match_official
from status.tests.test_leads import after, make_incident, make_official, make_page

#: What these pages read is tested on every database where it is read.
pytestmark = pytest.mark.only_on("sqlite")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(None, "—"), (0, "0 s"), (-65, "−1 min 5 s"), (65.4, "+1 min 5 s"), (7200, "+2 h"), (0.4, "0 s")],
)
def test_a_lead_is_written_with_its_sign(seconds: float | None, written: str):
    assert lead_signed(seconds) == written
    assert lead_length(seconds) == written.lstrip("+−")


def figures(simulated: bool, typical: Typical | None = None, **counts: int) -> MonthlyLeads:
    verdicts = {verdict.value: counts.get(verdict.value, 0) for verdict in DetectionLead.Verdict}
    return MonthlyLeads(month_of(NOW), "", simulated, typical, verdicts)


def test_the_section_tells_both_sides_misses_and_marks_what_is_simulated():
    rows = [figures(False), figures(True, Typical(3, 240, 175, 305), us=2, together=1, we_missed=4)]
    page = render_to_string("status/_detection_lead.html", {"leads": rows})
    assert page.count("data-simulated") == 1
    assert "+4 min" in page
    assert "between +2 min 55 s and +5 min 5 s" in page
    assert "—" in page
    assert '<div data-verdict="we_missed"><dt>we did not see it</dt><dd><span class="traced"' in page
    assert '<span class="figure__number" data-value>4</span>' in page
    with translation.override("ko"):
        assert "중앙값" in render_to_string("status/_detection_lead.html", {"leads": rows})


def test_simulated_figures_are_left_out_where_there_are_none():
    page = render_to_string("status/_detection_lead.html", {"leads": [figures(False), figures(True)]})
    assert page.count('class="leads__month"') == 1


@pytest.mark.django_db
def test_an_incidents_lead_is_one_sentence_and_the_admin_links_both_sides(client: Client):
    endpoint = make_endpoint()
    incident, official = make_incident(endpoint), make_official(make_page(endpoint))
    match_official(now=after(7))
    sentence = lead_sentence(lead_of([incident.pk])[incident.pk])
    assert sentence == "AI-GO detected it 4 min before the official page said anything (± 1 min 5 s)."
    client.force_login(User.objects.create_superuser("op", "op@example.org", "pw"))
    page = client.get(reverse("admin:status_detectionlead_changelist")).content.decode()
    assert "+240 s ± 65 s" in page
    assert reverse("admin:status_incident_change", args=[incident.pk]) in page
    assert reverse("admin:status_officialincident_change", args=[official.pk]) in page
    row = DetectionLead.objects.get()
    assert client.post(reverse("admin:status_detectionlead_delete", args=[row.pk])).status_code == 403


@pytest.mark.django_db
def test_the_admins_queries_do_not_grow_with_leads(client: Client, django_assert_max_num_queries: Any):
    client.force_login(User.objects.create_superuser("op", "op@example.org", "pw"))
    for number in range(8):
        endpoint = make_endpoint(f"p{number}", f"m{number}")
        make_incident(endpoint)
        make_official(make_page(endpoint))
    match_official(now=after(7))
    assert monthly_leads(month_of(NOW))
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:status_detectionlead_changelist"))
