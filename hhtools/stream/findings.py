"""What a check found, told to people: each finding on a line, and at the end what to do about each kind of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from hhtools.stream.console import escaped
from hhtools.stream.descriptors import Descriptor, standard_output

_SHOWN_PER_KIND = 10


class Kind(Protocol):
    """A kind of finding."""

    @property
    def remedy(self) -> str:
        """Say what to do about it."""

    @property
    def is_error(self) -> bool:
        """Tell whether the rows cannot be used because of it."""


class Findings:
    """Counts findings by their kinds, and writes the first ones of each; when quiet, of errors only."""

    def __init__(self, kind_of: Callable[[str], Kind], quiet: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._kind_of = kind_of
        self._output: Descriptor | None = None
        self._quiet = quiet
        self._shown: dict[str, list[dict[str, Any]]] = {}

    def of_severity(self, is_error: bool) -> Counter[str]:
        """Count the findings that are errors, or those that are warnings, by their kinds."""
        return Counter({slug: count for slug, count in self.counts.items() if self._kind_of(slug).is_error is is_error})

    def take(self, name: str, number: int | None, slug: str, detail: str) -> None:
        """Count a finding in a line of a file, or in the whole of it, and write it if it is one of the first.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.counts[slug] += 1
        if self.counts[slug] <= _SHOWN_PER_KIND:
            self._shown.setdefault(slug, []).append({"file": name, "line": number, "detail": detail})
            place = name if number is None else f"{name}:{number}"
            self._write(slug, f"{place}: {slug}: {detail}")

    def conclude(self) -> None:
        """Write how many there are of each kind, errors first, and what to do about them.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        for slug, count in self._by_kind():
            first = f", the first {_SHOWN_PER_KIND} shown" if count > _SHOWN_PER_KIND else ""
            self._write(slug, "")
            self._write(slug, f"{self._severity(slug)}: {slug}: {count} found{first}")
            self._write(slug, f"    {self._kind_of(slug).remedy}")

    def report(self) -> list[dict[str, Any]]:
        """Give what was found by its kind, as a report has it."""
        return [
            {
                "kind": slug,
                "severity": self._severity(slug),
                "count": count,
                "remedy": self._kind_of(slug).remedy,
                "first": self._shown[slug],
            }
            for slug, count in self._by_kind()
        ]

    def _by_kind(self) -> list[tuple[str, int]]:
        return sorted(self.counts.items(), key=lambda item: (not self._kind_of(item[0]).is_error, -item[1], item[0]))

    def _severity(self, slug: str) -> str:
        return "error" if self._kind_of(slug).is_error else "warning"

    def _write(self, slug: str, line: str) -> None:
        if not self._quiet or self._kind_of(slug).is_error:
            self._output = self._output or standard_output()
            self._output.write(f"{escaped(line)}\n".encode())
