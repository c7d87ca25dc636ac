"""What looks like a secret in an environment variable is told from what does not, by its name or by its value."""

import pytest

from policies.secrets import secret_looking

RANDOM = "aB3dE5gH7jK9mN1pQ2rS4tU6"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("MYSQL_PASSWORD2", "x"),
        ("dbPassword", "x"),
        ("PGPASS", "x"),
        ("POSTGRESPASS", "x"),
        ("USERPASS", "x"),
        ("DBPASS1", "x"),
        ("DB_PASS", "x"),
        ("MYSQL_PWD", "x"),
        ("DBPWD", "x"),
        ("SECRET_KEY_BASE", "x"),
        ("API_KEY_2", "x"),
        ("NEW_RELIC_LICENSE_KEY", "x"),
        ("BASIC_AUTH", "x"),
        ("db.password", "x"),
        ("OPENAI_KEY", RANDOM),
        ("DATADOG_KEY1", "0123456789abcdef0123456789abcdef"),
        # The name says a place or a digest, and the value is none.
        ("DB_PASSWORD_FILE", "hunter2"),
        ("DB_SECRET_NAME", "hunter2"),
        ("OAUTH_TOKEN_URL", "hunter2"),
        ("SESSION_TOKEN_TTL", "hunter2"),
        ("DB_PASSWORD_ARN", "hunter2"),
        ("API_KEY_SHA256", "hunter2"),
        # What services give out.
        ("A", "AKIAIOSFODNN7EXAMPLE"),
        ("A", f"ghp_{'a1' * 18}"),
        ("A", f"github_pat_{'a1' * 20}"),
        ("A", f"glpat-{'a1' * 10}"),
        ("A", f"AIza{'a' * 35}"),
        ("A", f"SG.{'a' * 22}.{'b' * 43}"),
        ("A", f"sk-proj-{RANDOM}"),
        ("A", f"sk-ant-api03-{RANDOM}"),
        ("A", f"sk_live_{RANDOM}"),
        ("A", f"xoxb-{RANDOM}"),
        ("A", f"npm_{'a1' * 18}"),
        ("A", f"pypi-AgEIcHlwaS5vcmc{RANDOM}"),
        ("A", f"dckr_pat_{RANDOM}"),
        ("A", f"hvs.{RANDOM}"),
        ("A", f"https://hooks.slack.com/services/T0/B0/{RANDOM}"),
        ("A", f"https://discord.com/api/webhooks/123/{RANDOM}"),
        ("A", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
        ("A", "-----BEGIN RSA PRIVATE KEY-----"),
        ("A", f"bearer {RANDOM}"),
        ("A", "basic dXNlcjpwYXNz"),
        ("A", "Basic dXNlcjpwYXNzd29yZA=="),
        # Ways to a database, with the key.
        ("A", "postgres://me:hunter2@db/app"),
        ("A", "redis://:hunter2@cache:6379/0"),
        ("A", "Server=db;User Id=me;Password=hunter2;"),
        ("A", "host=db user=me password=hunter2"),
        ("A", "jdbc:postgresql://db/app?user=me&password=hunter2"),
        ("A", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hunter2=="),
    ],
)
def test_a_secret_is_told_by_its_name_or_by_its_value(name, value):
    assert secret_looking(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_TOKENS", "4096"),
        ("DB_PASSWORD_SECRET_ARN", "arn:aws:secretsmanager:a"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:a"),
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("TOKEN_PATH", "./token"),
        ("DB_SECRET_NAME", "prod/db"),
        ("API_KEY_SHA256", "a" * 64),
        ("OAUTH_TOKEN_URL", "https://id.example.com/token"),
        ("SESSION_TOKEN_TTL", "3600"),
        ("SORT_KEY", "id"),
        ("CACHE_KEY", "user-profile-v2-eu-west-1"),
        ("PUBLIC_KEY", RANDOM),
        ("RECAPTCHA_SITE_KEY", RANDOM),
        ("KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("PASSENGERS", "4"),
        ("PASSIVE", "1"),
        ("BYPASS", "true"),
        ("COMPASS", "north"),
        ("SURPASS", "1"),
        ("PWD", "/app"),
        ("OLDPWD", "/"),
        ("KEYS", "a,b"),
        ("URL", "https://example.com/@me"),
        ("API_URL", "https://example.com"),
        ("CACHE", "redis://cache:6379/0"),
        ("SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"),
        ("DSN", "host=db password=${DB_PASSWORD}"),
        ("GREETING", "Bearer of news"),
        ("PLAN", "Basic plan"),
        ("TITLE", "Basic authentication"),
        ("SCHEME", "bearer authentication-by-token"),
        ("TOKEN_URL", "/oauth/token"),
        ("TOKEN_URL", "localhost:8080/token"),
        ("DB_SECRET_NAME", "DbSecret"),
        ("TOKEN_FILE", "secrets/token"),
        ("QUEUE", "task-scheduler-with-quite-a-long-name-1"),
        ("LOCALE", "sk-SK"),
        ("COMMIT", "a" * 40),
        ("IMAGE", f"sha256:{'a' * 64}"),
        ("EMPTY_PASSWORD", ""),
    ],
)
def test_what_is_no_secret_is_left_as_it_is(name, value):
    assert not secret_looking(name, value)
