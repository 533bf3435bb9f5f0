"""The two version numbers that others depend on.

Raising ``ARTIFACT_FORMAT`` (the layout of a model folder):

1. raise it only when a reader of the old number would misread the new folder; a new optional
   manifest key needs no new number;
2. copy a model folder written under the old number to ``tests/artifacts/format-N``;
3. teach ``persistence.load`` to read every number that has such a fixture, or to refuse it by name;
4. say so in ``CHANGELOG.md``.
"""

__version__ = "0.1.0"

ARTIFACT_FORMAT = 1
