"""The arrays of a prediction: nothing waits for the way back, so more values share one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphc.dataflow import Graph, operands
from graphc.rooms import Array, Home, Rooms, Slots


@dataclass(frozen=True)
class Prediction:
    """The arrays that `predict` and `loss` need, and which of them holds which value."""

    arrays: tuple[Array, ...]
    homes: Mapping[int, Home]


def predicting(
    graph: Graph, order: Sequence[int], slots: Slots, returned: Iterable[int]
) -> Prediction:
    """The arrays of the statements in `order`, each name's for as long as it is read.

    The statements and the names in them are those of training; what is `returned` stays.
    """
    read = {
        key: [slots.results[one] for one in operands(graph[key], graph) if one in slots.results]
        for key in order
    }
    last: dict[str, int] = {}
    for place, key in enumerate(order):
        last |= {slot.name: place for slot in (*read[key], *slots.at(key))}
    last |= {slots.results[key].name: len(order) for key in returned if key in slots.results}
    rooms, homes = Rooms(), dict[str, Home]()
    for place, key in enumerate(order):
        ending = {slot.name for slot in read[key] if last[slot.name] == place}
        for slot in slots.at(key):
            if slot.name in homes:
                continue
            over = [one for one in read[key] if one.name in ending and one.fits(slot)]
            homes[slot.name] = homes[over[0].name] if over else rooms.give(slot)
            ending -= {one.name for one in over}
            ending |= {slot.name} if last[slot.name] == place and slot.fill is None else set()
        for name in sorted(ending):
            rooms.free(homes[name])
    named = [(homes[slot.name], slot) for key in order for slot in slots.at(key)]
    placed = {key: homes[slots.results[key].name] for key in order if key in slots.results}
    return Prediction(rooms.arrays(named), placed)
