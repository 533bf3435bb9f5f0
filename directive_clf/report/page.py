"""Templates to pages. Whatever is put into one is escaped, unless the template says it is markup.

A page forbids itself, by a content security policy, to load anything and to run any script that it
does not name by its hash: the second wall, should the first one ever have a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["fill"]


def fill(template: str, filters: Mapping[str, Callable[..., Any]], **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        The name of a file in ``templates``.
    filters : mapping of str to callable
        What the template calls values by.
    **values
        A value that the template uses and that is not here is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("directive_clf.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(template).render(**values)
