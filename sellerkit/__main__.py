"""``python -m sellerkit`` is the command line."""

from sellerkit.cli import main

main()
