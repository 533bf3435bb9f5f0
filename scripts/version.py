#!/usr/bin/env python3
"""The command ``directive-clf models``; ``--help`` tells the options."""

from directive_clf.cli import main

if __name__ == "__main__":
    main("models")
