"""What the Trainer says and calls where evaluation is not what training runs."""

from __future__ import annotations

from collections.abc import Callable

from graphc.phases import EVALUATE, PREDICT
from graphc.plan import Plan

TOLD = {
    "evaluate": """
`step`, `fit`, `gradients` and `loss_and_gradient` run in training mode, `predict` and `loss`
in evaluation mode: each has functions and buffers of its own.
""".strip(),
    "draw": "Training draws its random numbers from `rng`, anew each time; evaluation draws none.",
    "track": "`step` and `fit`, and nothing else, move the running statistics after the update.",
}


def words(plan: Plan, judging: Plan, plain: bool, call: Callable[[str], str]) -> dict[str, str]:
    """The words of the templates that depend on whether there is one mode, or two.

    `judging` is the plan that `predict` and `loss` follow; `call` spells the call of a function.
    """
    training, two = plan.functions, judging is not plan
    forward, outputs, loss = EVALUATE if two else PREDICT
    told = [text for name, text in TOLD.items() if name in judging.functions or name in training]
    return {
        "in_training": " in training mode" if two else "",
        "in_evaluation": " in evaluation mode" if two else "",
        "judged": "EvaluationBuffers" if two or not plain else "Buffers",
        "draw": "draw(buf, self.rng)" if "draw" in training else "",
        "track": call("track") if "track" in training else "",
        "evaluate": call(forward),
        "evaluation_outputs": call(outputs) if judging.functions[outputs] else "",
        "evaluation_loss": call(loss),
        "modes": "\n".join(["", *told]) if two else "",
    }
