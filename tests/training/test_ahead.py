"""Batches made ahead are those that would have been made in time."""

import threading

import pytest
from kinetone.training.data.ahead import BATCHES_AHEAD, Ahead


def test_batches_come_by_their_numbers_each_made_once_and_elsewhere():
    made = []

    def make(number):
        made.append((number, threading.current_thread()))
        return f"batch {number}"

    batches = Ahead(make, 3)
    wanted = [1, 4, 7, 10]
    assert [batches.batch(number) for number in wanted] == [f"batch {number}" for number in wanted]
    numbers = [number for number, _ in made]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= {*wanted, *range(13, 13 + 3 * BATCHES_AHEAD, 3)}
    assert threading.current_thread() not in [thread for _, thread in made]


def test_a_run_that_begins_elsewhere_gets_its_own_batches():
    batches = Ahead(lambda number: number, 1)
    assert [batches.batch(number) for number in (0, 1, 70, 71)] == [0, 1, 70, 71]


def test_what_goes_wrong_is_told_when_the_batch_is_wanted():
    def make(number):
        if number == 2:
            raise OSError("no such file")
        return number

    batches = Ahead(make, 1)
    assert batches.batch(1) == 1
    with pytest.raises(OSError, match="no such file"):
        batches.batch(2)
