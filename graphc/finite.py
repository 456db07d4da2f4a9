"""How the Trainer traces what is not finite to its data: looked for once there is something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphc.model import Data

LOSS = """
if not math.isfinite(value) and (told := strange(None, {})):
    raise FloatingPointError(f"the loss is {{value}}{{told}}")
""".strip()
OUTPUT = """
if {} and (told := strange(None, {})):
    raise FloatingPointError(f"the output is not finite{{told}}")
""".strip()


def words(names: Mapping[str, str], data: Iterable[Data], outputs: Sequence[str]) -> dict[str, str]:
    """The words of the templates for it; all are empty in a model without data.

    `names` are those of the data in the module, `outputs` what is returned as the module spells it.
    """
    given = ", ".join(names[one.name] for one in data)
    inputs = ", ".join(names[one.name] for one in data if one.kind == "input")
    unsound = " or ".join(f"not math.isfinite(np.vdot({one}, {one}))" for one in outputs)
    unsound = f"({unsound})" if len(outputs) > 1 else unsound
    return {
        "rows_of_batch": ", rows=None" if given else "",
        "read": f", rows, {given}" if given else "",
        "read_or_none": ", rows=None, *data" if given else "",
        "strange": "{strange(rows, *data)}" if given else "",
        "refused_loss": LOSS.format(given) if given else "",
        "refused_output": OUTPUT.format(unsound, inputs) if inputs else "",
    }
