"""``python -m sellerkit`` is the command line."""

from sellerkit.cli import main

if __name__ == "__main__":  # a process of a run's own imports this module without being it
    main()
