"""Amazon's Selling Partner API, through python-amazon-sp-api: the few calls that we need.

Each is made again while Amazon is busy (429) or at fault (5xx, no connection), in time with the
rate that Amazon tells. What it refuses for good is a `Refused`.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from sp_api.api import Reports, Tokens
from sp_api.api.orders.orders_v0 import OrdersV0
from sp_api.auth import AccessTokenClient
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base import Client, CredentialProvider, Marketplaces, MissingCredentials
from sp_api.base.exceptions import SellingApiException

from sellerkit.errors import InputError, UsageError
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.document import download, unpack
from sellerkit.fetch.refusal import FAULT, Refused
from sellerkit.policy import marketplaces

Got = TypeVar("Got")

#: Seconds until an answer is given up.
TIMEOUT = 60.0

#: So often is a request made again while Amazon is busy, and while it is at fault.
BUSY_TRIES, FAULT_TRIES = 20, 5

#: The longest pause between two tries, in seconds.
MAX_PAUSE = 300.0

_DOCUMENTS = "/reports/2021-06-30/documents/"

_SECRETS = {
    "SP_API_REFRESH_TOKEN": "refresh_token",
    "LWA_APP_ID": "lwa_app_id",
    "LWA_CLIENT_SECRET": "lwa_client_secret",
}


class _Checked(Client):  # type: ignore[misc]  # the library is untyped
    """A client that takes an error page for an error: the library takes it for an empty answer."""

    def _check_response(self, res: httpx.Response, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = res.json()
        except ValueError:
            answer = None
        said = answer.get("payload", answer) if isinstance(answer, dict) else None
        if res.is_success and isinstance(said, dict):
            return super()._check_response(res, *args, **kwargs)
        status = res.status_code if res.is_error else FAULT
        raise Refused(status, _said(answer, res), res.headers.get("x-amzn-RateLimit-Limit"))


class _Reports(_Checked, Reports):  # type: ignore[misc]
    pass


class _Orders(_Checked, OrdersV0):  # type: ignore[misc]
    pass


class _Tokens(_Checked, Tokens):  # type: ignore[misc]
    pass


def _said(answer: Any, response: httpx.Response) -> str:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    words = first.get("message") or first.get("code") if isinstance(first, dict) else None
    return str(words or response.reason_phrase or "an answer that is none")[:500]


class Connection:
    """Amazon's API in one region.

    Parameters
    ----------
    account : str
        The library's credentials of this name are taken, or else its ``default`` ones.
    stores : sequence of str
        Country codes, all of one region.
    clock : Clock
    api, tokens : str
        Where the API and the token service are; by default where the library says.

    Raises
    ------
    UsageError
        Credentials are missing, or the stores lie in two regions.
    """

    def __init__(
        self, account: str, stores: list[str], clock: Clock, *, api: str = "", tokens: str = ""
    ) -> None:
        self._clock = clock
        endpoint = _endpoint(stores)
        options = {
            "credentials": _credentials(account),
            "marketplace": Marketplaces[stores[0]],
            "timeout": TIMEOUT,
            "verify": _trusted(),
            "auth_token_client_class": _token_client(tokens),
        }
        self._reports, self._orders = _Reports(**options), _Orders(**options)
        self._tokens = _Tokens(**options)
        for client in self._clients:
            # an environment variable of the library's would else overrule the store asked for
            client.endpoint = api or endpoint

    @property
    def _clients(self) -> tuple[Any, ...]:
        return self._reports, self._orders, self._tokens

    def close(self) -> None:
        """Close what is open."""
        for client in self._clients:
            client.close()
            client._auth._transport.close()

    def create(self, report_type: str, store: str, options: dict[str, Any]) -> str:
        """Ask for a report and return its id."""
        body = {"reportType": report_type, "marketplaceIds": [_id(store)], **options}
        return self._patiently(
            lambda: _needed(self._reports.create_report(**body).payload, "reportId")
        )

    def status(self, report_id: str) -> tuple[str, str]:
        """Return how far a report is, and its document's id where there is one."""

        def ask() -> tuple[str, str]:
            answer = self._reports.get_report(report_id).payload
            return _needed(answer, "processingStatus"), str(answer.get("reportDocumentId") or "")

        return self._patiently(ask)

    def listed(
        self, report_type: str, store: str, since: str, until: str
    ) -> Iterator[dict[str, Any]]:
        """Give the reports of a type that Amazon made by itself."""
        asked: dict[str, Any] = {
            "reportTypes": [report_type],
            "processingStatuses": ["DONE"],
            "marketplaceIds": [_id(store)],
            "createdSince": since,
            "createdUntil": until,
            "pageSize": 100,
        }
        while asked:
            page = self._patiently(partial(self._reports.get_reports, **asked))
            reports = page.payload.get("reports") or []
            yield from (r for r in reports if isinstance(r, dict) and r.get("reportId"))
            asked = {"nextToken": page.next_token} if page.next_token else {}

    def orders(self, store: str, since: str, until: str, next_page: str) -> dict[str, Any]:
        """Return one page of the orders that changed in a period."""
        period = {"LastUpdatedAfter": since, "LastUpdatedBefore": until, "MaxResultsPerPage": 100}
        asked = {"NextToken": next_page} if next_page else period

        def ask() -> dict[str, Any]:
            answer = self._orders.get_orders(MarketplaceIds=[_id(store)], **asked).payload
            if not isinstance(answer.get("Orders"), list):
                raise Refused(FAULT, "an answer without Orders")
            return dict(answer)

        return self._patiently(ask)

    def document(
        self, document_id: str, target: Path, *, private: bool = False, text: bool = False
    ) -> tuple[str, str]:
        """Write a report's document to a file; for what is returned see `unpack`."""

        def write() -> tuple[str, str]:
            found = self._document(document_id, private)
            packed = found.get("compressionAlgorithm")
            if packed not in (None, "", "GZIP"):
                raise Refused(415, f"the document is packed with {packed}, not with GZIP")
            raw = target.with_name(f".{target.name}.raw")
            try:
                charset = download(_needed(found, "url"), raw, TIMEOUT, _trusted())
                charset = charset if text else None
                return unpack(raw, target, packed=bool(packed), charset=charset)
            except OSError as error:
                raise InputError(f"{target}: cannot be written: {error.strerror}") from error
            finally:
                raw.unlink(missing_ok=True)

        return self._patiently(write)

    def _document(self, document_id: str, private: bool) -> dict[str, Any]:
        if private:
            path = _DOCUMENTS + document_id
            resources = [{"method": "GET", "path": path}]
            given = self._tokens.create_restricted_data_token(restrictedResources=resources)
            self._reports.restricted_data_token = _needed(given.payload, "restrictedDataToken")
        try:
            return dict(self._reports.get_report_document(document_id).payload)
        finally:
            self._reports.restricted_data_token = None

    def _patiently(self, call: Callable[[], Got]) -> Got:
        """Make a call, again while that may help; tries while busy and at fault count apart."""
        busy = faults = 0
        while True:
            try:
                return _translated(call)
            except Refused as error:
                if error.status == 429 and busy < BUSY_TRIES:
                    busy += 1
                elif error.status >= 500 and faults < FAULT_TRIES:
                    faults += 1
                else:
                    raise
                self._clock.sleep(min(max(error.pause, 2.0 ** (busy + faults)), MAX_PAUSE))


def _translated(call: Callable[[], Got]) -> Got:
    """Make a call; what the libraries raise becomes ours."""
    try:
        return call()
    except SellingApiException as error:
        raise Refused(error.code, str(getattr(error, "message", error))) from error
    except AuthorizationError as error:
        if error.status_code == 429 or error.status_code >= 500:
            raise Refused(error.status_code, f"no token was given: {error.message}") from error
        raise InputError(
            f"Amazon does not accept the credentials ({error.error_code}: {error.message}); "
            "look at refresh token, client id and client secret (docs/amazon-api.md)"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(FAULT, f"Amazon could not be reached: {error}") from error
    except ValueError as error:
        # an error page in place of a token
        raise Refused(FAULT, f"an answer that is none: {error}") from error


def _needed(answer: dict[str, Any], name: str) -> str:
    if not answer.get(name):
        raise Refused(FAULT, f"an answer without {name}")
    return str(answer[name])


def _id(store: str) -> str:
    return marketplaces()[store].id


@cache
def _trusted() -> ssl.SSLContext:
    """Return who is trusted to be Amazon, read once: each client would read it anew."""
    return httpx.create_ssl_context()


def _endpoint(stores: list[str]) -> str:
    found = {Marketplaces[store].endpoint: store for store in stores}
    if len(found) > 1:
        raise UsageError(
            f"--marketplace {' and '.join(found.values())}: they lie in two regions of Amazon's "
            "API, each with a refresh token of its own; fetch them in two runs"
        )
    return str(next(iter(found)))


def _token_client(address: str) -> Any:
    if not address:
        return AccessTokenClient
    parts = urlsplit(address)
    place = {"scheme": f"{parts.scheme}://", "host": parts.netloc}
    return type("TokenClient", (AccessTokenClient,), place)


def _credentials(account: str) -> dict[str, str]:
    """Find the credentials by the library's own means: environment, secrets manager, file."""
    missing = [name for name in _SECRETS if not os.environ.get(name)]
    for name in dict.fromkeys((account, "default")):
        try:
            with contextlib.redirect_stdout(sys.stderr):  # the library prints now and then
                found = vars(CredentialProvider(name).credentials)
        except MissingCredentials:
            continue
        missing = [own for own, theirs in _SECRETS.items() if not found.get(theirs)]
        if not missing:
            return {theirs: str(found[theirs]) for theirs in _SECRETS.values()}
    raise UsageError(
        f"no credentials for Amazon's API: {', '.join(missing)} missing; set them in the "
        f"environment, or {', '.join(_SECRETS.values())} in "
        "~/.config/python-sp-api/credentials.yml (docs/amazon-api.md)"
    )
