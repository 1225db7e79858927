"""The errors that sellerkit raises: one parent, few children, each one sentence for a person."""


class SellerkitError(Exception):
    """Parent of every error that sellerkit raises on purpose.

    The message is one sentence that says what was wrong, where (file, row, column),
    and what to do. The command line prints it as it is and exits with `exit_code`.
    """

    exit_code = 3


class UsageError(SellerkitError):
    """A parameter or option cannot be what it was given as."""

    exit_code = 2


class InputError(SellerkitError):
    """A file, folder or lake that could not be read."""

    exit_code = 3


class ReportError(SellerkitError):
    """A report or a scheduled run that failed; nothing of it was published."""

    exit_code = 4
