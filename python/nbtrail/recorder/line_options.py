"""The words of a magic's line: what is an option, what belongs to it, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nbtrail.errors import InvalidValue, did_you_mean

_WORD = re.compile(r"""(?:[^\s'"`]|'[^']*'|"[^"]*"|`[^`]*`)+""")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")


@dataclass(frozen=True)
class Option:
    """An option of a line: `flags` as it can be written, `value` what it needs ("" for none).

    `repeated`: it may be given several times.
    """

    flags: tuple[str, ...]
    value: str = ""
    repeated: bool = False


@dataclass
class Words:
    """A line that was read: the words that stand alone, and the values by an option's flag."""

    alone: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)

    def given(self, option: Option) -> list[str]:
        """Return the values that an option was given; one of "" for an option without."""
        return self.values.get(option.flags[0], [])

    def one(self, option: Option) -> str | None:
        """Return the value of an option, None if it was not given."""
        return next(iter(self.given(option)), None)


def read(line: str, options: Iterable[Option], quoted: bool = False) -> Words:
    """Read a line.

    Args:
        line: what stands behind the magic's name.
        options: those that there are.
        quoted: leave the quotes around words that stand alone.

    Raises:
        InvalidValue: there is another option, a value is missing, or one too many.
    """
    by_flag = {flag: option for option in options for flag in option.flags}
    found, words = Words(), iter(_split(line))
    for word in words:
        option = by_flag.get(word)
        if option is not None:
            _give(found, option, word, words)
        elif _is_flag(word):
            raise InvalidValue(f"There is no option '{word}' here.{did_you_mean(word, by_flag)}")
        else:
            found.alone.append(word if quoted else _unquoted(word))
    return found


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Return ``key=value`` words as a mapping.

    Raises:
        InvalidValue: a word is not like that.
    """
    split = [(word, *word.partition("=")) for word in words]
    for word, key, equals, _ in split:
        if not equals or not key:
            raise InvalidValue(f"A tag is written key=value, not '{word}'.")
    return {key: value for _, key, _, value in split}


def names(values: Iterable[str]) -> list[str]:
    """Return the names in values such as ``lr,epochs``.

    Raises:
        InvalidValue: one of them cannot be a name of the notebook.
    """
    found = [name.strip() for value in values for name in value.split(",") if name.strip()]
    for name in found:
        if not name.isidentifier():
            raise InvalidValue(f"'{name}' is no name of a variable.")
    return found


def _split(line: str) -> list[str]:
    """Return the words of a line, as they are written."""
    if _WORD.sub("", line).strip():
        raise InvalidValue(f"This line cannot be read (a quote is not closed): {line}")
    return _WORD.findall(line)


def _unquoted(word: str) -> str:
    return _QUOTED.sub(r"\1\2", word)


def _is_flag(word: str) -> bool:
    return word.startswith("-") and word[1:2] not in ("", ".") and not word[1:2].isdigit()


def _give(found: Words, option: Option, flag: str, words: Iterator[str]) -> None:
    """Take the value of an option that was met, which is the next word."""
    value = ""
    if option.value:
        value = _unquoted(next(words, ""))
        if not value:
            raise InvalidValue(f"'{flag}' needs {option.value} after it.")
    values = found.values.setdefault(option.flags[0], [])
    if values and option.value and not option.repeated:
        raise InvalidValue(f"One '{flag}' is enough: '{values[0]}' or '{value}'?")
    values.append(value)
