"""The provider as a program: `python project.py FOLDER PORT REDIRECT_URI`; FOLDER has key.pem and, later, db.sqlite3.

A Django project in one file. Its people sign in by its own form and agree on its own page; the mail address and how
somebody signed in stand in the ID token: words after the address are the methods (`amr`) that it names.
"""

import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

LOGIN = '<form method="post">{% csrf_token %}{{ form }}<button>in</button></form>'
CLIENT_ID, CLIENT_SECRET = "onestop", "a-secret-of-tests-that-is-long-enough"
PASSWORD = "only for this provider"
PEOPLE = {
    "zhang": ("zhang@example.com", True),
    "unverified": ("officer@example.com", False),
    "stranger": ("stranger@example.com", True),
    "enterprise": ("sme@example.com", True),
}


def configure(folder: Path) -> None:
    settings.configure(
        SECRET_KEY="only-for-tests",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                    "context_processors": ["django.template.context_processors.request"],
                },
            }
        ],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": (folder / "key.pem").read_text(),
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who you are", "profile": "your name", "email": "your address"},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.validator_class",
        },
    )
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    django.setup()


def populate(redirect_uri: str) -> None:
    from django.contrib.auth.models import User  # noqa: PLC0415 - models exist only after the setup
    from oauth2_provider.models import Application  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        return
    for name, (email, _verified) in PEOPLE.items():
        User.objects.create_user(name, email, PASSWORD)
    Application.objects.create(
        name="OneStop",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_uri,
        algorithm=Application.RS256_ALGORITHM,
    )


def make_validator(methods: list[str]) -> type:
    from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: PLC0415

    class Validator(OAuth2Validator):  # type: ignore[misc]  # Django has no types here
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            email, verified = PEOPLE[request.user.username]
            return {"email": email, "email_verified": verified, "amr": methods}

    return Validator


def urls() -> list[Any]:
    from django.contrib.auth.views import LoginView  # noqa: PLC0415

    return [path("login/", LoginView.as_view()), path("o/", include("oauth2_provider.urls"))]


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main(folder: Path, port: int, redirect_uri: str, methods: list[str]) -> None:
    module = sys.modules[__name__]
    configure(folder)
    module.validator_class = make_validator(methods)  # type: ignore[attr-defined]
    module.urlpatterns = urls()  # type: ignore[attr-defined]
    populate(redirect_uri)
    with make_server("127.0.0.1", port, get_wsgi_application(), server_class=Threaded) as server:
        sys.stdout.write(f"listening on {server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
