"""What a run has come to, epoch by epoch: the data of its curves, its log and its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Epoch:
    """How good the model was after an epoch.

    `loss` is the mean of the losses of its steps, weighted by rows. `held_loss` is that of the
    held-out rows, `metrics` are of the same rows, or of all if none are held out; both are empty
    where they were not computed.
    """

    epoch: int  # counted from 1, those before this run included
    loss: float
    held_loss: float | None
    metrics: Mapping[str, float]
    seconds: float  # since the run began


@dataclass
class History:
    """The epochs of a run, in order; the first is the one after `first`.

    `judged` are those of them with a held-out loss.
    """

    first: int = 0
    epochs: list[Epoch] = field(default_factory=list)
    judged: list[Epoch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def add(self, epoch: Epoch) -> None:
        """What the next epoch came to."""
        self.epochs.append(epoch)
        if epoch.held_loss is not None:
            self.judged.append(epoch)

    def judge(self, held_loss: float, metrics: Mapping[str, float]) -> None:
        """How good the model was after the last epoch, if that was not computed yet."""
        if self.epochs and self.epochs[-1].held_loss is None:
            last = replace(self.epochs.pop(), held_loss=held_loss, metrics=metrics)
            self.add(last)

    def at(self, epoch: int) -> Epoch:
        """What an epoch of this run came to."""
        return self.epochs[epoch - self.first - 1]
