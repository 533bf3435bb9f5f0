"""``directive-clf view``: one article as a page, in its labels' colours."""

from __future__ import annotations

from pathlib import Path

import click

from .options import MODEL, MODELS, check_output

__all__ = ["view"]


@click.command()
@click.argument("article", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="PAGE.html", required=True,
    type=click.Path(dir_okay=False, path_type=Path), help="Write the page there.",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="Heading of the page. [default: what ARTICLE says]")
@click.option("--document", metavar="ID", help="Which document of a scored table.")
@click.option(
    "--furniture", is_flag=True, help="Keep the navigation, buttons and notices of an HTML page."
)
@click.option(
    "--stdin-as", type=click.Choice(["article", "page"]), help="What - holds. [default: article]"
)
@MODEL
@MODELS
def view(
    article: Path,
    output: Path,
    title: str | None,
    document: str | None,
    furniture: bool,
    stdin_as: str | None,
    model: str | None,
    models: Path | None,
) -> None:
    """Show ARTICLE as a page: every paragraph in the colours of its labels, and why.

    ARTICLE is a text, an HTML page, - for standard input, or a table that `score --with-text`
    wrote. The page is one file; it loads nothing and runs no script.

    \b
    Examples:
      directive-clf view article.txt -o article.html
      directive-clf view page.html --furniture -o article.html
      directive-clf view labelled.jsonl --document articles/a.txt -o a.html
    """  # noqa: D301
    check_output(output, [] if str(article) == "-" else [article])
    from ..report.article import render_file  # jinja2 takes a tenth of a second to import

    render_file(
        article, model=model, models=models, document=document, title=title, furniture=furniture,
        stdin_as=stdin_as or "",
    ).save(output)  # fmt: skip
    click.echo(output)
