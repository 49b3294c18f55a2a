"""Static files are collected anew when one of them, or what is made of them, has changed."""

from pathlib import Path
from typing import Any

import pytest

from aigo import collected


def test_files_are_collected_once_and_again_when_one_has_changed_or_it_was_not_completed(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "collected", [tmp_path / "own"]
    settings.STATIC_ROOT.mkdir()
    (tmp_path / "own").mkdir()
    script = tmp_path / "own" / "a.js"
    times, fails = [], False

    def collectstatic(*command: str, **options: Any) -> None:
        times.append(command)
        if fails:
            raise KeyboardInterrupt

    monkeypatch.setattr(collected, "call_command", collectstatic)

    def collected_after(text: str, *, name: Path = script) -> int:
        name.write_text(text)
        collected.collect()
        return len(times)

    assert [collected_after("one"), collected_after("one"), collected_after("two")] == [1, 1, 2]
    fails = True
    with pytest.raises(KeyboardInterrupt):
        collected_after("one")
    fails = False
    assert [collected_after("two"), collected_after("two")] == [4, 4]
    assert collected_after("two", name=script.with_name("b.js")) == 5
