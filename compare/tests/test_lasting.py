"""What was frozen stays, whatever way a row is written: the databases' own rule."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from compare.models import FrozenComparison
from probes.tests.factories import NOW

pytestmark = pytest.mark.django_db

CHANGES: list[dict[str, Any]] = [
    {"body": {}},
    {"made_at": NOW + timedelta(days=1)},
    {"address": "models=bee"},
    {"token": "x"},
    {"content_hash": "y"},
]


def test_nothing_of_a_frozen_comparison_changes():
    row = FrozenComparison.objects.create(
        token="a2b3c4d5e6f7", content_hash="0" * 64, body={"version": 1}, made_at=NOW, address="models=ant"
    )
    for change in CHANGES:
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            FrozenComparison.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(ProtectedError):
        row.delete()
