"""What strangers sent is printed as text: it neither commands the terminal nor is it mark-up."""

import io

import pytest
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from headrace.console import PlainConsole
from headrace.effects import Effect
from headrace.trace import display

HOSTILE = ["\x1b[2J\x1b[1;1H", "\x1b]0;title\x07", "\x9b31m", "\r", "\b\b", "\x7f", "\u202egpj.exe", "\x00"]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("wrapped", [Text, lambda text: Panel(Text(text)), lambda text: table(text), str])
def test_no_text_commands_the_terminal_wherever_it_is_printed(hostile: str, wrapped: object) -> None:
    printed = io.StringIO()
    console = PlainConsole(file=printed, force_terminal=True, color_system=None, width=60)
    console.print(wrapped(f"before {hostile} after"))  # type: ignore[operator]
    said = printed.getvalue()
    assert "before" in said
    assert not set(said) & set("\x1b\x9b\x07\r\b\x7f\x00\u202e")


def test_styles_and_line_ends_stay() -> None:
    printed = io.StringIO()
    PlainConsole(file=printed, force_terminal=True, color_system="standard").print("[red]red[/]\nnext")
    assert printed.getvalue() == "\x1b[31mred\x1b[0m\nnext\n"


@pytest.mark.parametrize("name", ["[/bold]", "[red]ada", "\x1b[31mada", "[link=https://x]"])
def test_a_customer_of_any_name_can_be_traced(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(display, "console", PlainConsole(file=printed, width=100))
    effect = Effect(
        effect_id=name, application="offers", kind="OfferSent", key=name, decided_at=0, performed_at=None,
        detail={name: name}, result={}, caused_by=(name,), error=name,
    )  # fmt: skip
    display.show_effect(effect, {})
    assert printed.getvalue().count(name.replace("\x1b", "\N{REPLACEMENT CHARACTER}")) >= 4


def table(text: str) -> Table:
    found = Table()
    found.add_column(Text(text))
    found.add_row(Text(text))
    return found
