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
UPDATE = """
if math.isfinite(value) and gradient.dot(gradient) < 1e30:
    update(self._theta{part}, gradient{part}, self.state, self.steps + 1, self.epoch)
else:
    {careful}
""".strip()


def words(
    names: Mapping[str, str],
    data: Iterable[Data],
    outputs: Sequence[str],
    *,
    frozen: bool,
    bounded: bool,
) -> dict[str, str]:
    """The words of the templates for it; those about data are empty in a model without.

    `names` are those of the data in the module, `outputs` what is returned as the module spells it.
    An update that is `bounded` need not be looked at where the gradient is.
    """
    given = ", ".join(names[one.name] for one in data)
    inputs = ", ".join(names[one.name] for one in data if one.kind == "input")
    unsound = " or ".join(f"not math.isfinite(np.vdot({one}, {one}))" for one in outputs)
    unsound = f"({unsound})" if len(outputs) > 1 else unsound
    read = f", rows, {given}" if given else ""
    careful = f"self._careful_update(gradient, value{read})"
    part = "[:TRAINED]" if frozen else ""
    return {
        "update": UPDATE.format(part=part, careful=careful) if bounded else careful,
        "part": part,
        "rows_of_batch": ", rows=None" if given else "",
        "read_or_none": ", rows=None, *data" if given else "",
        "strange": "{strange(rows, *data)}" if given else "",
        "refused_loss": LOSS.format(given) if given else "",
        "refused_output": OUTPUT.format(unsound, inputs) if inputs else "",
    }
