"""A page as a picture (PDFium)."""

import io
import math
from typing import Final

import pypdfium2

#: Pixels a point where that is not too large; of the picture at most: 4 bytes each while it is drawn.
SCALE: Final = 2.0
MOST_PIXELS: Final = 12_000_000


def pictured(document: bytes) -> bytes:
    """PNG of the first page of a PDF. Not to be called from two threads at once."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        page = pdf[0]
        wide, tall = page.get_size()
        scale = min(SCALE, math.sqrt(MOST_PIXELS / (wide * tall)))
        picture = page.render(scale=scale).to_pil().convert("RGB")
    finally:
        pdf.close()
    written = io.BytesIO()
    picture.save(written, "PNG", dpi=(72 * scale, 72 * scale))
    return written.getvalue()
