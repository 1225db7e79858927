"""A stand-in for Amazon's API on loopback: tokens, reports, documents and orders.

The shapes are those of Amazon's published payloads. It gives only what it was told to have, keeps
a list of everything that it was asked, and can be told to be busy or broken.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents/"
ORDERS = "/orders/v0/orders"
TOKEN = "/auth/o2/token"
PRIVATE_TOKEN = "/tokens/2021-03-01/restrictedDataToken"

#: For the environment: what the stand-in takes for good credentials.
CREDENTIALS = {
    "SP_API_REFRESH_TOKEN": "Atzr|refresh",
    "LWA_APP_ID": "amzn1.application-oa2-client.1",
    "LWA_CLIENT_SECRET": "secret",
}


@dataclass
class Made:
    """What becomes of the reports of one type: their end, and their document."""

    body: bytes = b""
    content_type: str = "text/plain; charset=UTF-8"
    status: str = "DONE"
    packed: bool = False
    looks: int = 0  # so often it is still IN_PROGRESS
    private: bool = False


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict


@dataclass
class Reply:
    """One answer that goes out."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def error(status: int, message: str, **headers: str) -> Reply:
    told = {"errors": [{"code": str(status), "message": message, "details": ""}]}
    return Reply(
        status, json.dumps(told).encode(), {n.replace("_", "-"): v for n, v in headers.items()}
    )


def busy(rate: str = "") -> Reply:
    named = {"x_amzn_RateLimit_Limit": rate} if rate else {}
    return error(429, "You exceeded your quota for the requested resource.", **named)


class StandIn:
    """Amazon, as far as sellerkit asks."""

    def __init__(self) -> None:
        self.makes: dict[str, Made] = {}
        self.pages: list[dict] = []  # what getOrders answers, page by page
        self.made_unasked: list[dict] = []  # what getReports lists, two a page
        self.faults: defaultdict[tuple[str, str], list[Reply]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.requests: dict[str, dict] = {}  # report id → what was asked for
        self._looks: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def calls(self, method: str, path: str) -> list[Asked]:
        return [one for one in self.asked if one.method == method and one.path.startswith(path)]

    def created(self, report_type: str = "") -> list[dict]:
        bodies = [one.body for one in self.calls("POST", REPORTS)]
        return [b for b in bodies if not report_type or b["reportType"] == report_type]

    def answer(self, one: Asked) -> Reply:
        with self._lock:
            self.asked.append(one)
            for (method, path), replies in self.faults.items():
                if replies and one.method == method and one.path.startswith(path):
                    return replies.pop(0)
            return self._answer(one)

    def _answer(self, one: Asked) -> Reply:
        if one.path == TOKEN:
            return self._token(one)
        if one.path.startswith("/document/"):
            return self._file(one.path.removeprefix("/document/"))
        token = one.headers.get("x-amz-access-token", "")
        if token != "Atza|access" and not token.startswith("Atz.sprdt|"):
            return error(403, "Access to requested resource is denied.")
        if one.path == PRIVATE_TOKEN:
            path = one.body["restrictedResources"][0]["path"]
            return _json({"restrictedDataToken": f"Atz.sprdt|{path}", "expiresIn": 3600})
        if one.path == ORDERS:
            return self._orders(one)
        if one.path == REPORTS:
            return self._create(one) if one.method == "POST" else self._list(one)
        if one.path.startswith(REPORTS):
            return self._report(one.path.rsplit("/", 1)[-1])
        if one.path.startswith(DOCUMENTS):
            return self._document(one, token)
        return error(404, "no such operation")

    def _token(self, one: Asked) -> Reply:
        if one.body.get("client_secret") != CREDENTIALS["LWA_CLIENT_SECRET"]:
            told = {"error": "invalid_client", "error_description": "Client authentication failed"}
            return _json(told, 401)
        given = {"access_token": "Atza|access", "token_type": "bearer", "expires_in": 3600}
        return _json(given | {"refresh_token": one.body["refresh_token"]})

    def _create(self, one: Asked) -> Reply:
        number = str(50001 + len(self.requests))
        self.requests[number] = one.body
        return _json({"reportId": number}, 202)

    def _list(self, one: Asked) -> Reply:
        at = int(one.query.get("nextToken", "0"))
        for made in self.made_unasked:
            self.requests[made["reportId"]] = made
        page = {"reports": self.made_unasked[at : at + 2]}
        return _json(page | ({"nextToken": str(at + 2)} if at + 2 < len(self.made_unasked) else {}))

    def _report(self, number: str) -> Reply:
        request = self.requests.get(number)
        if request is None:
            return error(404, f"Report {number} was not found.")
        made = self.makes.get(request["reportType"], Made(status="CANCELLED"))
        self._looks[number] += 1
        status = "IN_PROGRESS" if self._looks[number] <= made.looks else made.status
        told = {"reportId": number, "processingStatus": status, **request}
        if status == "DONE" or (status == "FATAL" and made.body):
            told["reportDocumentId"] = f"amzn1.spdoc.{number}"
        return _json(told)

    def _document(self, one: Asked, token: str) -> Reply:
        document = one.path.removeprefix(DOCUMENTS)
        made = self.makes[self.requests[document.rsplit(".", 1)[-1]]["reportType"]]
        if made.private != token.startswith("Atz.sprdt|") or (
            made.private and token != f"Atz.sprdt|{one.path}"
        ):
            return error(403, "Access to requested resource is denied.")
        told = {"reportDocumentId": document, "url": f"{self.address}/document/{document}?signed=1"}
        return _json(told | ({"compressionAlgorithm": "GZIP"} if made.packed else {}))

    def _file(self, document: str) -> Reply:
        made = self.makes[self.requests[document.rsplit(".", 1)[-1]]["reportType"]]
        body = gzip.compress(made.body) if made.packed else made.body
        return Reply(200, body, {"Content-Type": made.content_type} if made.content_type else {})

    def _orders(self, one: Asked) -> Reply:
        at = int(one.query.get("NextToken", "0"))
        page = dict(self.pages[at]) if self.pages else {"Orders": []}
        page.pop("NextToken", None)  # Amazon's sample pages name tokens that lead nowhere
        return _json(
            {"payload": page | ({"NextToken": str(at + 1)} if at + 1 < len(self.pages) else {})}
        )


def _json(told: dict, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = "form" in self.headers.get("Content-Type", "")
            self._reply({n: v[0] for n, v in parse_qs(text).items()} if form else json.loads(text))

        def _reply(self, body: dict) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = stand_in.answer(Asked(self.command, parts.path, query, headers, body))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
