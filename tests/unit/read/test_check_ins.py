"""check_ins.csv: told by its columns or its name, kept once, quarantined where it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from mails import mail, mbox

from sellerkit.audit import audit
from sellerkit.errors import InputError
from sellerkit.lake import Lake
from sellerkit.lake.records import find
from sellerkit.read.ingest import IngestReport, ingest
from sellerkit.read.mail.notices import NOTICES
from sellerkit.read.registry import detect
from sellerkit.read.source import Context, Source
from sellerkit.tables import NOTICED, SOLICITATIONS

ORDER = "302-0000001-0000001"
LINE = f"{ORDER},2026-01-10T08:00:00Z"


def form_of(name: str, header: str) -> str | None:
    form = detect(Source(name, f"{header}\n".encode()))
    return form.name if form else None


@pytest.mark.parametrize(
    ("name", "header", "form"),
    [
        ("export.csv", "order_id,sent_at", "check_ins_csv"),
        ("export.csv", "Order_ID,sent_at,account", "check_ins_csv"),
        ("check_ins.csv", "order_id,sent_at,campaign", "check_ins_csv"),
        ("export.csv", "order_id,sent_at,campaign", None),
        ("export.csv", "order_id,sent_at,sender,body", None),
        ("check_ins.csv", "order_id,account,state,from_at,to_at,sent_at,why", None),
        ("messages.csv", "message_id,order_id,sent_at,sender", "messages_csv"),
        ("check_ins.csv", "message_id,order_id,sent_at,sender", "messages_csv"),
        ("export.csv", "order_id,marked_at", "no_response_needed_csv"),
    ],
)
def test_which_file_is_one(name: str, header: str, form: str | None) -> None:
    assert form_of(name, header) == form


def read(folder: Path, text: str, name: str = "check_ins.csv") -> IngestReport:
    (folder / name).write_text(text)
    return ingest([folder / name], folder / "lake", Context("shop", "DE"))


def test_a_list_is_kept_once_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    first = read(tmp_path, f"order_id,sent_at,account\n{LINE},\n{LINE},other\n")
    counts = first.files[0].tables["solicitations"]
    assert counts == {"rows": 2, "new": 2, "updated": 0, "same": 0}
    again = read(tmp_path, f"order_id,sent_at\n{LINE}\n{ORDER},2026-02-10\n", "more.csv")
    counts = again.files[0].tables["solicitations"]
    assert counts == {"rows": 2, "new": 1, "updated": 0, "same": 1}
    kept = Lake.open(tmp_path / "lake").histories("shop")["solicitations"]
    # a day alone counts as its end in the store's zone
    assert sorted(f"{at}" for at in kept["sent_at"]) == [
        "2026-01-10 08:00:00+00:00",
        "2026-02-10 22:59:59.999999+00:00",
    ]
    assert sorted(kept["source_pos"]) == [2, 3]


def test_what_does_not_fit_is_quarantined_with_its_reason(tmp_path: Path) -> None:
    report = read(tmp_path, f"order_id,sent_at\n,2026-01-10\n{ORDER},\n{ORDER},soon\n{LINE}\n")
    account = report.files[0]
    assert (account.read, account.quarantined) == (4, 3)
    assert account.parsed is not None
    reasons = [unit.reason for unit in account.parsed.quarantined]
    assert reasons == [
        "order_id: is missing",
        "sent_at: is missing",
        "sent_at: 'soon' is no date or time like 2026-10-05T06:00:00Z",
    ]
    assert len(Lake.open(tmp_path / "lake").read(SOLICITATIONS)) == 1


def test_a_list_without_instants_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="sent_at"):
        read(tmp_path, f"order_id\n{ORDER}\n")


def test_show_finds_it_under_its_order(tmp_path: Path) -> None:
    read(tmp_path, f"order_id,sent_at\n{LINE}\n")
    (found,) = find(Lake.open(tmp_path / "lake"), ORDER)
    assert found.table == "orders"
    (record,) = found.of("solicitations")
    assert (record.form, record.row["source_pos"]) == ("check_ins_csv", 2)
    assert f"{record.at:%Y-%m-%d}" == "2026-01-10"


def test_the_audit_asks_of_notices_only_what_they_have() -> None:
    assert set(NOTICED.names) <= set(NOTICES.names)
    assert NOTICED.name == NOTICES.name
    assert NOTICED.key == NOTICES.key


def test_an_opt_out_in_the_mailbox_and_a_list_reach_the_audit(tmp_path: Path) -> None:
    opt_out = mail(
        "The buyer opted out.",
        From="Amazon <auto-communication@amazon.de>",
        Subject=f"Opt-out, order {ORDER}",
        X_Space_Notification_Type="BUYER_OPTED_OUT_BSM_MESSAGES",
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "all.mbox").write_bytes(mbox(opt_out))
    other = ORDER.replace("302", "303")
    rows = [f"{order},2019-12-20T00:00Z,shipped,2020-01-01T00:00Z" for order in (ORDER, other)]
    lines = ["order_id,purchased_at,status,delivered_at", *rows]
    (tmp_path / "in" / "orders.csv").write_text("\n".join(lines))
    (tmp_path / "in" / "check_ins.csv").write_text(f"order_id,sent_at\n{other},2020-01-08")
    ingest([tmp_path / "in"], tmp_path / "lake", Context("shop", "DE"))
    found = audit(Lake.open(tmp_path / "lake").histories(), as_of="2020-01-20")
    states = found.findings["check_ins"].set_index("order_id")["state"]
    assert states.to_dict() == {ORDER: "blocked", other: "sent"}
