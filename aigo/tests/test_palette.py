"""The charts' colours are told apart by everybody: three kinds of colour blindness, greyscale, both themes.

Simulation: Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB; distances: CIE 1976 in CIELAB.
"""

import itertools
import re

import numpy as np
import pytest
from django.conf import settings

SIGHTS = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
#: Clearly apart: more than twice what a careful eye sees side by side, and steps of grey that print shows.
LEAST_DISTANCE = 11.0
LEAST_GREY = 4.0


def linear(colour):
    value = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def tokens(name, theme):
    text = (settings.BASE_DIR / "static" / "css" / f"{name}.css").read_text()
    dark, light = text.split(':root[data-theme="light"]')
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark if theme == "dark" else light))


def colours(theme):
    found = list(tokens("palette", theme).values())
    assert len(found) == 5
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_colours_look_alike(theme, sight):
    seen = [lab(np.array(SIGHTS[sight]) @ linear(colour)) for colour in colours(theme)]
    least = min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2))
    assert least >= LEAST_DISTANCE


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_two_colours_are_the_same_grey(theme):
    greys = sorted(float(lab(linear(colour))[0]) for colour in colours(theme))
    assert min(upper - lower for lower, upper in itertools.pairwise(greys)) >= LEAST_GREY


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("ground", ["ground", "surface"])
def test_every_colour_stands_out_from_what_is_behind_it(theme, ground):
    behind = tokens("tokens", theme)[ground]
    assert min(contrast(colour, behind) for colour in colours(theme)) >= 3.0  # WCAG 1.4.11
