"""Strokes on a page (ReportLab), which both tables and comparisons are drawn with.

Measures are points from the upper left corner; ReportLab counts from the foot up.
"""

import io
from collections.abc import Sequence
from typing import Any, Final

from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfdoc import PDFString
from reportlab.pdfgen.canvas import Canvas

from aigo.lib.printing import Shape, Theme
from aigo.lib.printing_ink import INKS, width

Corners = tuple[tuple[float, float], ...]
#: Corners of the signs around a middle, of a radius of 1, upwards: those of the page's icons.
_STAR: Final[Corners] = (
    (0.0, 0.97), (0.29, 0.34), (0.97, 0.27), (0.46, -0.19), (0.6, -0.86),
    (0.0, -0.51), (-0.6, -0.86), (-0.46, -0.19), (-0.97, 0.27), (-0.29, 0.34),
)  # fmt: skip
_TRIANGLE: Final[Corners] = ((0.0, 1.0), (1.1, -0.85), (-1.1, -0.85))
_OCTAGON: Final[Corners] = (
    (1.0, 0.42), (0.42, 1.0), (-0.42, 1.0), (-1.0, 0.42),
    (-1.0, -0.42), (-0.42, -1.0), (0.42, -1.0), (1.0, -0.42),
)  # fmt: skip


def opened(written: io.BytesIO, size: tuple[float, float], *, words: Sequence[str], language: str) -> Any:
    """A document that is the same bytes for the same strokes. words: title, subject, address."""
    rl_config.useA85 = 0  # a fifth of the size, for mail systems of the nineties
    canvas = Canvas(written, pagesize=size, invariant=1, lang=language)
    title, subject, address = words
    canvas.setTitle(title)
    canvas.setSubject(subject)
    canvas.setAuthor("AI-GO")
    canvas.setCreator(address)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas._doc.Catalog.Lang = PDFString(language)
    return canvas


class Strokes:
    """Draws on the present page of a document."""

    def __init__(self, canvas: Any, size: tuple[float, float], theme: Theme) -> None:
        self.canvas, (self.width, self.height) = canvas, size
        self.inks = INKS[theme]

    def text(self, x: float, y: float, text: str, font: str, size: float, ink: Color) -> None:
        self.canvas.setFillColor(ink)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.height - y, text)

    def text_end(self, x: float, y: float, text: str, font: str, size: float, ink: Color) -> None:
        self.text(x - width(text, font, size), y, text, font, size, ink)

    def figure(self, x: float, y: float, text: str, font: str, size: float, ink: Color) -> None:
        """Ends at x; its point stands where that of any figure with as many decimals does, though the font's
        digits differ in width: each decimal has the room of a "0"."""
        whole, point, decimals = text.partition(".")
        at = x - len(decimals) * width("0", font, size) - width(point, font, size)
        self.text_end(at, y, whole, font, size, ink)
        self.text(at, y, point + decimals, font, size, ink)

    def shape(self, shape: Shape, x: float, y: float, radius: float = 1.75) -> None:
        """Around a middle: filled for those without an interest in the figure, hollow for the others."""
        if not shape:
            return
        canvas, y = self.canvas, self.height - y
        fill = int(shape in ("disc", "square", "diamond"))
        canvas.setFillColor(self.inks.ink_2)
        canvas.setStrokeColor(self.inks.ink_2)
        canvas.setLineWidth(0.6)
        canvas.setDash(0.7, 0.7) if shape == "dots" else canvas.setDash()
        if shape in ("disc", "ring"):
            canvas.circle(x, y, radius, stroke=1 - fill, fill=fill)
        elif shape == "diamond":
            path = canvas.beginPath()
            path.moveTo(x - radius * 1.2, y)
            for dx, dy in ((0, 1.2), (1.2, 0), (0, -1.2)):
                path.lineTo(x + dx * radius, y + dy * radius)
            path.close()
            canvas.drawPath(path, stroke=0, fill=1)
        else:
            canvas.rect(x - radius, y - radius, 2 * radius, 2 * radius, stroke=1 - fill, fill=fill)

    def dots(self, left: float, right: float, y: float) -> None:
        """A dotted line."""
        self.canvas.setStrokeColor(self.inks.ink_3)
        self.canvas.setLineWidth(0.5)
        self.canvas.setDash(0.6, 1.2)
        self.canvas.line(left, self.height - y, right, self.height - y)

    def box(self, left: float, top: float, wide: float, tall: float, ink: Color) -> None:
        self.canvas.setFillColor(ink)
        self.canvas.rect(left, self.height - top - tall, wide, tall, stroke=0, fill=1)

    def link(self, url: str, left: float, top: float, wide: float, foot: float) -> None:
        """Over a box."""
        area = (left, self.height - foot, left + wide, self.height - top)
        self.canvas.linkURL(url, area, relative=0, thickness=0)

    def best(self, x: float, y: float, radius: float) -> None:
        """The star of the best of a row, around a middle."""
        self._filled(_STAR, x, y, radius, self.inks.accent)

    def state(self, state: str, x: float, y: float, radius: float) -> None:
        """A state around a middle: each has a shape of its own beside its colour. Others draw nothing."""
        ink = self.inks.states.get(state)
        if ink is None:
            return
        if state in ("degraded", "outage"):
            self._filled(_TRIANGLE if state == "degraded" else _OCTAGON, x, y, radius, ink)
            return
        hollow = int(state == "unknown")
        self.canvas.setFillColor(ink)
        self.canvas.setStrokeColor(ink)
        self.canvas.setLineWidth(radius / 3)
        self.canvas.setDash(radius * 0.45, radius * 0.4) if hollow else self.canvas.setDash()
        edge = radius - hollow * radius / 6
        self.canvas.circle(x, self.height - y, edge, stroke=hollow, fill=1 - hollow)

    def _filled(self, corners: Corners, x: float, y: float, radius: float, ink: Color) -> None:
        path = self.canvas.beginPath()
        for number, (dx, dy) in enumerate(corners):
            (path.lineTo if number else path.moveTo)(x + dx * radius, self.height - y + dy * radius)
        path.close()
        self.canvas.setFillColor(ink)
        self.canvas.drawPath(path, stroke=0, fill=1)
