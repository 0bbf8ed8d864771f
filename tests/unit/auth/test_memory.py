"""The dict that forgets: against a model that knows when each entry was made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batiyoun.auth.memory import ShortMemory

LEAST = 10.0
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 5)),
        st.tuples(st.just("pop"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 5, 9, 10, 11, 20, 25])),
    ),
    max_size=40,
)


@given(steps)
def test_an_entry_stays_at_least_so_long_and_at_most_twice(story: list[tuple[str, int]]) -> None:
    now = 0.0
    memory: ShortMemory[int, str] = ShortMemory(1_000, LEAST, lambda: now)
    made: dict[int, float] = {}
    for number, (what, arg) in enumerate(story):
        if what == "set":
            memory[arg] = str(number)
            made[arg] = now
        elif what == "pop":
            age = now - made.pop(arg, -100.0)
            found = memory.pop(arg, "nothing")
            assert found != "nothing" if age < LEAST else age < 2 * LEAST or found == "nothing"
        else:
            now += arg
        keys = memory.keys()
        for key in range(6):
            age = now - made.get(key, -100.0)
            assert (key in memory) == (memory.get(key) is not None) == (key in keys) == (key in dict(memory.items()))
            assert age >= LEAST or key in memory
            assert age < 2 * LEAST or key not in memory
        assert len(memory) == len(keys)


def test_a_key_that_is_set_again_is_new_again() -> None:
    now = 0.0
    memory: ShortMemory[str, int] = ShortMemory(1_000, LEAST, lambda: now)
    memory["a"] = 1
    now = 12
    memory["a"] = 2
    now = 21
    assert memory.get("a") == 2
    assert memory.pop("a") == 2
    assert memory.get("a") is None


def test_there_are_never_more_than_the_limit_and_the_oldest_go_first() -> None:
    memory: ShortMemory[int, int] = ShortMemory(100, LEAST, lambda: 0.0)
    for number in range(1_000):
        memory[number] = number
        assert len(memory) <= 100
        assert all(memory.get(newest) == newest for newest in range(max(0, number - 49), number + 1))


def test_a_memory_of_no_time_remembers_nothing() -> None:
    memory: ShortMemory[str, int] = ShortMemory(0, 0, lambda: 5.0)
    memory["a"] = 1
    assert memory.get("a") is None
    assert "a" not in memory
