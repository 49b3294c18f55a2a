from django.apps import AppConfig


class AigoConfig(AppConfig):
    name = "aigo"

    def ready(self) -> None:
        from aigo import jobs, receivers  # noqa: F401  (makes the Celery app current; connects the receivers)
