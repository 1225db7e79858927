"""The errors that sellerkit raises: one parent, few children, each one sentence for a person."""


def printable(text: str) -> str:
    """Return a text that any terminal shows on one line: what a file calls its columns may not be.

    Line ends, control characters, marks of direction and halves of characters become blanks.
    """
    return text if text.isprintable() else "".join(s if s.isprintable() else " " for s in text)


class SellerkitError(Exception):
    """Parent of every error that sellerkit raises on purpose.

    The message is one sentence that says what was wrong, where (file, row, column),
    and what to do. The command line prints it as it is and exits with `exit_code`.
    """

    exit_code = 3

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class UsageError(SellerkitError):
    """A parameter or option cannot be what it was given as."""

    exit_code = 2


class InputError(SellerkitError):
    """A file, folder or lake that could not be read."""

    exit_code = 3


class UnknownFormat(InputError):
    """Files of which none is of a format that sellerkit knows."""


class LakeError(InputError):
    """A lake that cannot be written now, whatever is to be read into it."""


class HeldError(SellerkitError):
    """Another process does this very thing; the message says which, and since when."""

    exit_code = 4


class ReportError(SellerkitError):
    """A report or a scheduled run that failed; nothing of it was published."""

    exit_code = 4


class DeliveryError(SellerkitError):
    """Something that could not be published or told; the next run tries again."""

    exit_code = 4
