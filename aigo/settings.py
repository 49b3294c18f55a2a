"""All settings of AI-GO, each from `aigo.env`; docs/settings.md lists every variable.

With no environment at all: one process, SQLite, in-memory broker, channel layer and event log.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from aigo import env
from aigo.lib.regions import LOCAL, MEASURED_SLUGS, SLUGS
from aigo.lib.signing import MIN_KEY_CHARS, derived_key

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent
#: Everything the program writes on this machine: SQLite file, generated secret, collected static files.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """SECRET_KEY, or one generated on first use and kept in DATA_DIR for the next start."""
    given = env.text("SECRET_KEY")
    kept = DATA_DIR / "secret_key"
    if given:
        return given
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


SECRET_KEY = _secret_key()
DEBUG = env.flag("DEBUG", default=False)
PORT = env.integer("PORT", 8000, least=1, most=65_534)
HOST = env.text("HOST", "127.0.0.1")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
#: Networks beyond the public internet that addresses of people and feeds may lead to; aigo/lib/networks.py.
FETCH_ALLOWED_NETWORKS = env.networks("FETCH_ALLOWED_NETWORKS")
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}", schemes=("http", "https"))

# --- measuring ---------------------------------------------------------------------------------
#: The region this machine measures real endpoints from; simulated fleets play all regions.
POP_REGION = env.choice("POP_REGION", LOCAL, accepted=MEASURED_SLUGS)
#: The regions that have a worker.
PROBE_REGIONS = env.subset("PROBE_REGIONS", sorted({*SLUGS, POP_REGION}), accepted=MEASURED_SLUGS)
#: The key this worker signs its results with, and the keys by which the centre believes each region. Where
#: all share one SECRET_KEY (one process, one machine) none need be named.
POP_HMAC_KEY = env.secret("POP_HMAC_KEY", least_chars=MIN_KEY_CHARS)
POP_HMAC_KEYS = {
    **{region: derived_key(SECRET_KEY, region) for region in MEASURED_SLUGS},
    **env.secrets_by_name("POP_HMAC_KEYS", accepted=MEASURED_SLUGS, least_chars=MIN_KEY_CHARS),
}
#: What the probes of a provider without a ProbeBudget of its own may cost a day (UTC), in USD.
PROBE_BUDGET_USD_PER_DAY = env.decimal("PROBE_BUDGET_USD_PER_DAY", "1.00", most="999999")
#: Whether the simulated fleet is on the board. Default: on exactly where no provider key is set here.
SIMULATION = env.flag("SIMULATION", default=not env.provider_keys())
SIMULATOR_URL = env.url("SIMULATOR_URL", f"http://127.0.0.1:{PORT + 1}", schemes=("http", "https"))
#: Whose official status pages are read: all, those of the simulated fleet only, or nobody's. Default: where
#: nothing real is measured, nobody real is asked.
OFFICIAL_PAGES = env.choice(
    "OFFICIAL_PAGES",
    "simulated" if SIMULATION and not env.provider_keys() else "all",
    accepted=("all", "simulated", "none"),
)
#: Whether news are crawled. Default: as above, where nothing real is measured, nobody real is asked.
NEWS_CRAWL = env.flag("NEWS_CRAWL", default=not SIMULATION or bool(env.provider_keys()))
#: Who we say that we are; robots.txt files and hosts' logs know us by it. The page tells whom to write to.
NEWS_CRAWLER_URL = env.url("NEWS_CRAWLER_URL", SITE_URL, schemes=("http", "https"))
NEWS_USER_AGENT = f"AI-GO/1.0 (+{NEWS_CRAWLER_URL})"
#: The least time between two requests to one host, where it does not ask for more (Crawl-delay).
NEWS_HOST_INTERVAL_S = env.integer("NEWS_HOST_INTERVAL_S", 5, least=1, most=3_600)
#: The most that is read of a listing and of an item's page, unpacked.
NEWS_MAX_LISTING_BYTES = env.integer("NEWS_MAX_LISTING_BYTES", 10_000_000, least=10_000, most=52_428_800)
NEWS_MAX_PAGE_BYTES = env.integer("NEWS_MAX_PAGE_BYTES", 2_000_000, least=10_000, most=2_000_000)
#: For one answer, from the name to the last byte, redirects included.
NEWS_TIMEOUT_S = env.integer("NEWS_TIMEOUT_S", 20, least=1, most=120)
#: What shows pages that need JavaScript: "" = nothing, "1" = the worker's Chromium, else its path.
NEWS_BROWSER = env.program("NEWS_BROWSER")
#: What happens to the simulated fleet: a scenario that ships (default, outage) or a .json file.
SIMULATOR_SCENARIO = env.text("SIMULATOR_SCENARIO", "default")

# --- news --------------------------------------------------------------------------------------
#: The OpenAI-compatible endpoint that summarises, as far as its "/v1", and its model. None: sentences of the
#: sources themselves.
NEWS_SUMMARY_URL = env.url("NEWS_SUMMARY_URL", schemes=("http", "https"))
NEWS_SUMMARY_MODEL = env.text("NEWS_SUMMARY_MODEL", "gpt-4.1-mini")
NEWS_SUMMARY_API_KEY = env.text("NEWS_SUMMARY_API_KEY")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "csp",
    "django_prometheus",
    "aigo",
    "editorial",
    "catalog",
    "probes",
    "benchmarks",
    "news",
    "status",
    "compare",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # above the policy, which scripts and fonts need not carry
    "csp.middleware.CSPMiddleware",
    "aigo.middleware.import_map_policy",
    "aigo.middleware.private_pages",
    "aigo.middleware.neutral_api",
    "aigo.middleware.pack",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "aigo.middleware.unavailable_page",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "aigo.urls"
ASGI_APPLICATION = "aigo.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aigo.context.site",
            ],
        },
    }
]

# --- stores and transports ---------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'aigo.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # Up to 32 MB of pages for a connection: SQLite's own 2 MB do not hold a model's month of hours.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-32768;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # under ASGI a kept connection belongs to a thread that has gone
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", "5")
if DATABASES["default"]["ENGINE"].startswith("timescale."):
    # A late result, a mark or the end of an endpoint unpacks what is compressed beside it, however many rows.
    _no_limit = "-c timescaledb.max_tuples_decompressed_per_dml_transaction=0"
    _given = DATABASES["default"]["OPTIONS"].get("options", "")
    DATABASES["default"]["OPTIONS"]["options"] = f"{_no_limit} {_given}".strip()
#: Where kept answers may be computed from; see aigo/lib/replicas.py.
REPLICAS = env.replicas("DATABASE_REPLICA_URLS", engine=str(DATABASES["default"]["ENGINE"]))
for _replica in REPLICAS.values():
    _replica |= {"CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}}
    _replica["OPTIONS"].setdefault("connect_timeout", "2")
DATABASES |= REPLICAS
DATABASE_ROUTERS = ["aigo.lib.replicas.ReplicaRouter"] if REPLICAS else []

#: Where raw rows older than their retention go; {} = nowhere. S3's credentials bear their usual names.
ARCHIVE = env.archive("ARCHIVE_URL")
ARCHIVE_KEYS = {
    "access_key": env.text("AWS_ACCESS_KEY_ID"),
    "secret_key": env.text("AWS_SECRET_ACCESS_KEY"),
    "session_token": env.text("AWS_SESSION_TOKEN"),
    "region": env.text("AWS_REGION"),
}

REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss"))
#: Where the event log is: REDIS_URL's server, another one, or a Redis Cluster; "" = in this process.
EVENT_LOG_URL = env.event_log("EVENT_LOG_URL", REDIS_URL)
BROKER_URL = (
    env.url("BROKER_URL", REDIS_URL, schemes=("redis", "rediss", "amqp", "amqps")) or "memory://localhost/"
)
CELERY_BROKER_URL = BROKER_URL

if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # Who listens says so every ten seconds; who has died is forgotten.
            "CONFIG": {"hosts": [REDIS_URL], "group_expiry": 60},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

#: How many events the log keeps for readers that come back (`since=`).
EVENT_LOG_LENGTH = env.integer("EVENT_LOG_LENGTH", 5_000, least=10, most=1_000_000)

# --- live push ---------------------------------------------------------------------------------
#: Open pages of one process, over WebSocket and event streams; past that they poll.
LIVE_MAX_CONNECTIONS = env.integer("LIVE_MAX_CONNECTIONS", 4_000, least=1, most=1_000_000)
LIVE_MAX_PER_ADDRESS = env.integer("LIVE_MAX_PER_ADDRESS", 100, least=1, most=1_000_000)
#: How many proxies in front are believed about the reader's address.
NUM_PROXIES = env.integer("NUM_PROXIES", 0, least=0, most=10)

# --- language, time, static files --------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static", *env.vendored_static(BASE_DIR / "node_modules")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "aigo.statics.PickedFilesFinder",
]
#: Names with content hashes, cached for ever; off where nothing collects the files (tests, DEBUG).
STATIC_HASHED = env.flag("STATIC_HASHED", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "aigo.collected.CollectedStorage"
        if STATIC_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_HASHED
#: Nothing asks for the others, and compressing them took as long again.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- accounts ----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "aigo.accounts.AccountAdapter"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if env.text("EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.text("EMAIL_HOST")
    EMAIL_PORT = env.integer("EMAIL_PORT", 587, least=1, most=65_535)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
    EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
    EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
#: For each answer of the mail server, in seconds.
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", 20, least=1, most=60)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "aigo@localhost")
#: The envelope's sender of letters to subscribers, where bounces go to; "" = DEFAULT_FROM_EMAIL.
EMAIL_BOUNCES_TO = env.text("EMAIL_BOUNCES_TO")

# --- security ----------------------------------------------------------------------------------
HTTPS = urlsplit(SITE_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # reading needs no account, and answers can be shared
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["aigo.lib.throttles.OpenAnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": env.text("API_RATE", "600/min")},
    "NUM_PROXIES": NUM_PROXIES,
    "EXCEPTION_HANDLER": "aigo.lib.problems.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI-GO API",
    "DESCRIPTION": "Which AI model APIs work right now, how fast, from where.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "APPEND_COMPONENTS": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}},
}

# --- logs --------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", accepted=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "aigo.logs.line_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
    },
}
