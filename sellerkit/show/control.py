"""A control in a notebook: choose, and what is shown is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sellerkit.errors import SellerkitError
from sellerkit.show.display import NOTHING, sentence


def choose(draw: Callable[..., Any], /, *given: Any, **choices: Iterable[Any]) -> None:
    """Show what a function gives, with a list to choose from for each of its options.

    The first of each list is drawn at once as an output of its own, so a notebook that runs with
    nobody before it (papermill, a report) shows that; the control is beside it and stays out of a
    page.

    Parameters
    ----------
    draw : callable
        Of `sellerkit.lab` or your own; what it returns is shown.
    *given
        Its arguments that stay, most often the run.
    **choices : iterables
        Option → the values to choose from, the first one first. An empty list leaves the option
        to `draw`.

    Examples
    --------
    >>> show.choose(lab.response_times, run, topic=lab.values(run, "topic"))  # doctest: +SKIP
    """
    from IPython.display import display
    from ipywidgets import Dropdown, HBox

    lists = {name: list(values) for name, values in choices.items()}
    boxes = {
        name: Dropdown(
            options=values,
            value=values[0],
            description=name.replace("_", " "),
            style={"description_width": "initial"},
        )
        for name, values in lists.items()
        if values
    }

    def drawn() -> Any:
        return draw(*given, **{name: box.value for name, box in boxes.items()})

    def draw_again(_: Any) -> None:
        again = _or_why_not(drawn)
        # JupyterLab's renderer of charts draws a place once: another kind between makes it anew
        shown.update(NOTHING)
        shown.update(again)

    if boxes:
        display(HBox(list(boxes.values())))
    shown = display(drawn(), display_id=True)
    if shown is not None:  # None outside of a notebook, where nothing can be drawn again
        for box in boxes.values():
            box.observe(draw_again, "value")


def _or_why_not(drawn: Callable[[], Any]) -> Any:
    """Return what is drawn, or why it cannot be: an error in a callback would go unseen."""
    try:
        return drawn()
    except SellerkitError as error:
        return sentence(str(error))
