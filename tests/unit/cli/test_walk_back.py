"""`show`, `mark` and `unmark` as a user runs them: what is printed, and what never reaches him."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mails import ALIAS, ORDER, mail, mbox, reply
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.errors import InputError, UsageError
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context

HOSTILE = "[bold red]markup[/] :smile: \x1b]0;owned\x07\x1b[2J\x9b31m \u202etxet\x1b[0m\x08\x00"
MAILS = mbox(
    mail("Where is it?"),
    reply("It is on its way.", **{"Message-ID": "<2@seller>"}),
    mail(
        HOSTILE,
        **{
            "Message-ID": "<3@x>",
            "Subject": f"{HOSTILE} {ORDER}",
            "Date": "7 Jan 2020 10:00 +0000",
        },
    ),
)
ORDERS = f"order_id,purchased_at,status,carrier\n{ORDER},2020-01-01T10:00Z,shipped,DHL\n"
REPORT = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsales-channel\tsku\tquantity\n"
    f"{ORDER}\t2020-01-01T10:00Z\t2020-01-02T10:00Z\tShipped\tAmazon.de\tS1\t2\n"
)
RETURNS = f"return_id,order_id,requested_at\nR1,{ORDER},2020-01-06T12:00Z\n"
QUARANTINED = "call_id,started_at,direction\nc-broken,never,inbound\nc1,2020-01-01T10:00Z,inbound\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files and their lake, as ingested from within it."""
    folder = tmp_path_factory.mktemp("shop")
    for name, data in {
        "all.mbox": MAILS,
        "orders.csv": ORDERS.encode(),
        "report.txt": REPORT.encode(),
        "returns.csv": RETURNS.encode(),
        "calls.csv": QUARANTINED.encode(),
    }.items():
        (folder / "files" / name).parent.mkdir(exist_ok=True)
        (folder / "files" / name).write_bytes(data)
    context = Context("shop", "DE", frozenset({"shop@seller.example"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ingest([Path("files")], "lake", context)
    return folder


@pytest.fixture
def own(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to spoil, and the working folder."""
    folder = shutil.copytree(shop, tmp_path / "shop")
    monkeypatch.chdir(folder)
    return folder


def run(*words: str, stdin: bytes = b"") -> str:
    return run_for_bytes(*words, stdin=stdin).decode()


def run_for_bytes(*words: str, stdin: bytes = b"") -> bytes:
    done = CliRunner().invoke(app, [*words, "--lake", "lake"], input=stdin, env={"COLUMNS": "80"})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def in_order(text: str, *parts: str) -> bool:
    return re.search(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


def test_a_message_with_its_file_its_place_and_its_bytes(own: Path) -> None:
    text = run("show", "<1@amazonses.com>")
    sha = subprocess.run(["sha256sum", "files/all.mbox"], capture_output=True, text=True).stdout
    assert in_order(
        text, "message 1@amazonses.com", "shop · lake version 1",
        "sent_at", "2020-01-06 10:00:00 UTC", "sender", "buyer", "Where is it?",
        "files/all.mbox", "mbox", "byte 0", sha[:64],
        "as it was read", "original", "From 1654@xxx", f"<{ALIAS}>", "Where is it?",
    )  # fmt: skip
    assert max(map(len, text.splitlines())) <= 80


def test_raw_is_the_bytes_and_nothing_else(own: Path) -> None:
    ids = ("1@amazonses.com", "2@seller", "3@x")
    assert b"".join(run_for_bytes("show", i, "--raw") for i in ids) == MAILS


def test_what_a_mail_says_never_commands_the_terminal(own: Path) -> None:
    text = run("show", "3@x")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    # it is shown as it is, neither as markup nor as a picture
    assert "[bold red]markup[/] :smile: ␛]0;owned␇␛[2J" in text
    assert "\\u202etxet␛[0m␈" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", run("show", ORDER))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", run("show", "3@x", "--json"))


def test_raw_to_a_terminal_is_harmless_too(own: Path) -> None:
    main, side = os.openpty()
    words = [sys.executable, "-m", "sellerkit", "show", "3@x", "--lake", "lake", "--raw"]
    root = str(Path(__file__).resolve().parents[3])
    subprocess.run(words, stdout=side, check=True, env=os.environ | {"PYTHONPATH": root})
    os.close(side)
    shown = os.read(main, 100_000).decode().replace("\r\n", "\n")
    os.close(main)
    assert "␛]0;owned␇" in shown
    assert "\x1b" not in shown and "\x9b" not in shown


def test_an_order_with_each_part_and_what_happened_by_time(own: Path) -> None:
    text = run("show", ORDER)
    assert in_order(
        text, f"order {ORDER}", "carrier", "DHL", "units", "2", "read from, 1 of 2",
        "files/orders.csv", "line 2", f"{ORDER},2020-01-01T10:00Z,shipped,DHL", "read from, 2 of 2",
        "files/report.txt", "line 2", "item", "S1", "what happened",
        "2020-01-06 10:00", "buyer wrote", "files/all.mbox, byte 0",
        "2020-01-06 12:00", "return", "R1", "files/returns.csv, line 2",
        "2020-01-07 10:00", "buyer wrote",
    )  # fmt: skip
    assert max(map(len, text.splitlines())) <= 80
    both = run_for_bytes("show", ORDER, "--raw").decode()
    assert both == ORDERS.splitlines(True)[1] + REPORT.splitlines(True)[1]


def test_json_has_every_record_with_its_original(own: Path) -> None:
    said = json.loads(run("show", ORDER, "--json"))
    tables = [record["table"] for record in said["records"]]
    assert tables[:4] == ["orders", "order_parts", "order_parts", "order_items"]
    assert sorted(tables[4:]) == ["messages", "messages", "messages", "returns"]
    (returned,) = [r for r in said["records"] if r["table"] == "returns"]
    assert returned["row"]["requested_at"] == "2020-01-06T12:00:00+00:00"
    line = RETURNS.splitlines(True)[1]
    assert returned["original"] == {
        "state": "as read", "why": "the file is as it was read", "path": "files/returns.csv",
        "unit": "line", "bytes": len(line), "text": line,
    }  # fmt: skip


def test_a_return_goes_by_its_own_id(own: Path) -> None:
    assert in_order(
        run("show", "R1"), "return R1", ORDER, "files/returns.csv", "line 2", f"R1,{ORDER}"
    )


def test_a_changed_file_is_said_and_nothing_of_it_is_shown(own: Path) -> None:
    (own / "files/all.mbox").write_bytes(MAILS.replace(b"Where is it?", b"All is well."))
    text = " ".join(run("show", "1@amazonses.com").split())
    assert "has changed since it was read (SHA-256 " in text and "Where is it?" in text
    assert "All is well." not in text
    with pytest.raises(InputError, match="has changed since it was read"):
        run("show", "1@amazonses.com", "--raw")
    told = json.loads(run("show", "1@amazonses.com", "--json"))["records"][0]["original"]
    assert told["state"] == "changed" and "text" not in told


def test_a_file_that_is_gone_is_said_and_found_where_it_went(own: Path) -> None:
    shutil.move(own / "files", own / "archive")
    text = " ".join(run("show", "1@amazonses.com").split())
    assert "files/all.mbox: is not there any more; --files DIR looks for it" in text
    assert "Where is it?" in text
    with pytest.raises(InputError, match=r"files/all\.mbox: is not there any more"):
        run("show", "1@amazonses.com", "--raw")
    assert in_order(
        run("show", "2@seller", "--files", "."), "found as", "archive/all.mbox", "From "
    )
    assert run_for_bytes("show", "2@seller", "--raw", "--files", "archive") in MAILS


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (ORDER[:-1] + "2", f"id {ORDER[:-1]}2; do you mean {ORDER}\\?"),
        ("1@amazonse.com", "do you mean 1@amazonses.com"),
        ("c-broken", "quarantine holds 1 that name it, the first from files/calls.csv, position 2"),
        ("nothing like it", "has the id nothing like it$"),
    ],
)
def test_an_unknown_id_is_one_sentence(own: Path, wanted: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run("show", wanted)


def test_an_id_of_two_accounts_is_shown_for_both_and_asked_for_raw(own: Path) -> None:
    ingest([Path("files/returns.csv")], "lake", Context("second"))
    text = run("show", "R1")
    assert in_order(text, "return R1", "second · lake", "return R1", "shop · lake")
    with pytest.raises(UsageError, match="returns of second and returns of shop.*--account"):
        run("show", "R1", "--raw")
    assert run("show", "R1", "--raw", "--account", "shop") == RETURNS.splitlines(True)[1]


def test_a_past_version_is_shown_as_it_was(own: Path) -> None:
    run("mark", "1@amazonses.com")
    flag = re.compile(r"no_response_needed +(true|false)")
    assert flag.findall(run("show", "1@amazonses.com")) == ["true"]
    assert flag.findall(run("show", "1@amazonses.com", "--lake-version", "1")) == ["false"]


def test_marks_are_walked_back_to_their_list(own: Path) -> None:
    (own / "list.txt").write_text(f"pasted\n{ORDER} done\n")
    text = run("mark", "--file", "list.txt")
    assert in_order(text, ORDER, "marked", "2", "messages marked now: 2 · lake version 2")
    shown = run("show", "1@amazonses.com")
    assert in_order(shown, "marked as needing no response by", f"order {ORDER}", "list.txt, line 2")
    assert in_order(run("unmark", ORDER), ORDER, "taken back", "messages marked now: 0")
    assert "marked as needing" not in run("show", "1@amazonses.com")


def test_a_list_from_standard_input_as_json(own: Path) -> None:
    said = json.loads(
        run("mark", "--file", "-", "--json", stdin=b"<1@amazonses.com>\n<9@x>\n\nno\n")
    )
    (file,) = said["files"]
    counts: dict[str, Any] = {name: file[name] for name in ("read", "used", "quarantined")}
    assert counts == {"read": 4, "used": 2, "quarantined": 1}
    assert file["skipped"] == {"blank line": 1}
    assert [(row["marks"], row["messages"]) for row in said["marks"]] == [
        ("1@amazonses.com", 1),
        ("9@x", 0),
    ]
    assert (said["unmatched"], said["messages_marked"], said["lake_version"]) == (["9@x"], 1, 2)


def test_an_orders_moment_can_be_given(own: Path) -> None:
    said = json.loads(run("mark", ORDER, "--at", "2020-01-06T11:00", "--json"))
    assert said["marks"][0]["marked_at"] == "2020-01-06T11:00:00+00:00"
    assert said["marks"][0]["messages"] == 1


@pytest.mark.parametrize(
    "words",
    [("mark",), ("mark", "1@x", "--file", "list.txt"), ("mark", "1@x", "--at", "soon"),
     ("unmark",), ("unmark", "1@x", "--all"), ("show", "R1", "--raw", "--json")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(own: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        run(*words)


def test_whose_is_asked_where_the_lake_does_not_tell(own: Path) -> None:
    ingest([Path("files/returns.csv")], "lake", Context("second"))
    with pytest.raises(UsageError, match="--account NAME; the lake has second, shop"):
        run("mark", "1@amazonses.com")
    assert "messages marked now: 1" in run("mark", "1@amazonses.com", "--account", "shop")


def test_a_files_name_is_no_markup_and_no_command(own: Path) -> None:
    folder = own / "[Gmail]" / "[/b]\x1b]0;owned\x07"
    folder.mkdir(parents=True)
    (folder / "r.csv").write_text(RETURNS.replace("R1", "R2"))
    text = run("ingest", "[Gmail]", "--account", "shop")
    # the table folds it, so its end stands in the next line
    assert "[Gmail]/[/b]␛]0;owned␇" in text and "\x1b" not in text
    assert "[Gmail]/[/b]␛]0;owned␇/r.csv" in run("show", "R2")


# --- units of other kinds


def taken_in(path: str, data: str, *options: str) -> None:
    Path(path).write_text(data)
    run("ingest", path, "--account", "shop", "--marketplace", "DE", *options)


def test_a_comment_of_a_help_desk_is_cut_out_of_its_export(own: Path) -> None:
    said = {
        "id": 11, "author_id": 1, "public": True, "body": "Ja, heute.",
        "created_at": "2026-01-05T08:00:00Z",
    }  # fmt: skip
    ticket = {"id": 5, "requester_id": 7, "submitter_id": 7, "subject": f"Frage {ORDER}"}
    users = [{"id": 1, "role": "agent", "email": "shop@seller.example"}]
    page = {"users": users, "tickets": [ticket | {"comments": [said | {"id": 10}, said]}]}
    taken_in("zendesk.json", json.dumps(page))
    shown = run("show", "zendesk:5:11")
    assert in_order(shown, "zendesk.json", "zendesk", "object 1", "as it was read", "Ja, heute.")
    assert run("show", "zendesk:5:11", "--raw") == json.dumps(said)
    assert "zendesk.json, object 1" in run("show", ORDER)


def test_what_a_mapping_file_read_is_found_by_it(own: Path) -> None:
    Path("map.toml").write_text(
        'history = "calls"\nrecords = "data"\n[columns]\ncall_id = "nr"\nstarted_at = "am"\n'
        'direction = { constant = "inbound" }\n'
    )
    calls = [{"nr": f"c{n}", "am": "2026-01-05T08:00Z"} for n in (8, 9)]
    taken_in("calls.json", json.dumps({"data": calls}), "--mapping", "map.toml")
    bare = " ".join(run("show", "c9").split())
    assert "calls.json: a mapping file says where its rows are; give the one called" in bare
    with pytest.raises(InputError, match=r"mapping:calls:\w+ with --mapping"):
        run("show", "c9", "--raw")
    given = run("show", "c9", "--mapping", "map.toml", "--raw")
    assert json.loads(given) == calls[1]


def test_what_amazons_notices_gave_leads_back_to_the_mail(own: Path) -> None:
    notices = [
        mail(
            text,
            **{
                "From": "Amazon.de <no-reply@amazon.de>",
                "Message-ID": f"<n{number}@amazonses.com>",
                "Subject": subject,
                "Date": "8 Jan 2020 10:00 +0000",
            },
        )
        for number, (subject, text) in enumerate(
            [
                ("Return authorisation request for order 302-7777777-0000001", "A buyer asks."),
                (
                    "Claim received on order 302-7777777-0000001",
                    "We have received a claim under the A-to-z Guarantee program for order "
                    "302-7777777-0000001.",
                ),
            ]
        )
    ]
    taken_in("notices.mbox", mbox(*notices).decode())
    found = json.loads(run("show", "302-7777777-0000001", "--json"))["records"]
    made = {r["table"]: r for r in found if r["table"] in ("returns", "claims")}
    for table, column, number in (("returns", "return_id", 0), ("claims", "claim_id", 1)):
        assert made[table]["row"][column].startswith("mail:302-7777777-0000001")
        assert made[table]["format"] == "mbox" and made[table]["original"]["unit"] == "byte"
        assert f"<n{number}@amazonses.com>" in made[table]["original"]["text"]
        shown = run("show", made[table]["row"][column])
        assert in_order(shown, "notices.mbox", "as it was read", f"<n{number}@amazonses.com>")
