"""What a source's licence lets one do with its figures."""

import pytest

from benchmarks.services.importing import licence_class


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("licence", "known"),
    [
        ("MIT", "open"),
        ("Apache-2.0", "open"),
        ("CC-BY-4.0", "open"),
        ("CC BY 4.0", "open"),
        ("CC-BY-NC-4.0", "non_commercial"),
        ("CC BY-NC 4.0", "non_commercial"),
        ("see source repository", "unstated"),
        ("no licence file", "unstated"),
        ("", "unstated"),
    ],
)
def test_only_a_named_licence_is_open(licence: str, known: str) -> None:
    assert licence_class(licence) == known
