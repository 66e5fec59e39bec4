"""A Django application whose sessions Longwave accepts."""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_hex()  # with several processes, all need the same
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "inbox.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "inbox"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_REDIRECT_URL = "/"

# A session ends 15 minutes after its last request. Its cookie is HttpOnly and SameSite=Lax, as is Django's default.
SESSION_COOKIE_AGE = 15 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = False  # True once the application and Longwave use HTTPS

LONGWAVE_URL = os.environ.get("LONGWAVE_URL", "http://127.0.0.1:8080")  # for browsers
LONGWAVE_ADMIN_URL = os.environ.get("LONGWAVE_ADMIN_URL", "http://127.0.0.1:8090")  # for this application alone
