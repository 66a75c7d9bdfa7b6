"""Settings of Retrain, read from the environment (see .env.example).

Embedded default: SQLite, a filesystem broker and generated keys, all under ``var/`` of the checkout.
Production: ``DATABASE_URL``, ``REDIS_URL`` and the secrets are required; without them it refuses to start.
"""

import contextlib
import datetime as dt
import os
import secrets
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# A file of settings for those who do not export them; what is exported wins.
_env_file = Path(env.str("RETRAIN_ENV_FILE", default=str(BASE_DIR / ".env")))
if _env_file.exists():
    environ.Env.read_env(_env_file)

PRODUCTION = env.bool("RETRAIN_PRODUCTION", default=False)
DEMO = env.bool("RETRAIN_DEMO", default=False)
DEBUG = env.bool("RETRAIN_DEBUG", default=False)
if PRODUCTION and (DEMO or DEBUG):
    raise ImproperlyConfigured("Production refuses to start with RETRAIN_DEMO or RETRAIN_DEBUG.")
# Where the fault tests kill a worker (accounts.failpoint); empty everywhere else.
FAILPOINT = env.str("RETRAIN_FAILPOINT", default="")
if PRODUCTION and FAILPOINT:
    raise ImproperlyConfigured("Production refuses to start with RETRAIN_FAILPOINT.")

VAR_DIR = Path(env.str("RETRAIN_VAR", default=str(BASE_DIR / "var")))


def _secret(name: str) -> str:
    """A key from the environment; development generates its own once in ``var/keys``."""
    value = env.str(name, default="")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    path = VAR_DIR / "keys" / name.lower()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        # The first of several processes wins, and nobody reads half a key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


SECRET_KEY = _secret("RETRAIN_SECRET_KEY")
# The demonstration's one password, made anew for each installation and shown on its pages.
DEMO_PASSWORD = _secret("RETRAIN_DEMO_PASSWORD")[:12] if DEMO else ""
# Field encryption and the search index of identity numbers each have a key of their own.
FIELD_KEY = _secret("RETRAIN_FIELD_KEY")
INDEX_KEY = _secret("RETRAIN_INDEX_KEY")

ALLOWED_HOSTS = env.list(
    "RETRAIN_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("RETRAIN_ORIGINS", default=[])

INSTALLED_APPS = [
    "accounts",
    "assessments",
    "cohorts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.user.middleware.SessionLimitsMiddleware",
    "accounts.user.middleware.RoleInUseMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "retrain.urls"
WSGI_APPLICATION = "retrain.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "cohorts.site.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "accounts.templatetags.retrain"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
elif PRODUCTION:
    raise ImproperlyConfigured("DATABASE_URL must be set in production.")
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "retrain.sqlite3")}}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.user.backend.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "site:home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
SESSION_ENGINE = "accounts.user.sessions"
# Sent anew with each stamp; the limits (30 minutes idle, 8 hours in all) are kept by SessionLimitsMiddleware.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "accounts.user.views.csrf_failure"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = ["retrain.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("RETRAIN_STATIC_ROOT", default=str(VAR_DIR / "static"))
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder
STORAGES = {
    "default": {"BACKEND": "accounts.file.storage.PrivateStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
UPLOAD_DIR = Path(env.str("RETRAIN_UPLOADS", default=str(VAR_DIR / "uploads")))
UPLOAD_MAX_BYTES = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# A list of 500 rows and 20 columns comes back as a table of fields (accounts/kit/sheet.py).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12000
TRAIL_HEAD_DIR = Path(env.str("RETRAIN_TRAIL_HEADS", default=str(VAR_DIR / "trail-heads")))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-retrain"
    CSRF_COOKIE_SECURE = True

REDIS_URL = env.str("REDIS_URL", default="")
if PRODUCTION and not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL must be set in production.")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # A message that nobody acknowledged comes back after an hour: later than the longest task can last.
        "visibility_timeout": 3600,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
else:
    _broker = Path(env.str("RETRAIN_BROKER_DIR", default=str(VAR_DIR / "broker")))
    for _folder in ("messages", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
    }
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Seconds: first an exception that the job's row records, then the end of the process.
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The key of an entry is the kind of its job; a message that was not taken before the next one comes is worth nothing.
CELERY_BEAT_SCHEDULE = {
    "beat": {"task": "accounts.tasks.tick", "schedule": 60.0, "options": {"expires": 50}},
    "perform_jobs": {"task": "accounts.tasks.perform_jobs", "schedule": 60.0, "options": {"expires": 50}},
    "send_notices": {"task": "accounts.tasks.send_notices", "schedule": 60.0, "options": {"expires": 50}},
    "scan_alerts": {
        "task": "cohorts.tasks.scan_alerts",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    "trail_head": {
        "task": "accounts.tasks.export_trail_head",
        "schedule": crontab(minute=0),
        "options": {"expires": 3000},
    },
    "drop_expired_files": {
        "task": "accounts.tasks.drop_expired_files",
        "schedule": crontab(minute=20),
        "options": {"expires": 3000},
    },
    "sweep_sessions": {
        "task": "accounts.tasks.sweep_sessions",
        "schedule": crontab(minute=30),
        "options": {"expires": 3000},
    },
    "climb_alerts": {
        "task": "cohorts.tasks.climb_alerts",
        "schedule": crontab(hour=7, minute=45),
        "options": {"expires": 12 * 3600},
    },
    "alert_digest": {
        "task": "cohorts.tasks.send_digests",
        "schedule": crontab(hour=8, minute=0),
        "options": {"expires": 12 * 3600},
    },
    "ballot_registers": {
        "task": "cohorts.tasks.destroy_old_registers",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 20 * 3600},
    },
    "mail_digest": {
        "task": "accounts.tasks.bundle_notices",
        "schedule": crontab(hour=8, minute=10),
        "options": {"expires": 12 * 3600},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("RETRAIN_MAIL_FROM", default="retrain@localhost")
# Seconds that the mail server may be silent. A lease outlives the eight answers that one mail waits for at most.
EMAIL_TIMEOUT = 20
# For so long a mail belongs to the worker that took it; then another one may send it.
MAIL_LEASE = dt.timedelta(seconds=env.int("RETRAIN_MAIL_LEASE", default=300))
# Written by the backup, wherever it comes from: {"at": "2026-11-26T02:00:00+08:00"}.
BACKUP_MARKER = VAR_DIR / "backup" / "last.json"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env.str("RETRAIN_LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING"),
    },
}
