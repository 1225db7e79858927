"""Whether what is published and told can get where it shall; for `sellerkit doctor`."""

from __future__ import annotations

from sellerkit.config import Fsspec, Mail, Webhook
from sellerkit.deliver.mail import try_login
from sellerkit.deliver.password import password_of
from sellerkit.deliver.place import explained, store
from sellerkit.deliver.webhook import usable_address


def reach(one: Fsspec | Mail | Webhook, *, connect: bool) -> str:
    """Look at all that a target or channel needs, and say what was found.

    Parameters
    ----------
    one : Fsspec, Mail or Webhook
    connect : bool
        Whether a connection may be opened: to log in to a mail server, or to list a store. Of a
        webhook nothing can be asked without telling something.

    Raises
    ------
    UsageError
        A secret or a library is missing.
    DeliveryError
        It cannot be reached, or refuses.
    """
    if isinstance(one, Webhook):
        usable_address(one)
        return f"{one.url_env} holds an address; it is tried when something is told"
    if isinstance(one, Mail):
        password_of(one)
        if connect:
            try_login(one)
            return "logged in"
        return "there is a password; --connect tries it" if one.user else "no password is needed"
    place, secrets = store(one)
    if not connect:
        return "its library and its secrets are there; --connect lists it"
    try:
        count = len(place.names(""))
    except Exception as error:  # each of the stores has errors of its own
        raise explained(error, one.name, secrets) from None
    return f"listed, {count:,} files"
