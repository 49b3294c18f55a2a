"""`manage.py fonts`: cut our font files anew out of Inter and Pretendard, and write their style sheet.

For developers, when many texts have changed: it needs fontTools, which the program itself does not.
"""

import logging
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from aigo.fonts import Face, faces, style_sheet

SOURCES: Final = {
    "inter": "node_modules/@fontsource-variable/inter/files/inter-latin-opsz-normal.woff2",
    "hangul": "node_modules/pretendard/dist/web/variable/woff2/PretendardVariable.woff2",
}
#: The weights that our style sheets use; Inter's other axis, drawings for large sizes, is 9 KB.
AXES: Final[dict[str, dict[str, Any]]] = {
    "inter": {"wght": (400, 720), "opsz": 14},
    "hangul": {"wght": (400, 700)},
}
#: What they call themselves: Pretendard's licence reserves its name for the unchanged font.
NAMES: Final = {"inter": "AI-GO Latin", "hangul": "AI-GO Hangul"}
FEATURES: Final = ("case", "ccmp", "kern", "locl", "tnum")
FAMILY_NAMES: Final = (1, 3, 4, 6, 16)


class Command(BaseCommand):
    """Writes static/fonts/*.woff2 and static/css/fonts.css."""

    help = "Cut the font files of our own texts out of Inter and Pretendard."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("fontTools").setLevel(logging.WARNING)
        base = Path(settings.BASE_DIR)
        cut = faces(base)
        for face in cut:
            file = base / "static/fonts" / f"{face.file}.woff2"
            _cut(base / SOURCES[face.source], face, file)
            self.stdout.write(f"{face.file}: {len(face.characters)} characters, {file.stat().st_size} bytes")
        (base / "static/css/fonts.css").write_text(style_sheet(cut))


def _cut(whole: Path, face: Face, file: Path) -> None:
    font = TTFont(whole, lazy=True)
    options = subset.Options(layout_features=[*FEATURES], hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in face.characters])
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, AXES[face.source])
    for record in font["name"].names:
        if record.nameID in FAMILY_NAMES:
            record.string = NAMES[face.source]
    font["head"].modified = font["head"].created  # else the same characters make another file
    font.flavor = "woff2"
    font.save(file)
