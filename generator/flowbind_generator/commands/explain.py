"""The command `flowbind explain`."""

from __future__ import annotations

import click


@click.command()
@click.argument("rule", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(rule: str | None, form: str) -> None:
    """Tell what a rule of `flowbind check` means; without one, list all."""
    from flowbind_generator import explaining

    if form == "json":
        click.echo(explaining.as_json(rule))
    else:
        click.echo(explaining.explain(rule) if rule else explaining.list_rules())
