"""What unification left open, decided: what became clear, then the first as if equal."""

from __future__ import annotations

from collections import deque

from graphc.dims import ONE, Dim, Solver


def settle(solver: Solver) -> list[tuple[Dim, Dim, object]]:
    """Answers every pending question; returns the sizes that do not fit, with who asked.

    A question that cannot be answered waits for the unknowns in it. When all wait, the first is
    answered as if its sizes were equal: `[_]` added to `[4]` is `[4]`, though it could be `[1]`.
    """
    failed, asked, first = [], solver.pending, 0
    todo, done = deque(range(len(asked))), set[int]()
    waiting: dict[str, list[int]] = {}
    while len(done) < len(asked):
        while first in done:
            first += 1
        index = todo.popleft() if todo else first
        if index in done:
            continue
        left, right, result, solver.owner = asked[index]
        a, b = solver.resolve(left), solver.resolve(right)
        last = index == first and not todo
        answer = _answer(solver, a, b, result, last)
        if answer is None and not last:
            for name in a.names | b.names:
                waiting.setdefault(name, []).append(index)
            continue
        done.add(index)
        if answer is False:
            failed.append((a, b, solver.owner))
        todo.extend(one for name in solver.bound for one in waiting.pop(name, ()))
        solver.bound.clear()
    return failed


def _answer(solver: Solver, a: Dim, b: Dim, result: Dim | None, last: bool) -> bool | None:
    """Whether two sizes fit; None if too little is known, unless nothing else can tell."""
    if result is None:
        return solver.unify(a, b)
    if ONE in (a, b):
        return solver.equal(b if a == ONE else a, result)
    if not last and a != b and (a.unknown or b.unknown):
        return None
    return solver.equal(a, b) and solver.equal(a, result)
