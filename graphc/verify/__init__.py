"""The proof of an emitted module: comments against statements, gradients against differences.

The right column is run in float64, on random data, beside the left one; after each statement the
two values are compared. Where they disagree both go on with the value of the right one, so that no
statement is blamed for another. The loss of the right column alone is what finite differences are
taken of.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphc.verify.columns import Columns
from graphc.verify.differences import ParameterCheck, gradients
from graphc.verify.disagreement import Disagreement, failing, located
from graphc.verify.module import Module, NotAModule

__all__ = ["Disagreement", "NotAModule", "ParameterCheck", "Verification", "verify"]


@dataclass(frozen=True)
class Verification:
    """What was found: statements that agree, those that disagree, and every parameter's gradient.

    `missed` counts the statements that read what another has failed to give: they are not compared.
    `disagreements` can be lines that are not counted as statements: what unpacks, or returns.
    `unchecked` is why there are no parameters, if the comments do not run.
    """

    statements: int
    agreeing: int
    missed: int
    disagreements: tuple[Disagreement, ...]
    parameters: tuple[ParameterCheck, ...]
    unchecked: str = ""

    @property
    def holds(self) -> bool:
        return not self.disagreements and all(one.agrees for one in self.parameters)


def verify(source: str, seed: int = 0) -> Verification:
    """Verifies the text of an emitted module; raises NotAModule if it is none.

    A value at a kink can fall on either side of it in two precisions, so what disagrees is tried
    again on other random data: a wrong module disagrees on all.
    """
    result = _once(source, seed)
    for other in range(1, 3):
        if result.holds:
            break
        again = _once(source, seed + other)
        result = again if again.holds else result
    return result


def _once(source: str, seed: int) -> Verification:
    try:
        module = Module(source, seed)
        columns = Columns(module)
        wrong, unchecked = columns.disagreements(), ""
    except NotAModule:
        raise
    except Exception as error:  # of what is no statement: arrays that are made, a start, data
        raise NotAModule(f"the module does not run: {located(error)}") from error
    try:
        checks = tuple(gradients(module))
    except Exception as error:  # a module that was tampered with can fail in any way
        if not wrong:
            raise NotAModule(f"the module's comments do not run: {error}") from error
        checks, unchecked = (), failing(error)
    missed = module.count - len(columns.compared)
    return Verification(module.count, columns.agreeing, missed, wrong, checks, unchecked)
