"""What readers find articles by; of those that there are already, too."""

import unicodedata
from typing import Any

from django.db import migrations, models

import news.models.articles


def fill(apps: Any, schema_editor: Any) -> None:
    """As news.models.Article.derive does."""
    article = apps.get_model("news", "Article")
    for one in article.objects.iterator():
        lines = [str(claim.get("text", "")) for claim in one.summary or [] if isinstance(claim, dict)]
        texts = (one.title_en, one.title_ko, one.dek_en, one.dek_ko, *lines)
        words = "\n".join(text for text in texts if text)
        article.objects.filter(pk=one.pk).update(sought_in=unicodedata.normalize("NFKC", words).casefold())


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0004_stated_anywhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="article",
            name="sought_in",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AlterField(
            model_name="article",
            name="slug",
            field=models.SlugField(
                blank=True,
                default="",
                max_length=120,
                validators=[news.models.articles.refuse_reserved],
                verbose_name="slug",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
