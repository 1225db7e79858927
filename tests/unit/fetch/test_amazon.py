"""Amazon's reports: asked for once, waited for, kept as they are, and read; against a stand-in."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from amazon_stand_in import (
    CREDENTIALS,
    DOCUMENTS,
    ORDERS,
    REPORTS,
    TOKEN,
    Made,
    Reply,
    StandIn,
    busy,
    error,
)
from loopback_only import build_wall

from sellerkit.errors import InputError, UsageError
from sellerkit.fetch import amazon as front
from sellerkit.fetch.amazon import Fetched, Wanted, fetch_amazon
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.document import unpack
from sellerkit.fetch.reports import reports
from sellerkit.lake import Lake

NOW = dt.datetime(2026, 3, 31, 12, 3, 30, tzinfo=dt.UTC)

BY_UPDATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
UNSHIPPED = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
V1 = "GET_V1_SELLER_PERFORMANCE_REPORT"
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

HEADER = "\t".join(
    ("amazon-order-id", "purchase-date", "last-updated-date", "order-status",
     "fulfillment-channel", "sales-channel", "product-name", "sku", "item-status", "quantity",
     "currency", "item-price")
)  # fmt: skip


class Time:
    """A clock that stands still but for those who wait by it."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += dt.timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection that leaves this machine, and tell which there were."""
    beyond: list[object] = []
    build_wall(beyond, monkeypatch.setattr)
    return beyond


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Good credentials in the environment, and none of this machine's own."""
    from sp_api.auth import access_token_client

    access_token_client.cache.clear()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("SP_API_AWS_SECRET_ID", raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def amazon() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def time() -> Time:
    return Time()


class Fetch:
    """A fetch against the stand-in, into one lake and one folder."""

    def __init__(self, amazon: StandIn, time: Time, folder: Path) -> None:
        self.amazon, self.time = amazon, time
        self.lake, self.keep = folder / "lake", folder / "keep"

    def connect(self, account: str, stores: list[str], clock: Clock) -> object:
        from sellerkit.fetch.connection import Connection

        place = self.amazon.address
        return Connection(account, stores, clock, api=place, tokens=place)

    def __call__(self, *reports: str, stores: tuple[str, ...] = ("DE",), **window: str) -> Fetched:
        wanted = Wanted("My shop", stores, reports, **window)
        return fetch_amazon(
            wanted, self.lake, self.keep, clock=self.time.clock, connect=self.connect
        )

    @property
    def folder(self) -> Path:
        return self.keep / "My-shop"


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the files where they are: what is asked is only which there are."""
    monkeypatch.setattr("sellerkit.fetch.amazon._ingest", lambda run, account, lake: None)


@pytest.fixture
def fetch(amazon: StandIn, time: Time, tmp_path: Path) -> Fetch:
    return Fetch(amazon, time, tmp_path)


def all_orders(*names: str) -> str:
    """An All Orders report with one order for each product's name."""
    rows = [
        f"302-{number:07}-0000001\t2026-03-02T10:00:00+00:00\t2026-03-03T10:00:00+00:00\tShipped\t"
        f"Merchant\tAmazon.de\t{name}\tS{number}\tShipped\t1\tEUR\t19.99"
        for number, name in enumerate(names, 1)
    ]
    return "\n".join([HEADER, *rows, ""])


def order(number: int) -> dict:
    """One order as getOrders gives it."""
    return {
        "AmazonOrderId": f"305-{number:07}-0000001",
        "PurchaseDate": "2026-03-02T10:00:00Z",
        "LastUpdateDate": "2026-03-03T10:00:00Z",
        "OrderStatus": "Unshipped",
        "FulfillmentChannel": "MFN",
        "MarketplaceId": "A1PA6795UKMFR9",
        "LatestShipDate": "2026-03-05T22:59:59Z",
        "OrderTotal": {"CurrencyCode": "EUR", "Amount": "19.99"},
        "NumberOfItemsShipped": 0,
        "NumberOfItemsUnshipped": 1,
    }


def orders_in(lake: Path) -> set[str]:
    return set(Lake.open(lake).histories()["orders"]["order_id"])


def test_a_report_is_asked_for_waited_for_kept_and_read(
    fetch, amazon: StandIn, time, only_loopback: list
) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle", "Pan").encode(), packed=True, looks=2)
    fetched = fetch("all_orders_by_update")

    (asked,) = amazon.created()
    assert asked["marketplaceIds"] == ["A1PA6795UKMFR9"]
    # thirty days up to three minutes ago
    assert asked["dataStartTime"] == "2026-03-01T12:00:00Z"
    assert asked["dataEndTime"] == "2026-03-31T12:00:00Z"
    assert asked["reportOptions"] == {"preferredReportDocumentLocale": "en_US"}
    assert len(amazon.calls("GET", f"{REPORTS}/50001")) == 3
    assert time.slept == [10.0, 15.0]

    name = "all_orders_by_update__DE__20260301T120000Z_20260331T120000Z__50001.txt"
    assert fetched.requests[0].files == [name]
    assert (fetch.folder / name).read_text("utf-8") == all_orders("Kettle", "Pan")
    assert not fetched.problems
    assert orders_in(fetch.lake) == {"302-0000001-0000001", "302-0000002-0000001"}
    assert fetched.as_dict()["ingest"]["totals"]["tables"]["orders"]["new"] == 2
    assert only_loopback == []


def test_without_the_stand_in_amazon_itself_is_asked(only_loopback: list, time) -> None:
    from sellerkit.fetch.connection import Connection

    connection = Connection("My shop", ["DE"], time.clock)
    assert connection._reports.endpoint == "https://sellingpartnerapi-eu.amazon.com"
    with pytest.raises(InputError, match="could not be reached"):
        connection.status("50001")
    connection.close()
    # the wall has seen it: so what it lets through in the other tests is the stand-in's alone
    assert set(only_loopback) == {"api.amazon.com"}


def test_the_environment_does_not_overrule_the_store(monkeypatch, time) -> None:
    from sellerkit.fetch.connection import Connection

    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "US")
    connection = Connection("My shop", ["JP"], time.clock)
    assert connection._reports.endpoint == "https://sellingpartnerapi-fe.amazon.com"
    connection.close()


@pytest.mark.parametrize(
    ("charset", "body", "kept", "recorded"),
    [
        # what Amazon names is written anew as UTF-8, since a file cannot name it
        ("Cp1252", "Töpfe – 9 €".encode("cp1252"), "Töpfe – 9 €".encode(), "Cp1252"),
        ("Windows-31J", "鍋①".encode("cp932"), "鍋①".encode(), "Windows-31J"),
        ("ISO-8859-1", "Töpfe".encode("latin-1"), "Töpfe".encode(), "ISO-8859-1"),
        ("UTF-8", "Töpfe".encode(), "Töpfe".encode(), ""),
        # where it names none, nothing is guessed
        ("", "Töpfe".encode("cp1252"), "Töpfe".encode("cp1252"), ""),
        # where it names the wrong one, no byte is lost
        ("US-ASCII", b"T\xf6pfe", b"T\xf6pfe", ""),
        ("x-unknown", b"T\xf6pfe", b"T\xf6pfe", ""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_document_s_charset_is_not_lost(
    tmp_path: Path, charset: str, body: bytes, kept: bytes, recorded: str, packed: bool
) -> None:
    raw, target = tmp_path / "raw", tmp_path / "report.txt"
    raw.write_bytes(gzip.compress(b"name\r\n" + body) if packed else b"name\r\n" + body)
    named, odd = unpack(raw, target, packed=packed, charset=charset or None)
    assert target.read_bytes() == b"name\r\n" + kept
    assert named == recorded
    assert ("kept as it came" in odd) == (charset in ("US-ASCII", "x-unknown"))
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "report.txt"}


def test_the_charset_is_the_one_of_the_download(fetch, amazon: StandIn) -> None:
    report = all_orders("Töpfe – 9 €")
    amazon.makes[BY_UPDATE] = Made(report.encode("cp1252"), "text/plain; charset=Cp1252")
    (request,) = fetch("all_orders_by_update").requests
    assert (fetch.folder / request.files[0]).read_bytes() == report.encode()
    assert request.charset == "cp1252"
    assert Lake.open(fetch.lake).histories()["order_items"]["title"].tolist() == ["Töpfe – 9 €"]


@pytest.mark.usefixtures("unread")
def test_xml_says_itself_what_it_is_in_and_stays_as_it_came(fetch, amazon: StandIn) -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><r n="Töpfe"/>'.encode("latin-1")
    amazon.makes[V1] = Made(body, "text/xml; charset=ISO-8859-1")
    (request,) = fetch("performance_v1").requests
    assert request.files[0].endswith(".xml")
    assert (fetch.folder / request.files[0]).read_bytes() == body
    assert "dataStartTime" not in amazon.created()[0]


def test_longer_periods_are_parted_without_a_gap(fetch, amazon: StandIn) -> None:
    window = {"since": "2026-01-01", "until": "2026-03-17"}  # 75 days
    fetch("all_orders_by_update", "mfn_returns", **window)
    spans = {
        type_: [(b["dataStartTime"][:10], b["dataEndTime"][:10]) for b in amazon.created(type_)]
        for type_ in (BY_UPDATE, RETURNS)
    }
    assert spans[BY_UPDATE] == [
        ("2026-01-01", "2026-01-31"),
        ("2026-01-31", "2026-03-02"),
        ("2026-03-02", "2026-03-17"),
    ]
    assert spans[RETURNS] == [("2026-01-01", "2026-03-02"), ("2026-03-02", "2026-03-17")]


def test_each_store_is_asked_for_by_itself(fetch, amazon: StandIn) -> None:
    fetch("mfn_returns", stores=("de", "FR", "DE"))
    asked = [body["marketplaceIds"] for body in amazon.created()]
    assert asked == [["A1PA6795UKMFR9"], ["A13V1IB3VIYZZH"]]


@pytest.mark.parametrize(
    ("rate", "slept"),
    [
        ("0.0167", [60, 60]),  # one a minute
        ("2.0", [2, 4]),  # the rate allows more than the back-off
        ("", [2, 4]),
        ("0.000001", [300, 300]),  # never longer than five minutes
        ("nan", [2, 4]),
        ("-1", [2, 4]),
    ],
)
def test_a_busy_amazon_is_asked_again_in_time_with_its_rate(
    fetch, amazon: StandIn, time, rate: str, slept: list[int]
) -> None:
    amazon.faults["POST", REPORTS] = [busy(rate), busy(rate)]
    (request,) = fetch("mfn_returns").requests
    assert [round(seconds) for seconds in time.slept] == slept
    assert len(amazon.requests) == 1 and request.state == "no data"


HTML = Reply(504, b"<html><title>504 Gateway Time-out</title></html>")


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize(
    "where",
    [
        ("POST", TOKEN), ("POST", REPORTS), ("GET", f"{REPORTS}/"), ("GET", DOCUMENTS),
        ("GET", "/document/"),
    ],
)  # fmt: skip
def test_faults_are_outlived_wherever_they_are(fetch, amazon: StandIn, where: tuple) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.faults[where] = [error(503, "Service Unavailable"), HTML, error(500, "Internal")]
    fetched = fetch("all_orders_by_update")
    assert not fetched.problems
    assert len(amazon.created()) == (4 if where == ("POST", REPORTS) else 1)
    assert (fetch.folder / fetched.requests[0].files[0]).read_text() == all_orders("Kettle")


@pytest.mark.usefixtures("unread")
def test_an_answer_that_is_no_answer_is_a_fault(fetch, amazon: StandIn) -> None:
    """The library takes each of these for an empty answer."""
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.faults["GET", f"{REPORTS}/"] = [
        Reply(200, b"<html>"),
        Reply(200, b"[]"),
        Reply(200, b"{}"),
        Reply(200, b'{"payload": "x"}'),
    ]
    assert [request.state for request in fetch("all_orders_by_update").requests] == ["downloaded"]


def test_a_lasting_fault_fails_one_report_and_not_the_others(fetch, amazon: StandIn) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.faults["POST", REPORTS] = [error(503, "Service Unavailable")] * 6
    fetched = fetch("mfn_returns", "all_orders_by_update")
    assert [request.state for request in fetched.requests] == ["failed", "downloaded"]
    (problem,) = fetched.problems
    assert "mfn_returns, DE" in problem and "Service Unavailable (503)" in problem
    assert orders_in(fetch.lake) == {"302-0000001-0000001"}


def test_a_period_that_is_not_taken_keeps_no_other_out(fetch, amazon: StandIn) -> None:
    amazon.faults["POST", REPORTS] = [error(400, "dataStartTime is too long ago")]
    fetched = fetch("mfn_returns", since="2025-12-01", until="2026-03-31")
    assert [request.state for request in fetched.requests] == ["failed", "no data"]
    (problem,) = fetched.problems
    assert "2025-12-01T00:00:00Z to 2026-01-30T00:00:00Z: dataStartTime is too long" in problem


@pytest.mark.usefixtures("unread")
def test_a_cut_download_is_fetched_again(fetch, amazon: StandIn) -> None:
    whole = all_orders("Kettle")
    amazon.makes[BY_UPDATE] = Made(whole.encode(), packed=True)
    amazon.faults["GET", "/document/"] = [Reply(200, gzip.compress(whole.encode())[:40])]
    (request,) = fetch("all_orders_by_update").requests
    assert (fetch.folder / request.files[0]).read_text() == whole
    assert len(amazon.calls("GET", DOCUMENTS)) == 2
    left = {path.name for path in fetch.folder.iterdir()} - {".lock", "requests.json"}
    assert left == set(request.files)


def test_no_data_is_no_problem(fetch, amazon: StandIn) -> None:
    amazon.makes[RETURNS] = Made(status="CANCELLED")
    fetched = fetch("mfn_returns")
    assert [request.state for request in fetched.requests] == ["no data"]
    assert not fetched.problems and fetched.ingest is None


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errorDetails": "Error in report request: dataStartTime is wrong"}', "is wrong"),
        (b"no JSON at all", "no JSON at all"),
        (b"", "it does not say why"),
    ],
)
def test_a_report_that_amazon_cannot_make_says_why(
    fetch, amazon: StandIn, body: bytes, said: str
) -> None:
    amazon.makes[RETURNS] = Made(body, status="FATAL", packed=True)
    (problem,) = fetch("mfn_returns").problems
    assert problem.startswith("mfn_returns, DE, 2026-03-01T12:00:00Z to 2026-03-31T12:00:00Z: ")
    assert said in problem
    # and the next run asks anew
    fetch("mfn_returns")
    assert len(amazon.created()) == 2


def test_a_refusal_names_the_role_and_is_asked_once(fetch, amazon: StandIn) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.faults["POST", REPORTS] = [error(403, "Access to requested resource is denied.")]
    fetched = fetch("unshipped", "all_orders_by_update", since="2026-01-01")
    (problem,) = fetched.problems
    assert "Access to requested resource is denied. (403)" in problem
    assert "Direct to Consumer Shipping (Restricted)" in problem and "--report" in problem
    # though there are three periods, and each is accounted for
    assert len(amazon.created(UNSHIPPED)) == 1
    assert [r.state for r in fetched.requests if r.report == "unshipped"] == ["failed"] * 3
    assert orders_in(fetch.lake) == {"302-0000001-0000001"}


@pytest.mark.usefixtures("unread")
def test_personal_data_is_taken_against_a_token_for_that_one_document(
    fetch, amazon: StandIn
) -> None:
    amazon.makes[UNSHIPPED] = Made(b"order-id\tpromise-date\n", private=True)
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    fetched = fetch("unshipped", "all_orders_by_update")
    assert [request.state for request in fetched.requests] == ["downloaded", "downloaded"]
    # the file's own address gets no token at all
    assert all("x-amz-access-token" not in one.headers for one in amazon.calls("GET", "/document/"))
    assert fetch.folder.stat().st_mode & 0o077 == 0  # nobody else looks into the folder


@pytest.mark.usefixtures("unread")
def test_an_option_that_is_not_taken_is_left_out(fetch, amazon: StandIn) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.faults["POST", REPORTS] = [error(400, "Invalid report options")]
    assert not fetch("all_orders_by_update").problems
    assert ["reportOptions" in body for body in amazon.created()] == [True, False]


@pytest.mark.usefixtures("unread")
def test_settlements_are_listed_and_never_asked_for(fetch, amazon: StandIn) -> None:
    amazon.made_unasked = [
        {
            "reportId": str(700 + n),
            "reportType": SETTLEMENT,
            "dataStartTime": "2026-03-01T00:00:00+00:00",
            "dataEndTime": "2026-03-15T00:00:00+00:00",
        }
        for n in range(3)
    ]
    amazon.makes[SETTLEMENT] = Made(b"settlement-id\tamount\n1\t2\n")
    fetched = fetch("settlement", since="2025-06-01")
    assert not amazon.created()
    assert [len(request.files) for request in fetched.requests] == [1, 1, 1]
    first, second = amazon.calls("GET", REPORTS)[:2]
    assert first.query["createdSince"] == "2025-12-31T12:00:00Z"  # 90 days: all that Amazon keeps
    assert set(second.query) == {"nextToken"}


def test_all_pages_of_the_orders_are_taken(fetch, amazon: StandIn) -> None:
    amazon.pages = [{"Orders": [order(1), order(2)]}, {"Orders": [order(3)]}]
    (request,) = fetch("orders", since="2025-01-01").requests
    first, second = amazon.calls("GET", ORDERS)
    assert first.query["LastUpdatedAfter"] == "2025-01-01T00:00:00Z"
    assert second.query["NextToken"] == "1" and "LastUpdatedAfter" not in second.query
    assert [name.rsplit("__", 1)[-1] for name in request.files] == ["p0001.json", "p0002.json"]
    assert orders_in(fetch.lake) == {order(n)["AmazonOrderId"] for n in (1, 2, 3)}


def test_a_page_that_came_too_late_begins_the_orders_anew(fetch, amazon: StandIn) -> None:
    amazon.pages = [{"Orders": [order(1)]}, {"Orders": [order(2)]}]
    real = amazon.answer
    seen = []

    def late(one):
        if one.query.get("NextToken") and not seen:
            seen.append(one)
            return error(400, "NextToken has expired")
        return real(one)

    amazon.answer = late
    (request,) = fetch("orders").requests
    assert len(request.files) == 2 and not request.said
    assert orders_in(fetch.lake) == {order(n)["AmazonOrderId"] for n in (1, 2)}


def test_a_stopped_run_goes_on_with_what_it_asked_for(fetch, amazon: StandIn, time) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    amazon.makes[RETURNS] = Made(b"", looks=1, status="CANCELLED")
    names = ("all_orders_by_update", "mfn_returns", "orders")
    amazon.pages = [{"Orders": [order(1)]}]
    real, time.sleep = time.sleep, _stop
    with pytest.raises(KeyboardInterrupt):
        fetch(*names)
    time.sleep = real
    time.sleep(3600)  # an hour later the window is still the same
    fetched = fetch(*names)
    assert len(amazon.created(BY_UPDATE)) == len(amazon.created(RETURNS)) == 1
    assert len(amazon.calls("GET", "/document/")) == len(amazon.calls("GET", ORDERS)) == 1
    assert [request.state for request in fetched.requests] == [
        "downloaded",
        "no data",
        "downloaded",
    ]
    assert fetched.went_on == "2026-03-31T12:00:00Z"
    assert orders_in(fetch.lake) == {"302-0000001-0000001", order(1)["AmazonOrderId"]}
    # that run is done: the next one is about what came since
    after = fetch(*names)
    assert after.went_on == "" and len(amazon.created(BY_UPDATE)) == 2
    assert amazon.created(BY_UPDATE)[1]["dataEndTime"] == "2026-03-31T13:00:00Z"


def _stop(seconds: float) -> None:
    raise KeyboardInterrupt


def test_another_command_in_between_does_not_end_a_stopped_run(fetch, amazon, time) -> None:
    amazon.makes[RETURNS] = Made(status="CANCELLED", looks=1)
    real, time.sleep = time.sleep, _stop
    with pytest.raises(KeyboardInterrupt):
        fetch("mfn_returns")
    time.sleep = real
    time.sleep(600)
    assert fetch("orders").went_on == ""
    assert fetch("mfn_returns").went_on == "2026-03-31T12:00:00Z"
    assert len(amazon.created(RETURNS)) == 1


def test_two_runs_at_once_are_one_too_many(fetch, amazon: StandIn) -> None:
    from sellerkit.fetch.progress import account_folder, alone

    folder = account_folder(fetch.keep, "My shop")
    with alone(folder), pytest.raises(UsageError, match="another fetch"):
        fetch("mfn_returns")
    assert not amazon.asked


def test_what_was_downloaded_is_not_fetched_again(fetch, amazon: StandIn) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    window = {"since": "2026-01-01", "until": "2026-01-31"}
    first = fetch("all_orders_by_update", **window)
    again = fetch("all_orders_by_update", **window)
    assert len(amazon.created()) == len(amazon.calls("GET", "/document/")) == 1
    assert again.ingest.lake.version == first.ingest.lake.version
    # unless the file is gone
    (fetch.folder / first.requests[0].files[0]).unlink()
    fetch("all_orders_by_update", **window)
    assert len(amazon.created()) == 2


@pytest.mark.usefixtures("unread")
def test_what_takes_too_long_is_left_to_a_later_run(fetch, amazon: StandIn, time) -> None:
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode(), looks=200)
    (problem,) = fetch("all_orders_by_update").problems
    assert "still being made" in problem
    amazon.makes[BY_UPDATE].looks = 0
    assert not fetch("all_orders_by_update").problems
    assert len(amazon.created()) == 1


def test_a_file_that_cannot_be_read_keeps_no_other_out(fetch, amazon: StandIn) -> None:
    amazon.makes[RETURNS] = Made(b"Order ID\tReturn request date\tAmazon RMA ID\tA-to-Z Claim\n\0")
    amazon.makes[BY_UPDATE] = Made(all_orders("Kettle").encode())
    fetched = fetch("mfn_returns", "all_orders_by_update")
    (problem,) = fetched.problems
    assert "mfn_returns__DE" in problem
    assert orders_in(fetch.lake) == {"302-0000001-0000001"}


def test_missing_credentials_are_named(fetch, monkeypatch) -> None:
    monkeypatch.delenv("LWA_CLIENT_SECRET")
    with pytest.raises(UsageError) as caught:
        fetch("mfn_returns")
    assert "LWA_CLIENT_SECRET" in str(caught.value) and "credentials.yml" in str(caught.value)
    assert "refresh" not in str(caught.value).split("missing")[0].lower()


def test_the_account_s_own_credentials_come_first(fetch, amazon: StandIn, monkeypatch) -> None:
    monkeypatch.setenv("SP_API_REFRESH_TOKEN_My shop", "Atzr|its own")
    fetch("mfn_returns")
    assert amazon.calls("POST", TOKEN)[0].body["refresh_token"] == "Atzr|its own"


def test_credentials_may_lie_in_the_library_s_file(
    fetch, amazon: StandIn, monkeypatch, tmp_path: Path
) -> None:
    for name in ("SP_API_REFRESH_TOKEN", "LWA_APP_ID", "LWA_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    file = tmp_path / ".config" / "python-sp-api" / "credentials.yml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "default:\n  refresh_token: 'Atzr|file'\n  lwa_app_id: app\n  lwa_client_secret: secret\n"
    )
    assert not fetch("mfn_returns").problems
    assert amazon.calls("POST", TOKEN)[0].body["refresh_token"] == "Atzr|file"


def test_credentials_that_amazon_does_not_accept_are_one_sentence(fetch, monkeypatch) -> None:
    monkeypatch.setenv("LWA_CLIENT_SECRET", "wrong")
    with pytest.raises(InputError) as caught:
        fetch()
    assert "invalid_client: Client authentication failed" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_missing_library_is_one_sentence(monkeypatch, time) -> None:
    monkeypatch.delitem(sys.modules, "sellerkit.fetch.connection", raising=False)
    monkeypatch.setattr("sellerkit.fetch.connection", None, raising=False)
    for name in ("sp_api", "sp_api.api"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r'pip install "sellerkit\[spapi\]"'):
        front.connect("My shop", ["DE"], time.clock)


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (("nothing",), {}, "--report nothing"),
        ((), {"stores": ("XX",)}, "--marketplace XX"),
        ((), {"stores": ()}, "--marketplace"),
        ((), {"stores": ("DE", "US")}, "two regions"),
        ((), {"since": "soon"}, "--since soon"),
        ((), {"since": "2026-03-01", "until": "2026-02-01"}, "not before"),
        ((), {"since": "2027-01-01"}, "not before"),
    ],
)
def test_wrong_options_are_named_before_anything_is_asked(
    fetch, amazon: StandIn, names: tuple, options: dict, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        fetch(*names, **options)
    assert not amazon.asked


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"account": "My shop", "runs": {}, "requests": [{}]}']
)
def test_a_damaged_list_of_requests_says_what_to_do(fetch, text: str) -> None:
    fetch.folder.mkdir(parents=True)
    (fetch.folder / "requests.json").write_text(text)
    with pytest.raises(InputError, match=r"requests\.json.*remove it"):
        fetch("mfn_returns")


def test_two_accounts_do_not_share_a_folder(fetch, amazon: StandIn) -> None:
    fetch("mfn_returns")
    wanted = Wanted("My-shop", ("DE",))
    with pytest.raises(UsageError, match="--keep"):
        fetch_amazon(wanted, fetch.lake, fetch.keep, clock=fetch.time.clock, connect=fetch.connect)


def test_every_report_of_the_list_is_whole_and_documented(root: Path) -> None:
    page = (root / "docs" / "amazon-api.md").read_text("utf-8")
    for report in reports().values():
        assert f"| `{report.name}` |" in page
        assert report.roles and report.about
        assert report.days or not report.dated or report.kind == "orders", report.name


@pytest.mark.corpus
def test_amazon_s_published_payloads_go_the_whole_way(fetch, amazon: StandIn, corpus: Path) -> None:
    models = corpus / "amzn-selling-partner-api-models" / "extracted"
    amazon.pages = [
        json.loads((models / f"ordersV0-getOrders-{name}.json").read_text())["payload"]
        for name in ("example", "sandbox-1", "sandbox-2")
    ]
    listed = {o["AmazonOrderId"] for page in amazon.pages for o in page["Orders"]}
    health = (models / "accountHealthReport-example-1.json").read_bytes()
    amazon.makes["GET_V2_SELLER_PERFORMANCE_REPORT"] = Made(health, "application/json", packed=True)
    shapes = corpus / "amzn-selling-partner-api-samples/code-recipes/test/responses"
    told = json.loads((shapes / "reports-getReport.json").read_text())
    fetched = fetch("orders", "performance_v2", stores=("US",))
    assert [request.state for request in fetched.requests] == ["downloaded", "downloaded"]
    assert orders_in(fetch.lake) == listed
    assert (fetch.folder / fetched.requests[1].files[0]).read_bytes() == health
    # what the stand-in tells of a report is what Amazon's sample tells, by name
    asked = json.loads(amazon._report("50001").body)
    assert set(asked) - {"MarketplaceIds", "reportOptions"} <= set(told)
