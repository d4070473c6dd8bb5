"""Records: what they share with data classes, and what they refuse."""

from __future__ import annotations

import pytest

from system_manager.base.records import FrozenRecordError, field, record, replace


@record(frozen=True)
class Point:
    x: int
    y: int = 2
    note: str = field(default="", compare=False, repr=False)


@record(frozen=True)
class Place(Point):
    name: str = "here"


@record()
class Basket:
    items: list[str] = field(default_factory=list)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.items)


@record(eq=False)
class Node:
    value: int


def test_arguments_and_defaults() -> None:
    assert (Point(1).x, Point(1).y, Point(y=3, x=1).y) == (1, 2, 3)
    assert (Place(1, name="there").y, Place(1).name) == (2, "here")


def test_text() -> None:
    assert repr(Point(1, note="secret")) == "Point(x=1, y=2)"


def test_equality_is_that_of_compared_fields_in_the_same_class() -> None:
    assert Point(1) == Point(1, note="other")
    assert Point(1) != Point(2)
    assert Point(1) != Place(1)
    assert Place(1) == Place(1)
    assert Place(1) != Place(1, name="there")
    assert Point(1).__eq__((1, 2, "")) is NotImplemented
    assert len({Point(1), Point(1), Place(1), Place(1, name="there")}) == 3


def test_without_equality_each_is_its_own() -> None:
    assert Node(1) != Node(1)
    assert len({Node(1), Node(1)}) == 2


def test_a_mutable_record_has_no_hash() -> None:
    with pytest.raises(TypeError):
        hash(Basket())


def test_factories_make_a_new_value_each_time() -> None:
    first, second = Basket(), Basket()
    first.items.append("apple")
    assert (second.items, Basket(["pear"]).size) == ([], 1)


def test_replacing() -> None:
    assert replace(Point(1, note="kept"), y=5).note == "kept"
    assert replace(Place(1), name="there") == Place(1, 2, "", "there")


@pytest.mark.parametrize("made_before", [0, 20])
@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1,), {"z": 2}), ((1,), {"x": 1}), ((1, 2, "", 4), {}), ((), {"y": 1})]
)
def test_wrong_arguments_are_refused(made_before: int, values: tuple[int, ...], named: dict[str, int]) -> None:
    @record(frozen=True)
    class Local(Point):
        pass

    made = [Local(number) for number in range(made_before)]
    assert [local.x for local in made] == list(range(made_before))
    with pytest.raises(TypeError):
        Local(*values, **named)
    assert Local(1, y=3) == Local(1, 3)


def test_frozen_records_cannot_be_changed() -> None:
    with pytest.raises(FrozenRecordError):
        setattr(Point(1), "x", 2)  # noqa: B010 -- a plain assignment is found by the type checker
    with pytest.raises(FrozenRecordError):
        delattr(Point(1), "x")


def test_there_are_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        setattr(Node(1), "other", 2)  # noqa: B010 -- as above
