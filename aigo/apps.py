from django.apps import AppConfig


class AigoConfig(AppConfig):
    name = "aigo"

    def ready(self) -> None:
        from aigo import jobs  # noqa: F401  (makes the Celery app current and connects record_run)
