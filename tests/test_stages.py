from __future__ import annotations

import pickle
from functools import partial

from hhtools import chain, filter_singleturn, parse_pair, unpack_kto
from hhtools.formats.stagger import Stagger
from hhtools.records import Dropped, Record, Rows
from hhtools.stages import Settled, held_rows, notes_of
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


class Couples:
    """A stage that makes one row of two records, and drops the last of an odd number."""

    def __init__(self) -> None:
        self.held: list[Record] = []

    def __call__(self, record: Record) -> Settled:
        self.held.append(record)
        if len(self.held) < 2:
            return Settled()
        first, second = self.held
        self.held = []
        return Settled([{"id": first["id"] + second["id"]}], used=2)

    def finish(self) -> Settled:
        return Settled(dropped=["odd"] * len(self.held))


def test_what_became_of_records_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(Settled([{"id": 1}], used=2, dropped=["tie"])))
    assert (type(copy), tuple(copy), copy.used, copy.dropped) == (Settled, ({"id": 1},), 2, ("tie",))


def test_a_record_that_the_first_stage_holds_is_settled_when_it_says_so() -> None:
    fused = chain(Couples(), twice, double)
    assert [repr(fused({"id": number})) for number in (1, 2, 3)] == [
        "Settled((), 0, ())",
        "Settled(({'id': 6}, {'id': 6}), 2, ())",
        "Settled((), 0, ())",
    ]
    assert repr(held_rows(fused)) == "Settled((), 0, ('odd',))"


def test_a_record_that_a_later_stage_holds_counts_as_used() -> None:
    fused = chain(double, Couples())
    assert [fused({"id": number}) for number in (1, 2, 3)] == [[], [{"id": 6}], []]
    assert held_rows(fused) == []
    assert not isinstance(held_rows(chain(double, Couples())), Settled)


def test_a_fused_pipe_can_be_sent_to_workers() -> None:
    fused = chain(parse_pair, filter_singleturn, partial(unpack_kto, format_name="trl"))
    raw = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}
    assert pickle.loads(pickle.dumps(fused))(raw) == fused(raw)
    assert len(fused(raw)) == 2
