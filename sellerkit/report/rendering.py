"""A report's notebook as its page: executed, rendered, searched for what must not leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from sellerkit.errors import ReportError
from sellerkit.report.catalogue import entry
from sellerkit.report.dossier import items_said
from sellerkit.report.due import drafts_due, due
from sellerkit.report.execute import execute
from sellerkit.report.exporter import notebook_path, page_scripts, render_page
from sellerkit.report.leaks import refuse_leaks
from sellerkit.report.load import Run
from sellerkit.report.provenance import Provenance, provenance_of, read_run


def render_report(
    name: str,
    run: Run,
    asked: Mapping[str, Any],
    fresh: Path,
    failed: Path,
    *,
    static: bool = False,
    like: Provenance | None = None,
) -> str:
    """Run a report's notebook and return its page.

    Parameters
    ----------
    name : str
        Of `REPORTS`, or the path of a notebook.
    run : Run
        What the page rests on.
    asked : mapping
        All parameters of the notebook.
    fresh : Path
        A folder for what is made on the way.
    failed : Path
        Where a notebook that fails is kept, as it stood.
    static : bool
        Without any script.
    like : Provenance, optional
        Of a page that is made anew: it names the code and the earlier run as that page does.
    """
    return Rendering.of(name, run, asked, fresh, failed, like).render(static=static)


@dataclass(frozen=True)
class Rendering:
    """An executed notebook, and what is needed to make a page of it.

    Attributes
    ----------
    title : str
        What the browser's tab says.
    run : Run
    asked : mapping
        All parameters of the notebook.
    executed : NotebookNode
    rests_on : Provenance
    """

    title: str
    run: Run
    asked: Mapping[str, Any]
    executed: nbformat.NotebookNode
    rests_on: Provenance

    @classmethod
    def of(
        cls,
        name: str,
        run: Run,
        asked: Mapping[str, Any],
        fresh: Path,
        failed: Path,
        like: Provenance | None = None,
    ) -> Rendering:
        """Run a report's notebook; the parameters are those of `render_report`."""
        called, notebook, title = entry(name)
        executed = execute(notebook, dict(asked), run, fresh, failed)
        rests_on = provenance_of(
            run,
            report=called,
            parameters=asked,
            notebook=notebook_path(notebook),
            earlier=_earlier(str(asked.get("earlier", ""))),
            figures=True,
        )
        if like is not None:
            earlier = rests_on.earlier or like.earlier
            rests_on = rests_on.model_copy(update={"code": like.code, "earlier": earlier})
        day = run.audit.until.strftime("%Y-%m-%d")
        words = (title, str(asked["account"]), day)
        return cls(", ".join(filter(None, words)), run, asked, executed, rests_on)

    def render(self, *, static: bool) -> str:
        """Return the page."""
        return render_page(self.executed, title=self.title, static=static, provenance=self.rests_on)

    @property
    def told(self) -> bool:
        """Whether it was asked to show what is the buyers'."""
        return bool(self.asked.get("texts") or self.asked.get("names"))

    def refuse_leaks(self, text: str) -> None:
        """Look through the finished page; what the run says of itself is no leak."""
        run, asked = self.run, self.asked
        assert run.lake is not None
        rules = [f"{rule.name} {rule.source} {rule.doubt}" for rule in run.audit.policy.rules]
        own = [*run.accounts, *map(str, run.parameters.values()), *rules, *self._ours()]
        refuse_leaks(
            text, run.lake, name=self.title, texts=bool(asked.get("texts")),
            names=bool(asked.get("names")), own=own, scripts=page_scripts(),
        )  # fmt: skip

    def _ours(self) -> Iterator[str]:
        """Yield texts of ours that stand in the lake too: drafts that were sent, item titles."""
        if "hours" in self.asked:
            rows = due(self.run, self.asked["hours"]).rows
            for draft in drafts_due(self.run, rows, templates=self.asked["templates"]):
                yield f"{draft.subject} {draft.text}"
        if "order" in self.asked:
            yield from items_said(self.run, str(self.asked["order"]).strip())


def _earlier(folder: str) -> Provenance | None:
    if not folder:
        return None
    said = read_run(Path(folder))
    if said is None:
        raise ReportError(
            f"{folder}: these findings do not say what they rest on, so nobody could check "
            "what is said of them; make them anew"
        )
    return said
