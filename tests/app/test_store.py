"""The store: what a store promises, and that the embedded one keeps it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from service.files import byte_range
from service.sqlite_store import MAX_FILES, MAX_TASKS, SqliteStore
from service.store import Store, StoreFull, StoreUnreachable, open_store


@pytest.fixture
def store(tmp_path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'store.db'}")


def test_it_says_that_it_does_not_outlive_its_instance(store):
    assert (store.kind, store.outlives_instance) == ("SQLite", False)


def test_the_newest_task_comes_first_and_a_change_leaves_the_rest(store):
    first, second = store.add_task("a"), store.add_task("b")
    assert [each.title for each in store.tasks()] == ["b", "a"]
    assert store.change_task(first.id, title=None, done=True) == store.task(first.id)
    assert (store.task(first.id).title, store.task(first.id).done) == ("a", True)
    assert store.change_task(second.id, title="c", done=None).done is False
    assert store.change_task(99, title="c", done=None) is None
    assert store.remove_task(first.id)
    assert not store.remove_task(first.id)
    assert store.add_task("d").id > second.id


def test_a_file_takes_the_place_of_one_of_its_name(store):
    store.put_file("a", "text/plain", b"1")
    stored = store.put_file("a", "image/png", b"22")
    assert store.files() == [stored]
    assert store.file("a") == (stored, b"22")
    assert (stored.size, stored.media_type) == (2, "image/png")
    assert store.remove_file("a")
    assert store.file("a") is None


def test_there_is_room_for_so_much_and_no_more(store, monkeypatch):
    assert (MAX_TASKS, MAX_FILES) == (1000, 20)
    monkeypatch.setattr("service.sqlite_store.MAX_TASKS", 3)
    monkeypatch.setattr("service.sqlite_store.MAX_FILES", 3)
    for number in range(3):
        store.put_file(str(number), "text/plain", b"")
    with pytest.raises(StoreFull, match="there are 3 files"):
        store.put_file("another", "text/plain", b"")
    store.put_file("0", "text/plain", b"again")
    for _ in range(3):
        store.add_task("x")
    with pytest.raises(StoreFull, match="there are 3 tasks"):
        store.add_task("x")


def test_a_file_that_is_no_database_can_not_be_reached_until_it_is_gone(tmp_path):
    (tmp_path / "store.db").write_bytes(b"no database" * 1000)
    store = SqliteStore(str(tmp_path / "store.db"))
    for _ in range(2):
        with pytest.raises(StoreUnreachable, match="SQLite: file is not a database"):
            store.ping()
    (tmp_path / "store.db").unlink()
    store.ping()


def test_what_was_written_is_there_for_the_next_one_who_opens_it(store, tmp_path):
    store.add_task("a")
    store.close()
    assert [each.title for each in SqliteStore(str(tmp_path / "store.db")).tasks()] == ["a"]


def test_many_threads_may_write_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: store.add_task(str(number)).id, range(100)))
    assert len(set(made)) == len(store.tasks()) == 100


def test_a_store_that_can_not_be_reached_says_so(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")
    for call in (store.ping, store.tasks):
        with pytest.raises(StoreUnreachable, match="SQLite: unable to open"):
            call()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=2-", range(2, 10)),
        ("bytes=2-99", range(2, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("bytes=10-", range(10, 10)),
        ("bytes=-0", range(10, 10)),
        ("bytes=3-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=x-1", None),
        ("bytes=1-" + "9" * 40, None),
        ("", None),
    ],
)
def test_a_range_is_what_the_standard_says(header, expected):
    assert byte_range(header, 10) == expected
