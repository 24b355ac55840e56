from __future__ import annotations

import pickle
from functools import partial

from hhtools import chain, filter_singleturn, parse_pair, unpack_kto
from hhtools.formats.stagger import Stagger
from hhtools.records import Dropped, Record, Rows
from hhtools.stages import held_rows, notes_of
from tests.dialogues import transcript


def twice(record: Record) -> Rows:
    return (record, record)


def drop_odd(record: Record) -> Rows:
    return (record,) if record["id"] % 2 == 0 else Dropped("odd")


def double(record: Record) -> Rows:
    return ({"id": record["id"] * 2},)


def test_each_row_goes_through_the_next_stage() -> None:
    assert chain(twice, double, double)({"id": 1}) == [{"id": 4}, {"id": 4}]


def test_a_reason_for_dropping_is_kept() -> None:
    for stage in (chain(drop_odd, double), chain(double, chain(drop_odd))):
        assert isinstance(stage({"id": 1}), Dropped) == (stage({"id": 1}) == ())
    dropped = chain(drop_odd, double)({"id": 1})
    assert isinstance(dropped, Dropped)
    assert dropped.reason == "odd"


def test_an_unchanged_record_stays_the_very_same() -> None:
    record = {"id": 2}
    (row,) = chain(drop_odd, drop_odd)(record)
    assert row is record


def test_held_rows_go_through_the_stages_behind() -> None:
    fused = chain(Stagger(twice, 1), double, Stagger(twice, 1))
    given = [fused({"id": number}) for number in (1, 2)]
    assert [len(rows) for rows in given] == [1, 4]
    assert held_rows(fused) == [{"id": 4}, {"id": 2}, {"id": 4}]
    assert held_rows(fused) == []


def test_a_pure_stage_holds_nothing() -> None:
    assert held_rows(double) == ()


def test_notes_are_told_by_the_whole_pipe() -> None:
    fused = chain(drop_odd, Stagger(twice, 1))
    for number in (1, 2, 4):
        fused({"id": number})
    assert notes_of(fused) == {"desirable": 2, "undesirable": 2}
    assert notes_of(double) == {}


def test_a_fused_pipe_can_be_sent_to_workers() -> None:
    fused = chain(parse_pair, filter_singleturn, partial(unpack_kto, format_name="trl"))
    raw = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}
    assert pickle.loads(pickle.dumps(fused))(raw) == fused(raw)
    assert len(fused(raw)) == 2
