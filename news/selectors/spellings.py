"""What the catalogue calls providers and models, for the fact check and for tags."""

from catalog.models import AIModel, Creator, Provider
from news.checking import Spellings


def known_spellings() -> Spellings:
    """Names of the catalogue, beside those of the tables."""
    rows = (AIModel.objects.known(), Provider.objects.filter(simulated=False), Creator.objects.all())
    return Spellings(name for found in rows for name in found.order_by().values_list("name", flat=True))
