import csv
import datetime as dt
import json
import mailbox
import re
from collections import Counter
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from random import Random

import pytest

from sellerkit.errors import UsageError
from sellerkit.sample import Sample, write_sample
from sellerkit.sample.catalogue import LANGUAGES, Service, texts
from sellerkit.sample.mailbox import TAKEOUT_AT
from sellerkit.tables import CALLS, CLAIMS, ORDERS, PERFORMANCE, RETURNS

OWN = "service@nordlicht-outdoor.example"
ALIAS = re.compile(r"[a-z0-9]{13,15}@marketplace\.amazon\.(de|fr|it|es|nl|co\.uk|com)")
ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("sample"), orders=900)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("small"), orders=40)


@pytest.fixture(scope="module")
def mails(sample: Sample) -> list[Message]:
    box = mailbox.mbox(sample.folder / "mail" / "takeout.mbox")
    singles = sorted((sample.folder / "mail" / "eml").glob("*.eml"))
    found = [message_from_bytes(box.get_bytes(key)) for key in box.keys()]  # noqa: SIM118
    box.close()
    return found + [message_from_bytes(path.read_bytes()) for path in singles]


def files_of(sample: Sample) -> dict[str, bytes]:
    root = sample.folder
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def subject_of(mail: Message) -> str:
    return str(make_header(decode_header(mail["Subject"])))


def plain_of(mail: Message) -> str:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    data = parts[0].get_payload(decode=True) if parts else b""
    assert isinstance(data, bytes)
    return data.decode("utf-8")


def buyers_of(mails: list[Message]) -> list[Message]:
    return [mail for mail in mails if "@marketplace.amazon." in mail["From"]]


def test_same_seed_gives_the_same_bytes(small: Sample, tmp_path: Path) -> None:
    assert files_of(write_sample(tmp_path, orders=40)) == files_of(small)


def test_another_seed_gives_another_shop(small: Sample, tmp_path: Path) -> None:
    other = files_of(write_sample(tmp_path, seed=8, orders=40))
    assert other["mail/takeout.mbox"] != files_of(small)["mail/takeout.mbox"]


def test_more_orders_leave_the_others_as_they_were(sample: Sample, tmp_path: Path) -> None:
    fewer = rows_of(write_sample(tmp_path, orders=400).folder / "histories" / "orders.csv")
    more = rows_of(sample.folder / "histories" / "orders.csv")
    kept = {row["order_id"]: row for row in more}
    assert all(kept[row["order_id"]] == row for row in fewer)


def test_small_sample_is_small_and_whole(small: Sample) -> None:
    files = files_of(small)
    assert sum(map(len, files.values())) < 300_000
    assert len(rows_of(small.folder / "histories" / "orders.csv")) == 40
    assert sum(name.endswith(".eml") for name in files) >= 3


def test_too_small_a_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="40"):
        write_sample(tmp_path, orders=39)


def test_two_samples_are_not_mixed(tmp_path: Path) -> None:
    write_sample(tmp_path, orders=40)
    write_sample(tmp_path, orders=40)
    with pytest.raises(UsageError, match="another folder"):
        write_sample(tmp_path, seed=8, orders=40)


def test_sample_tells_what_its_reader_needs(sample: Sample) -> None:
    assert sample.account == "Nordlicht Outdoor"
    assert sample.own_addresses == (OWN,)
    assert (sample.since, sample.until) == ("2026-07-06T00:00:00Z", sample.as_of)
    assert sample.as_of == "2026-10-05T06:00:00Z"
    assert sample.zone == "Europe/Berlin"


@pytest.mark.parametrize("side", ["buyer", "seller", "subject", "notice", "mail"])
def test_every_language_knows_every_situation(side: str) -> None:
    known = {language: set(getattr(texts(language), side)) for language in LANGUAGES}
    assert all(situations == known["de"] for situations in known.values())


def test_buyers_write_in_six_languages(mails: list[Message]) -> None:
    fences = {texts(language).mail["begin"] for language in LANGUAGES}
    counts = Counter(
        fence for mail in buyers_of(mails) for fence in fences if f"- {fence} -" in plain_of(mail)
    )
    assert set(counts) == fences
    assert min(counts.values()) >= 15


def test_counts_are_those_of_a_busy_shop(sample: Sample, mails: list[Message]) -> None:
    kinds = Counter(mail["X-Space-Notification-Type"] for mail in mails)
    assert 600 <= len(buyers_of(mails)) <= 900
    assert 14 <= kinds["A_Z_CLAIM_RESPONDENT_NOTIFY"] <= 18
    assert kinds["BUYER_OPTED_OUT_BSM_MESSAGES"] == 1
    assert kinds["BBC_MESSAGE_CONFIRMATION_TO_MERCHANT"] > 20
    assert 0 < sum(mail["X-Space-Notification-Type"] is None for mail in buyers_of(mails)) < 100
    assert len(rows_of(sample.folder / "histories" / "orders.csv")) == 899


def test_nothing_is_later_than_as_of(sample: Sample, mails: list[Message]) -> None:
    as_of = dt.datetime.fromisoformat(sample.as_of)
    stamps = [dt.datetime.strptime(m["Date"], "%a, %d %b %Y %H:%M:%S %z") for m in mails]
    assert max(stamps) <= as_of
    for name in ("orders", "returns", "claims", "calls", "no_response_needed"):
        for row in rows_of(sample.folder / "histories" / f"{name}.csv"):
            events = [v for k, v in row.items() if k.endswith("_at") and v]
            assert all(dt.datetime.fromisoformat(at) <= as_of for at in events), row


def test_mbox_is_in_takeouts_shape(sample: Sample) -> None:
    data = (sample.folder / "mail" / "takeout.mbox").read_bytes()
    assert b"\n" not in data.replace(b"\r\n", b"")
    separators = re.findall(rb"^From .*", data, re.MULTILINE)
    shape = rb"From \d{19}@xxx [A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \+0000 2026\r"
    assert all(re.fullmatch(shape, line) for line in separators)
    assert data.count(b"\r\nX-GM-THRID: ") == data.count(b"\r\nX-Gmail-Labels: ")
    assert data.count(b"\r\nX-GM-THRID: ") == len(separators)
    assert {b"Sent", b"Gesendet"} <= set(re.findall(rb"X-Gmail-Labels: (\w+)", data))


def test_a_line_that_begins_with_from_is_quoted(sample: Sample) -> None:
    data = (sample.folder / "mail" / "takeout.mbox").read_bytes()
    assert re.search(rb"^>From the photos", data, re.MULTILINE)


def test_later_mails_are_single_files(sample: Sample) -> None:
    names = [path.name for path in (sample.folder / "mail" / "eml").iterdir()]
    late = [name for name in names if name[:10] >= f"{TAKEOUT_AT:%Y-%m-%d}"]
    assert len(names) - len(late) == 1
    assert 10 <= len(late) <= 60


def test_mails_are_of_several_shapes(mails: list[Message]) -> None:
    types = Counter(mail.get_content_type() for mail in mails)
    assert {"multipart/alternative", "text/plain", "text/html", "multipart/report"} <= set(types)
    codings = {p["Content-Transfer-Encoding"] for mail in mails for p in mail.walk()}
    assert {"base64", "quoted-printable"} <= codings
    assert any("=?" in mail["Subject"] for mail in mails)
    assert any(mail["Auto-Submitted"] == "auto-replied" for mail in mails)
    assert sum(mail["Message-ID"] is None for mail in mails) == 1
    identified = Counter(mail["Message-ID"] for mail in mails if mail["Message-ID"])
    assert sorted(identified.values())[-2:] == [1, 3]


def test_hostile_texts_are_there(mails: list[Message]) -> None:
    bodies = [plain_of(mail) for mail in buyers_of(mails)]
    assert any("<script>alert(1)</script>" in body for body in bodies)
    assert any("<img src=x onerror=alert(1)>" in body for body in bodies)
    assert any("\n=HYPERLINK(" in body.replace("\r\n", "\n") for body in bodies)


def test_no_address_of_a_stranger_appears(sample: Sample) -> None:
    ours = r"(amazonses\.com|amazon\.(de|fr|it|es|nl|co\.uk|com)|[a-z-]+\.example|xxx)"
    known = re.compile(rf"([a-z0-9-]+\.)*{ours}")
    hosts = set()
    for data in files_of(sample).values():
        text = re.sub(r"=\r?\n", "", data.decode("utf-8"))
        hosts |= set(re.findall(r"[\w.+=-]@([A-Za-z][\w.-]*\w)", text))
        hosts |= set(re.findall(r"https?://([\w.-]*\w)", text))
    assert [host for host in sorted(hosts) if not known.fullmatch(host)] == []


def test_buyers_write_from_aliases_and_name_their_orders(mails: list[Message]) -> None:
    buyers = buyers_of(mails)
    assert all(ALIAS.search(mail["From"]) for mail in buyers)
    named = [bool(ORDER_ID.search(subject_of(mail) + plain_of(mail))) for mail in buyers]
    assert 0.05 < named.count(False) / len(named) < 0.25


def test_reports_read_as_tabbed_text(sample: Sample) -> None:
    reports = sample.folder / "reports"
    orders = lines_of(reports / "all-orders.txt")
    torn = [row for row in orders if row["order-status"] is None]
    assert len(torn) == 1
    assert len(orders) > 900
    assert {row["fulfillment-channel"] for row in orders if row not in torn} == {
        "Amazon",
        "Merchant",
    }
    assert {row["currency"] for row in orders if row not in torn} == {"EUR", "GBP", "USD"}
    assert all(
        ALIAS.fullmatch(r["buyer-email"]) for r in lines_of(reports / "unshipped-orders.txt")
    )
    days = [row["Return request date"] for row in lines_of(reports / "mfn-returns.txt")]
    assert all(dt.datetime.strptime(day, "%d-%b-%Y") for day in days)  # noqa: DTZ007


def test_orders_api_answer_is_json(sample: Sample) -> None:
    answer = json.loads((sample.folder / "reports" / "orders-api.json").read_text("utf-8"))
    orders = answer["payload"]["Orders"]
    assert {order["FulfillmentChannel"] for order in orders} == {"AFN", "MFN"}
    assert all("LatestShipDate" in order and "LatestDeliveryDate" in order for order in orders)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orders", ORDERS),
        ("returns", RETURNS),
        ("claims", CLAIMS),
        ("calls", CALLS),
        ("performance", PERFORMANCE),
    ],
)
def test_histories_have_canonical_columns(sample: Sample, name: str, table: object) -> None:
    rows = rows_of(sample.folder / "histories" / f"{name}.csv")
    for column, value in ((c, row[c]) for row in rows for c in row):
        allowed = table[column].choices  # type: ignore[index]
        assert not allowed or not value or value in allowed


def test_returns_are_the_same_in_report_history_and_mail(
    sample: Sample, mails: list[Message]
) -> None:
    known = rows_of(sample.folder / "histories" / "returns.csv")
    reported = lines_of(sample.folder / "reports" / "mfn-returns.txt")
    assert {r["return_id"] for r in known} == {r["Amazon RMA ID"] for r in reported}
    notices = {
        (ORDER_ID.findall(subject_of(mail))[0], mail["Date"])
        for mail in mails
        if mail["X-Space-Notification-Type"] == "RETURN_REQUEST"
    }
    asked = {
        (
            row["order_id"],
            f"{dt.datetime.fromisoformat(row['requested_at']):%a, %d %b %Y %H:%M:%S} +0000",
        )
        for row in known
    }
    assert notices == asked


def test_claims_are_of_every_kind(sample: Sample) -> None:
    claims = rows_of(sample.folder / "histories" / "claims.csv")
    assert {row["reason"] for row in claims} == set(CLAIMS["reason"].choices)
    assert {row["outcome"] for row in claims} == set(CLAIMS["outcome"].choices)
    due = [row for row in claims if not row["responded_at"] and row["respond_by"] > sample.as_of]
    assert 2 <= len(due) <= 4


def test_answers_come_in_office_hours() -> None:
    service = Service.of_shop()
    friday = dt.datetime(2026, 7, 10, 20, 0, tzinfo=dt.UTC)
    for number in range(50):
        at = service.answer_at(Random(number), friday).astimezone(service.zone)
        assert (at.hour >= 8 or at.weekday() > 4) and at.hour < 20
        assert at > friday


def test_the_sample_in_the_repository_is_what_the_seed_gives(tmp_path: Path) -> None:
    kept = Path(__file__).resolve().parents[2] / "data" / "sample"
    write_sample(tmp_path, orders=40)

    def files(folder: Path) -> dict[str, bytes]:
        found = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    assert files(kept) == files(tmp_path)
