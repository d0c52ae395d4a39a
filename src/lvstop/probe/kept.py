"""What follows from readings that seldom change is made once, and is the same object until they do."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The last result of a pure function. It holds what it was made of, so that identity cannot deceive."""

    def __init__(self) -> None:
        self._made_of: tuple[object, ...] = ()
        self._result: T | None = None
        self._made = False

    def of(self, make: Callable[[], T], *made_of: object) -> T:
        """What `make` gives, or gave when it was last made of these very objects, which nobody changes."""
        same = self._made and len(made_of) == len(self._made_of)
        if not same or any(one is not other for one, other in zip(made_of, self._made_of, strict=True)):
            self._result, self._made_of, self._made = make(), made_of, True
        return self._result  # type: ignore[return-value]  # it was made
