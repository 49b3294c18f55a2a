"""Price, quality and speed in words, as JSON and as rows of a sheet, each with where it is from."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from aigo.lib.writing import dollars
from catalog.citing import blended_provenance, price_provenance
from compare.reasons import reason_text
from compare.value.points import LEFT, Point, Speed, Value

Words = str | Promise
PRICE_WORDS: Final[dict[str, Words]] = {
    "blended": _("Blended rate"),
    "input": pgettext_lazy("price", "Input"),
    "output": pgettext_lazy("price", "Output"),
}
SPEED_WORDS: Final[dict[str, Words]] = {
    "": _("Not asked for"),
    "tokens": _("Tokens per second"),
    "ttft": _("Time to first token"),
    "p95": _("95th percentile of latency"),
}
SPEED_UNITS: Final = {"tokens": "tokens/s", "ttft": "ms", "p95": "ms"}
#: Why a model has no point, as part of a sentence after a number.
LEFT_WORDS: Final[dict[str, Words]] = {
    "not_served": _("sold by nobody in the catalogue"),
    "no_price": _("without a price that a source states"),
    "free": _("listed free of charge, which has no place on an axis of ratios"),
    "filtered": _("left out by the filters of provider and price band"),
}
_AMOUNTS: Final = {"input": "input_usd_per_mtok", "output": "output_usd_per_mtok"}
_NO_INFERENCE: Final = _("Only reachability is measured here, and that is no speed of a model.")


def price_about(point: Point, which: str) -> Provenance | None:
    """Who states the price."""
    offer = point.line.offer
    row = offer.standard if which == "blended" else offer.stating(_AMOUNTS[which])
    if row is None:
        return None
    if which == "blended":
        return blended_provenance(row, simulated=point.simulated)
    return price_provenance(row, simulated=point.simulated, name=_AMOUNTS[which])


def why_slow(speed: Speed) -> str:
    """Why there is no speed, one sentence; "" = there is one."""
    if not speed.missing:
        return ""
    return str(_NO_INFERENCE) if speed.missing == "no_inference" else reason_text(speed.missing, {})


def left_words(value: Value) -> list[tuple[int, Words]]:
    """(how many models have no point, why), those of any."""
    return [(value.left[reason], LEFT_WORDS[reason]) for reason in LEFT if value.left[reason]]


def key_words(value: Value, name: Words) -> dict[str, Words]:
    """What the line and, with a speed, the filled points stand for."""
    found: dict[str, Words] = {
        "line": format_lazy(_("On the line: no model shown is both cheaper and better in {name}."), name=name)
    }
    if value.wish.speed:
        found["filled"] = format_lazy(
            _("Filled: no measured model shown is cheaper, better in {name} and faster at once."), name=name
        )
    return found


def point_words(point: Point, value: Value, name: Words) -> list[str]:
    """What one reads who points at it: whose, its figures, where these are from."""
    whose = [point.model.name, point.line.provider_name]
    if point.simulated:
        whose.append(gettext("simulated"))
    quality, speed = point.quality, point.speed
    figures = [
        f"{dollars(point.price)} {PRICE_WORDS[value.wish.price]}",
        f"{quality.written}{quality.unit} {name}",
    ]
    if speed:
        unit = SPEED_UNITS[value.wish.speed]
        figures.append(f"{speed.written} {unit}" if speed.written else gettext("speed not measured"))
    about, scored = price_about(point, value.wish.price), quality.provenance
    sources = [f"{about.source_name} ({about.seen_at:%Y-%m-%d})"] if about and about.seen_at else []
    if quality.suites:
        used, of, _elsewhere = quality.suites
        sources.append(gettext("%(used)s of %(of)s suites") % {"used": used, "of": of})
    elif scored:
        sources.append(str(scored.source_name))
    if quality.apart:
        sources.append(gettext("another setting") + (f": {quality.setting}" if quality.setting else ""))
    return [" · ".join(whose), " · ".join(figures), *sources]


def value_json(value: Value, name: str) -> dict[str, Any]:
    """What the whole says of itself. `name`: of the quality."""
    wish = value.wish
    return {
        "simulated": value.simulated,
        "quality": {
            "kind": "composite" if value.mix else "suite",
            "slug": value.mix.slug if value.mix else value.suite,
            "name": name,
            "unit": value.unit or None,
            "higher_is_better": value.higher,
            "settings": wish.settings,
        },
        "price": {"kind": wish.price, "unit": "USD per million tokens"},
        "speed": {"kind": wish.speed, "unit": SPEED_UNITS[wish.speed], "region": wish.region}
        if wish.speed
        else None,
        "offers": wish.offers,
        "counts": {
            "models_with_a_score": value.scored,
            "models_drawn": value.drawn,
            "left_out": dict(value.left),
            "points": len(value.points),
            "points_of_another_setting": value.apart,
            "points_without_speed": value.unmeasured,
            "on_front": len(value.on_front),
        },
    }


def point_json(point: Point, value: Value) -> dict[str, Any]:
    """One point. Money is a decimal string."""
    quality, about = point.quality, price_about(point, value.wish.price)
    return {
        "endpoint": point.line.slug,
        "model": point.model.slug,
        "name": point.model.name,
        "creator": point.model.creator,
        "provider": point.line.provider,
        "simulated": point.simulated,
        "open_weights": point.model.open_weights,
        "on_front": point.on_front,
        "on_front_without_speed": point.on_line,
        "price_usd_per_mtok": _plain(point.price),
        "quality": quality.value,
        "quality_setting": quality.setting or None,
        "quality_comparable": not quality.apart,
        "quality_suites": None
        if quality.suites is None
        else dict(zip(("used", "of", "in_another_setting"), quality.suites, strict=True)),
        "score": quality.score_id,
        "speed": point.speed.value if point.speed else None,
        "speed_missing": (point.speed.missing or None) if point.speed else None,
        "provenance": {
            "price": about.to_json() if about else None,
            "quality": quality.provenance.to_json() if quality.provenance else None,
            "speed": point.speed.provenance.to_json() if point.speed and point.speed.provenance else None,
        },
    }


def sheet_rows(value: Value, name: str) -> Iterator[dict[str, Any]]:
    """A row for each point, the front first."""
    for point in value.points:
        price, quality, speed = price_about(point, value.wish.price), point.quality, point.speed
        scored = quality.provenance
        measured = speed.provenance if speed else None
        yield {
            "model": point.model.slug,
            "name": point.model.name,
            "creator": point.model.creator_name,
            "endpoint": point.line.slug,
            "provider": point.line.provider_name,
            "simulated": int(point.simulated),
            "on_front": int(point.on_front),
            "price_kind": value.wish.price,
            "price_usd_per_mtok": _plain(point.price),
            "price_source": str(price.source_name) if price else "",
            "price_source_url": price.source_url if price else "",
            "price_read_at": moment_text(price.seen_at) if price else "",
            "quality": name,
            "quality_value": quality.written,
            "quality_unit": quality.unit,
            "quality_setting": quality.setting,
            "quality_comparable": int(not quality.apart),
            "quality_source": str(scored.source_name or scored.note) if scored else "",
            "quality_source_url": scored.source_url if scored else "",
            "speed_kind": value.wish.speed,
            "speed": speed.value if speed else None,
            "speed_unit": SPEED_UNITS.get(value.wish.speed, ""),
            "speed_region": value.wish.region if speed else "",
            "speed_samples": measured.samples if measured else None,
            "speed_last_sample_at": moment_text(measured.last_at) if measured else "",
            "speed_missing": why_slow(speed) if speed else "",
        }


def _plain(price: Any) -> str:
    """Without zeros at the end."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
