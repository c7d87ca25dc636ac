"""Github: as much of GitHub's REST API as the workflows need, by Python alone.

Source: https://docs.github.com/en/rest
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from ci.problem import Problem

BOT = "github-actions[bot]"
"""Who a workflow's own token acts as."""
_SECONDS = 30
_PAGE = 100
_MOST_PAGES = 30


class Refused(Problem):
    """GitHub answered with an error."""

    def __init__(self, method: str, path: str, status: int, message: str) -> None:
        super().__init__(f"GitHub refused {method} {path}: {status} {message}")
        self.status = status
        self.message = message


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl) -> None:
        """None: urllib would send the token along to wherever it is sent."""


class Github:
    """One repository, with the token of the job."""

    def __init__(self, repository: str, token: str, api: str = "https://api.github.com") -> None:
        self.repository = repository
        self._token, self._api = token, api.rstrip("/")
        self._opener = urllib.request.build_opener(_NoRedirect)

    @classmethod
    def from_environment(cls) -> "Github":
        """The repository that the job is for. The token is only there where the workflow hands it on."""
        missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not os.environ.get(name)]
        if missing:
            raise Problem(f"{' and '.join(missing)} must be set")
        api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
        return cls(os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"], api)

    def get(self, path: str, **query: object) -> Any:
        """The answer to GET /repos/<repository>/<path>."""
        return json.loads(self._ask("GET", self._url(path, query)).read())

    def pages(self, path: str, key: str = "", **query: object) -> Iterator[dict[str, Any]]:
        """Each item of a list that comes in pages; `key` names it where it is inside of an object."""
        for page in range(1, _MOST_PAGES + 1):
            answer = self.get(path, **query, per_page=_PAGE, page=page)
            items = answer[key] if key else answer
            yield from items
            if len(items) < _PAGE:
                return

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a request with a body: POST, PATCH or PUT."""
        return json.loads(self._ask(method, self._url(path, {}), body).read() or b"null")

    def download(self, path: str, most_bytes: int) -> bytes | None:
        """What lies behind a redirect, fetched without the token; None if it is more than `most_bytes`."""
        try:
            answer = self._ask("GET", self._url(path, {}))
        except urllib.error.HTTPError as redirect:
            request = urllib.request.Request(redirect.headers["Location"])  # noqa: S310 - GitHub's own words
            answer = urllib.request.urlopen(request, timeout=_SECONDS)  # noqa: S310
        with answer:
            body = answer.read(most_bytes + 1)
        return body if len(body) <= most_bytes else None

    def _url(self, path: str, query: Mapping[str, object]) -> str:
        url = f"{self._api}/repos/{self.repository}/{path}"
        return f"{url}?{urllib.parse.urlencode(query)}" if query else url

    def _ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the scheme is ours
            url,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": "switchyard-ci",
            },
        )
        try:
            return self._opener.open(request, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            if 300 <= error.code < 400 and "Location" in error.headers:
                raise
            raise Refused(method, urllib.parse.urlsplit(url).path, error.code, _message(error)) from None
        except urllib.error.URLError as error:
            raise Problem(f"GitHub can't be reached: {error.reason}") from None


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
