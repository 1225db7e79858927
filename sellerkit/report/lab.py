"""What a person calls in JupyterLab: charts and tables of a run, each in one line.

Each function takes a run of `sellerkit.load_run` first, looks at the run's own window, and gives
what its cell shows.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from sellerkit import measure, show
from sellerkit.audit import audit
from sellerkit.errors import UsageError
from sellerkit.policy import Policy
from sellerkit.report.load import Run
from sellerkit.show.chart import Chart
from sellerkit.show.display import Html, environment
from sellerkit.show.palette import DARK, LIGHT

#: The choice that leaves nothing out.
ALL = "all"

#: The lab's own rules for tables and lists, taken back.
_LAB = (
    "table{table-layout:auto}tbody tr,tbody tr:nth-child(odd){background:none}"
    "dt,dd{float:none;width:auto}"
)

_PAGE = Path(__file__).parent / "template" / "page" / "page.css"


def style() -> Html:
    """Dress the outputs of this notebook as the reports are; call it once, in a cell of its own.

    Returns
    -------
    Html
        A style sheet that reaches HTML outputs only, and the icons. A page brings its own: tag
        the cell ``lab`` in a notebook that becomes one.
    """
    place = ".jp-RenderedHTML.jp-RenderedHTMLCommon"
    sheet = (
        f"{place}{{{_tokens(LIGHT)}color:var(--ink);background:var(--paper)}}"
        f'[data-jp-theme-light="false"] {place}{{{_tokens(DARK)}}}'
        # nested, so that the sheet's rules for body and headings leave the lab itself alone
        f"{place}{{{_PAGE.read_text('utf-8').replace(':root', '&')}{_LAB}}}"
    )
    icons = environment().get_template("sprite.html").render()
    return Html(Markup("<style>{}</style>").format(Markup(sheet)) + Markup(icons))


def _tokens(colours: dict[str, str]) -> str:
    return "".join(f"--{token}:{colour};" for token, colour in colours.items())


def view(run: Run, *, texts: bool = False, names: bool = False) -> show.View:
    """Return what `sellerkit.show` wants to know of a run: moment, zone, rules, what is assumed."""
    found = run.audit
    assumed = measure.assumptions(found.findings, found.policy, as_of=found.as_of)
    return show.View.of(run, texts=texts, names=names, assumed=assumed)


def values(run: Run, column: str, finding: str = "contacts") -> list[str]:
    """Return the words in a column of a finding, most frequent first, and ``all`` before them.

    Raises
    ------
    UsageError
        No such finding or column.
    """
    rows = _finding(run, finding)
    if column not in rows.columns:
        raise UsageError(f"{finding} has no column {column}; it has {', '.join(rows.columns)}")
    counts = rows[column].dropna().astype(str).value_counts().rename_axis(column).reset_index()
    return [ALL, *counts.sort_values(["count", column], ascending=[False, True])[column]]


def rows(run: Run, finding: str = "contacts", **chosen: str) -> pd.DataFrame:
    """Return the rows of a finding where each chosen column has the chosen value.

    Parameters
    ----------
    run : Run
    finding : str
        Of `sellerkit.tables.FINDINGS`.
    **chosen : str
        Column → value; ``all`` leaves the column alone.

    Raises
    ------
    UsageError
        No such finding or column.
    """
    found = _finding(run, finding)
    for column, value in chosen.items():
        if column not in found.columns:
            raise UsageError(f"{finding} has no column {column}; it has {', '.join(found.columns)}")
        if value != ALL:
            found = found[found[column].astype("object") == value]
    return found


def _finding(run: Run, name: str) -> pd.DataFrame:
    found = run.audit.findings
    if name not in found:
        raise UsageError(f"no finding is called {name}; there are {', '.join(found)}")
    return found[name]


def trend(run: Run) -> Chart | Html:
    """Plot the share of inquiries answered in time, week by week, with interval and target."""
    found = run.audit
    weeks = measure.weekly(found.contacts, zone=run.zone, as_of=found.as_of)
    return _titled(show.plot_trend(measure.control_chart(weeks), view(run), target=run.target))


def response_times(run: Run, **chosen: str) -> Chart | Html:
    """Plot the answers by the hours that the buyer waited, and who waits still.

    Parameters
    ----------
    run : Run
    **chosen : str
        Of the columns of `contacts`: ``topic="return"``, ``marketplace="DE"``.
    """
    inquiries = rows(run, **chosen)
    if not inquiries["counted"].any():
        return show.sentence("No such inquiry came in this window.")
    hours = measure.response_histogram(inquiries, edges=show.HOUR_EDGES)
    return _titled(show.plot_response_times(hours, inquiries, view(run)))


def answered_within(run: Run, **chosen: str) -> Chart | Html:
    """Plot the share answered after so many hours; who still waits counts as waiting.

    Parameters
    ----------
    run : Run
    **chosen : str
        As in `response_times`.
    """
    inquiries = rows(run, **chosen)
    curve = measure.survival_curve(inquiries, as_of=run.audit.as_of)
    if curve.empty:
        return show.sentence("No such inquiry came in this window.")
    limit = show.limit_hours(inquiries)
    return _titled(show.plot_survival(curve, limit=limit, target=run.target))


def arrivals(run: Run, **chosen: str) -> Chart | Html:
    """Plot when those inquiries come in that are answered late or not at all."""
    found = measure.arrivals(rows(run, **chosen), zone=run.zone)
    return _titled(show.plot_arrivals(found, zone=run.zone))


def _titled(shown: Chart | Html) -> Chart | Html:
    return shown.titled() if isinstance(shown, Chart) else shown


def obligations(run: Run) -> Html:
    """Show what had to be written by kind: met, late, missed, open, with its coverage."""
    bounds = run.summary["completeness"]["bounds"]["obligations"]
    duties = measure.coverage(run.audit.findings["obligations"])
    return show.table_obligations(duties, view(run), bounds=bounds)


def duties(run: Run, *, limit: int = 10, **chosen: str) -> Html:
    """List duties of the window, the newest first, each with its reason in one sentence.

    Parameters
    ----------
    run : Run
    limit : int
        How many are shown.
    **chosen : str
        Of the columns of `obligations`: ``kind="return"``, ``status="missed"``.
    """
    found = rows(run, "obligations", **chosen)
    newest = found.sort_values(["trigger_at", "obligation_id"], ascending=[False, True])
    columns = ["trigger_at", "due_at", "kind", "status", "order_id", "why"]
    names = {"trigger_at": "Began", "why": "Why"}
    return show.table(newest[columns], view(run), caption="Duties", names=names, limit=limit)


def due(run: Run) -> Html:
    """List what must be written still, the most urgent first."""
    return show.table_due(run.audit.obligations, view(run))


def checklist(run: Run, claim_id: str = ALL) -> Html:
    """Show which of the eleven checks each A-to-z claim passes, or those of one."""
    found = rows(run, "claims_readiness", claim_id=claim_id)
    return show.table_checklist(found, view(run).assumed)


def try_rule(run: Run, rule: str, value: float) -> Html:
    """Judge the same histories with another value of a rule, and list which duties that moves.

    Parameters
    ----------
    run : Run
    rule : str
        A rule's id: ``crt.window_hours``. Each of its rows, of all dates and stores, is changed.
    value : float
        In the rule's own unit.

    Raises
    ------
    UsageError
        No such rule, or one that is no number.
    """
    tried = _with(run.audit.policy, rule, value)
    found = run.audit
    other = audit(
        found.histories, as_of=found.as_of, since=found.since, until=found.until, policy=tried
    )
    return moved(run, replace(run, audit=other))


def _with(policy: Policy, rule: str, value: float) -> Policy:
    changed = {row.name for row in policy.rows(rule)}
    if any(isinstance(row.value, bool | str) for row in policy.rows(rule)):
        raise UsageError(f"{rule} is no number, so there is no value to try; see docs/policy.md")
    rows = tuple(
        row.model_copy(update={"value": value}) if row.name in changed else row
        for row in policy.rules
    )
    return replace(policy, rules=rows)


def moved(run: Run, other: Run) -> Html:
    """List how many duties have another status in another run of the same histories."""
    counts = measure.moved(run.audit.findings["obligations"], other.audit.findings["obligations"])
    if counts.empty:
        return show.sentence("No duty of the window has another status.")
    return show.table(counts, view(run), caption="Duties with another status")
