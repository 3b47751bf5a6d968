"""Lay out the help of a command: its examples, and its options under headings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import click
from click_default_group import DefaultGroup

__all__ = ["Command", "Example", "Group", "Option", "under"]

Example = tuple[str, str]  # a command line, and what it does
LONGEST = 52  # characters of an example that its meaning still stands beside


class Option(click.Option):
    """An option that knows the heading it stands under, and shows a described default as it is."""

    heading = "General"

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what stands in brackets: ``[default: all; N>=1]``."""
        extra = super().get_help_extra(ctx)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default  # click puts parentheses around it
        if "range" in extra:
            extra["range"] = extra["range"].replace("x", self.make_metavar(ctx))
        return extra


def under(heading: str, *options: Option) -> list[Option]:
    """Put the options under a heading."""
    for option in options:
        option.heading = heading
    return list(options)


class Command(click.Command):
    """A command whose help has examples, and headings over its options."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description and the examples."""
        super().format_help_text(ctx, formatter)
        _write_examples(self.examples, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        write_options(self.get_params(ctx), ctx, formatter)


class Group(DefaultGroup):
    """A group whose help shows the default command's options and that guesses at typos."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order in which they were given."""
        return list(self.commands)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description, the commands, and the default command's options."""
        super().format_help(ctx, formatter)
        default = self.get_command(ctx, self.default_cmd_name)
        formatter.write_paragraph()
        formatter.write_text(f"These are the options of {default.name}, the default command:")
        own = [p for p in default.get_params(ctx) if "--help" not in p.opts]
        write_options(own, ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description and the examples."""
        super().format_help_text(ctx, formatter)
        _write_examples(self.examples, formatter)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the command; a word that is none is a typo, not an argument of the default."""
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            near = difflib.get_close_matches(cmd_name, self.commands, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"no command {cmd_name!r}{hint}", ctx)
        command: click.Command = super().get_command(ctx, cmd_name)
        return command


def _write_examples(examples: Sequence[Example], formatter: click.HelpFormatter) -> None:
    with formatter.section("Examples"):
        formatter.write_dl(examples, col_max=LONGEST)


def write_options(
    parameters: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the options that are among the parameters, each heading once, ``General`` last."""
    headings: dict[str, list[tuple[str, str]]] = {}
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if isinstance(parameter, click.Option) and record is not None:
            heading = getattr(parameter, "heading", Option.heading)
            headings.setdefault(heading, []).append(record)
    general = headings.pop(Option.heading, [])
    for heading, records in [*headings.items(), (Option.heading, general)]:
        if records:
            with formatter.section(heading):
                formatter.write_dl(records)
