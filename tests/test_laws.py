"""Laws that hold for every command, for all that read records, or for every filter, written once.

The lists come from the installed scripts: a new command cannot be forgotten.
"""

from __future__ import annotations

import ast
import gzip
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hhtools.records import Bad, BadReason
from hhtools.stream.run import Run
from hhtools.stream.script import command_name
from tests.every_command import GOOD, NEEDED, peak_memory
from tests.hub.loopback import FILES, RECIPE_FILES, REPOSITORY, LoopbackHub, already_fetched
from tests.shell import COMMANDS, FILTERS, READERS, SAMPLE, SCRIPTS, hh, jsonl, rows, shell

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hhtools"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def module_of(command: str) -> str:
    return f"hhtools.commands.{command.removeprefix('hh-').replace('-', '_')}"


# One name everywhere


def test_every_command_has_a_module_a_test_and_a_row() -> None:
    modules = {path.stem for path in (PACKAGE / "commands").glob("*.py")} - {"__init__"}
    assert {command_name(module) for module in modules} == set(COMMANDS)
    for module in modules:
        assert (ROOT / "tests" / "commands" / f"test_{module}.py").exists()
        assert SCRIPTS[command_name(module)].name == command_name(module)
    section = (ROOT / "README.md").read_text().partition("\n## Commands\n")[2].partition("\n## ")[0]
    table = re.findall(r"^\| `(hh-[a-z-]+)` \|", section, re.MULTILINE)
    assert sorted(table) == COMMANDS


def test_every_command_that_reads_records_is_tried_here() -> None:
    assert sorted(GOOD) == READERS


# Tried through every command instead, or too small to be told apart from what uses them.
WITHOUT_A_TEST_FILE = {
    "stream": {
        "split_options",
        "console",
        "descriptors",
        "exits",
        "extras",
        "feed",
        "filter",
        "fused",
        "main",
        "new_file",
        "options",
        "script",
    }
    | {"check", "examine", "findings", "show", "transfer", "view"}
    | {"s3", "s3_faults", "s3_objects"},  # tests/s3
    "formats": {"chat_sandbox", "fit", "messages", "pair_rows", "stagger"},
    "checks": {"dialogues", "form", "formats", "rules", "values"},
    # commands/test_run.py, scale/test_equality.py and test_kills.py
    "scale": {"description", "dispatch", "driver", "engines", "public", "options", "plan", "prepare", "progress"}
    | {"ray_cluster", "results", "serve", "totals"},
    "hub": {"checksums", "fetch", "hh_rlhf", "part", "progress"},
    "show": {"fields", "lines", "sides", "style", "turns"},
}


# Of a whole run, whoever does what in it.
WITHOUT_A_MODULE = {"scale": {"equality", "faults", "kills"}}


@pytest.mark.parametrize("folder", ["checks", "formats", "hub", "scale", "show", "sources", "stream"])
def test_every_module_has_a_test_of_its_name(folder: str) -> None:
    modules = {path.stem for path in (PACKAGE / folder).glob("*.py")} - {"__init__"}
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / folder).glob("test_*.py")}
    assert tested - WITHOUT_A_MODULE.get(folder, set()) | WITHOUT_A_TEST_FILE.get(folder, set()) == modules


# Data flows one way


def names_in(node: ast.AST) -> set[str]:
    """Name what an import imports."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        assert node.module, "hhtools is imported by its full name"
        return {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def imports_of(path: Path) -> set[str]:
    """Name what a module imports when it is imported itself, not what one function or the type checker imports."""
    return {name for node in ast.parse(path.read_text()).body for name in names_in(node)}


def known_to(path: Path) -> set[str]:
    """Name all that a module imports, when it is imported, in any of its functions, or for the type checker."""
    return {name for node in ast.walk(ast.parse(path.read_text())) for name in names_in(node)}


# What each part of hhtools may know of the others; nobody else knows commands, and they do not know each other.
MAY_KNOW = {
    "records": "",
    "stages": "records",
    "hashing": "records",
    "reservoir": "hashing records",
    "pairs": "records",
    "sources": "pairs records stages sources",
    "formats": "pairs records formats",
    "checks": "formats records checks",
    "show": "sources records show",
    "stream": "records stages hub stream",
    "hub": "stream hub",
    "template_file": "formats stream",
    "pair_options": "template_file formats pairs records",
    "scale": "commands stages records stream scale",
    "commands": "scale pair_options checks formats show sources pairs reservoir hashing stages records hub stream",
    "reading": "commands sources records stream",
}


def part_of(path: Path) -> str:
    return id_of(path).split("/")[0]


def id_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix(""))


def test_every_part_has_its_place() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__"} == set(MAY_KNOW)


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=id_of)
def test_no_part_knows_more_than_it_may(path: Path) -> None:
    others = {name.split(".")[1] for name in known_to(path) if name.startswith("hhtools.")}
    assert others <= set(MAY_KNOW[part_of(path)].split())


WORLD = {"boto3", "click", "io", "orjson", "os", "pathlib", "random", "requests", "secrets", "shutil", "smart_open"}
WORLD |= {"socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}
PURE = {"records", "stages", "pairs", "reservoir", "sources", "formats", "checks", "show"}


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) in PURE], ids=id_of)
def test_what_is_pure_knows_nothing_of_the_world(path: Path) -> None:
    assert not {name.split(".")[0] for name in known_to(path)} & WORLD
    called = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert not called & {"open", "print", "input"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "hub").glob("*.py")), ids=id_of)
def test_the_hub_leaves_the_command_line_to_the_machinery(path: Path) -> None:
    assert not {name.split(".")[0] for name in known_to(path)} & {"boto3", "click", "random", "smart_open", "sys"}


def test_no_module_imports_in_a_circle() -> None:
    graph = {".".join(path.relative_to(ROOT).with_suffix("").parts): imports_of(path) for path in MODULES}
    while graph:
        leaves = {name for name, imports in graph.items() if not imports & (graph.keys() - {name})}
        assert leaves, f"a circle among {sorted(graph)}"
        graph = {name: imports for name, imports in graph.items() if name not in leaves}


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_no_file_grows_beyond_two_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 200


@pytest.mark.parametrize("command", COMMANDS)
def test_help_costs_what_importing_click_costs(command: str) -> None:
    code = f"import sys, {module_of(command)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"orjson", "smart_open", "boto3", "json", "isal", "base64", "jinja2", "pyarrow"} & set(loaded)


def test_reading_a_file_imports_what_it_needs() -> None:
    code = f"import sys, hhtools; list(hhtools.read_pairs({str(SAMPLE)!r})); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"smart_open", "boto3", "botocore", "requests", "urllib3", "pyarrow"} & set(loaded)


# Stages


@pytest.mark.parametrize("command", FILTERS)
def test_stages_are_pure_enough_to_be_sent_to_workers(command: str) -> None:
    stage, _ = FILTERS[command].read(NEEDED[command])
    record = GOOD[command]
    before = pickle.dumps(record)
    expected = list(stage(record))
    assert pickle.dumps(record) == before
    fresh, _ = FILTERS[command].read(NEEDED[command])
    assert list(pickle.loads(pickle.dumps(fresh))(record)) == expected
    assert expected


@pytest.mark.parametrize("command", FILTERS)
def test_the_same_command_line_gives_the_same_bytes(command: str) -> None:
    given_lines = jsonl(*[GOOD[command]] * 3)
    assert (
        hh(command, *NEEDED[command], stdin=given_lines).stdout
        == hh(command, *NEEDED[command], stdin=given_lines).stdout
        != b""
    )


# What comes in


@pytest.mark.parametrize("command", FILTERS)
@pytest.mark.parametrize("stdin", [b"", b"\n \n", b"[]"], ids=["nothing", "blank lines", "an empty array"])
def test_no_records_are_no_error(command: str, stdin: bytes) -> None:
    done = hh(command, *NEEDED[command], stdin=stdin)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("command", FILTERS)
def test_files_standard_input_and_arrays_are_read_alike(command: str, tmp_path: Path) -> None:
    record = jsonl(GOOD[command])
    path = tmp_path / "x.jsonl"
    path.write_bytes(record)
    source = ["--source", "x"] if command in {"hh-from-pairs", "hh-parse"} else []
    from_file = hh(command, *NEEDED[command], *source, path).stdout
    assert (
        from_file
        == hh(command, *NEEDED[command], *source, stdin=record).stdout
        == hh(command, *NEEDED[command], *source, "-", stdin=record).stdout
    )
    assert from_file == hh(command, *NEEDED[command], *source, stdin=b"[" + record + b"]").stdout
    assert from_file + from_file == hh(command, *NEEDED[command], *source, path, "-", stdin=record).stdout


@pytest.mark.parametrize("command", READERS)
def test_a_limit_stops_after_so_many_records(command: str) -> None:
    done = hh(command, *NEEDED[command], "-n", "2", "-v", stdin=jsonl(*[GOOD[command]] * 3) + b"not JSON")
    assert done.returncode == 0
    assert done.stderr.startswith(f"{command}: 2 read, ".encode())


BAD_LINES: dict[str, tuple[bytes, BadReason]] = {
    "bad JSON": (b'{"a":', "bad-json"),
    "bad UTF-8": (b'{"a":"\xff"}', "bad-utf8"),
    "half a character": (rb'{"a":"\ud800"}', "bad-surrogate"),
    "a hole": (b"\0\0\0", "nul-line"),
    "no object": (b"[[1]]", "not-object"),
    "another record": (b"{}", "missing-field"),
    "a deep one": (b"{" + b'"a":{' * 2000, "too-deep"),
    "a long one": (b'{"a":"' + b"x" * 70_000 + b'"}', "line-too-long"),
}


@pytest.mark.parametrize("command", FILTERS)
@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_stops_the_run_or_is_set_aside(command: str, line: bytes, reason: str, tmp_path: Path) -> None:
    if line == b"{}" and command == "hh-sample":
        pytest.skip("it reads no field")
    good = jsonl(GOOD[command])
    given_lines = good + line + b"\n" + good
    done = hh(command, *NEEDED[command], "--max-line", "65536", stdin=given_lines)
    assert done.returncode == 65
    (told,) = done.stderr.decode().splitlines()
    assert told.startswith(f"{command}: stdin:2: {reason}: ")
    assert done.stdout == hh(command, *NEEDED[command], stdin=good).stdout

    done = hh(command, *NEEDED[command], "--max-line", "65536", "--bad", tmp_path / "bad", stdin=given_lines)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 2 * hh(command, *NEEDED[command], stdin=good).stdout.count(b"\n")


@pytest.mark.parametrize("command", [command for command, main in FILTERS.items() if main.read_fields])
def test_a_field_that_the_command_reads_may_not_stand_twice(command: str, tmp_path: Path) -> None:
    good, reads = GOOD[command], FILTERS[command].read_fields
    line = jsonl(good)
    fields = [field for field in reads if field in good]
    doubled = b"".join(b'{"%b":0,%b' % (field.encode(), line[1:]) for field in fields)
    done = hh(command, *NEEDED[command], "--bad", tmp_path / "bad", stdin=b'{"x":0,"x":0,' + line[1:] + doubled)
    assert (done.returncode, bool(fields), bool(done.stdout)) == (0, True, True)
    told = [(entry["line"], entry["reason"], entry["detail"]) for entry in rows((tmp_path / "bad").read_bytes())]
    assert told == [(n, "duplicate-key", f'"{field}" stands twice') for n, field in enumerate(fields, 2)]


@pytest.mark.parametrize("command", FILTERS)
def test_half_a_character_is_repaired_on_request(command: str) -> None:
    half = rb'{"x\udfff":"\ud83d","y":"\ud83d\ude00",' + jsonl(GOOD[command])[1:]
    assert hh(command, *NEEDED[command], stdin=half).returncode == 65
    done = hh(command, *NEEDED[command], "--repair-surrogates", "-v", stdin=half)
    assert done.returncode == 0
    assert done.stderr.startswith(f"{command}: 1 read (1 repaired), 1 used, 0 dropped, 0 bad; ".encode())
    for row in rows(done.stdout):
        assert "\ud83d" not in str(row)
        assert row.get("x\ufffd", "\ufffd") == "\ufffd"
        assert row.get("y", "😀") == "😀"


HUB = f"hf://datasets/{REPOSITORY}"


@pytest.mark.parametrize("command", READERS)
def test_a_pattern_stands_for_what_it_matches(command: str, hub: LoopbackHub, tmp_path: Path) -> None:
    report = tmp_path / "report"
    argv = [*NEEDED[command], "--report", str(report), "-n", "1", f"{HUB}/helpful-base/t*.jsonl.gz"]
    hh(command, *argv, HF_HOME=str(tmp_path / "home"), **hub.environment)
    (given,) = json.loads(report.read_bytes())["inputs"]
    assert given["name"] == f"{HUB}@{hub.main}/helpful-base/test.jsonl.gz"
    assert given["records"] == 1


# The same options for all


OPTIONS = [
    (COMMANDS, "-h --help --version"),
    (READERS, "--report -n --limit --max-line -q --quiet -v --verbose"),
    (FILTERS, "-o --output --bad --max-bad --max-drop --clobber --abort-marker --repair-surrogates"),
]


@pytest.mark.parametrize(("commands", "options"), OPTIONS, ids=["commands", "readers", "filters"])
def test_what_commands_share_they_all_have(commands: Iterable[str], options: str) -> None:
    for command in commands:
        declared = {name for param in SCRIPTS[command].params for name in param.opts} | {"-h", "--help"}
        assert declared >= set(options.split()), command


# Examples run


def examples() -> list[Any]:
    return [
        pytest.param(line.strip(), id=line.strip())
        for command in COMMANDS
        for line in (SCRIPTS[command].help or "").partition("Examples:\n")[2].strip().splitlines()
    ]


@pytest.mark.parametrize("example", examples())
def test_examples_in_the_help_run(example: str, data_folder: Path, hub: LoopbackHub) -> None:
    hub.commit({**FILES, **RECIPE_FILES})
    for name in ("kto", "dpo"):  # no test has the files of the checksums that hhtools knows
        already_fetched(data_folder / name, REPOSITORY)
    done = shell(example, data_folder, **hub.environment)
    assert done.returncode == 0
    assert not [line for line in done.stderr.splitlines() if " read, " not in line]
    made = [data_folder / name for name in re.findall(r"(?:> |-[oO] )(\S+)", example)]
    assert made
    files = [path for target in made for path in (target.iterdir() if target.is_dir() else [target])]
    assert all(path.stat().st_size for path in files if path.name != "_SUCCESS")


# Any bytes at all


LINES = st.lists(
    # An abort marker is no line of its own to account for, and Hypothesis finds it in the source.
    st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"").replace(b"\x18hh-abort ", b"\x18hh"))
    | st.sampled_from([jsonl(record).strip() for record in GOOD.values()])
    | st.sampled_from(
        [b"{}", b" ", b"]", b",", b"\0\0", b'{"chosen":"Hi","rejected":"\\ud800"}', b"\x18hh", b"\xef\xbb\xbf"]
    )
    | st.sampled_from([b'{"chosen":1,"chosen":2}', b'{"x":"\\udfff","x":"\\ud83d\\ude00"}']),
    max_size=6,
)


@given(lines=LINES, repair=st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_is_accounted_for(lines: list[bytes], repair: bool, tmp_path: Path) -> None:
    """Counted from the outside: lines that are not blank = read = used + dropped + bad."""
    path = tmp_path / "x"
    path.write_bytes(b'{"first": 1}\n' + b"\n".join(lines))  # so that it is lines and not an array or an archive
    records = 1 + sum(bool(line.strip()) for line in lines)
    for command, main in FILTERS.items():
        stage, _ = main.read(NEEDED[command])
        run = Run(
            stage,
            [str(path)],
            read_fields=main.read_fields,
            adds_source=main.adds_source,
            repair_surrogates=repair,
        )
        set_aside: list[int] = []
        written = b"".join(run.rows(partial(note_number, set_aside), lambda: None))
        assert run.tally.read == records
        assert run.tally.bad.total() == len(set_aside)
        assert run.tally.used + run.tally.dropped.total() + len(set_aside) == records
        assert written.count(b"\n") == run.rows_made
        assert all(type(json.loads(row)) is dict for row in written.splitlines())


def note_number(numbers: list[int], _bad: Bad, _name: str, number: int, _line: bytes) -> None:
    numbers.append(number)


@given(
    command=st.sampled_from(READERS),
    stdin=LINES.map(b"\n".join) | st.binary(max_size=40) | st.binary(max_size=20).map(gzip.compress),
)
@settings(max_examples=100)
def test_no_traceback_for_any_bytes_on_standard_input(command: str, stdin: bytes) -> None:
    done = hh(command, *NEEDED[command], stdin=stdin)
    assert done.returncode in {0, 65, 66, 74}
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr


# Constant memory


@pytest.mark.parametrize("command", READERS)
def test_memory_does_not_grow_with_the_input(command: str) -> None:
    small, large = (peak_memory([command, *NEEDED[command]], GOOD[command], copies) for copies in (1000, 100_000))
    assert large < small + 2048
