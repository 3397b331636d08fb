"""Rows of one kind, by id and by the columns that others look them up with."""

from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Listener = Callable[[str, Row], None]


class Table:
    """Rows by id. Ids are strings from one counter that never goes back, unless *key* names a column of its own.

    *indexed* columns can be searched with :meth:`where` without a scan. Rows are changed through :meth:`change` only,
    so that the indexes and the listener stay right.
    """

    def __init__(self, name: str, listener: Listener, *, indexed: tuple[str, ...] = (), key: str = "id") -> None:
        self.name = name
        self.key = key
        self.next_id = 1
        self.rows: dict[str, Row] = {}
        self._listener = listener
        self._index: dict[str, dict[Any, dict[str, None]]] = {column: {} for column in indexed}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.rows

    def new_id(self) -> str:
        """Return an id that no row of this table ever had."""
        self.next_id += 1
        return str(self.next_id - 1)

    def reserve(self, count: int) -> int:
        """Return the first of *count* consecutive new ids."""
        self.next_id += count
        return self.next_id - count

    def get(self, row_id: Any) -> Row | None:
        """Return the row with this id, or None."""
        return self.rows.get(str(row_id))

    def add(self, row: Row) -> Row:
        """Return *row*, stored; it gets an id if it has none."""
        if row.get(self.key) is None:
            row[self.key] = self.new_id()
        self.rows[row[self.key]] = row
        for column in self._index:
            self._link(column, row)
        self._listener(self.name, row)
        return row

    def change(self, row_id: str, **values: Any) -> Row:
        """Return the row after setting *values*. Raises KeyError if there is none."""
        row = self.rows[row_id]
        moved = [column for column in self._index if column in values and values[column] != row.get(column)]
        for column in moved:
            self._unlink(column, row)
        row.update(values)
        for column in moved:
            self._link(column, row)
        self._listener(self.name, row)
        return row

    def remove(self, row_id: str) -> Row:
        """Return the row taken out. Raises KeyError if there is none."""
        row = self.rows.pop(row_id)
        for column in self._index:
            self._unlink(column, row)
        self._listener(self.name, row)
        return row

    def where(self, column: str, value: Any) -> list[Row]:
        """Return the rows whose indexed *column* equals *value*, oldest first."""
        return [self.rows[row_id] for row_id in self._index[column].get(value, ())]

    def count(self, column: str, value: Any) -> int:
        """Return how many rows have *value* in the indexed *column*."""
        return len(self._index[column].get(value, ()))

    def _link(self, column: str, row: Row) -> None:
        self._index[column].setdefault(row.get(column), {})[row[self.key]] = None

    def _unlink(self, column: str, row: Row) -> None:
        self._index[column].get(row.get(column), {}).pop(row[self.key], None)
