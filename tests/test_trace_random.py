"""Traces of random models: every named value against the oracle, every gradient the module's."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from numpy.testing import assert_allclose
from oracle import Model
from random_models import models

from graphc.compiled import compile_text
from graphc.traced.example import Example
from graphc.traced.table import table
from graphc.traced.trace import traced
from graphc.traced.view import view
from graphc.traced.wave import moments
from graphc.traced.written import trials
from graphc.verify.module import Module


def close(ours: Any, other: Any) -> None:
    assert_allclose(ours, other, rtol=0, atol=1e-9 * max(1, np.abs(other).max(initial=0)))


@settings(max_examples=settings.default.max_examples // 4 if settings.default else 15)
@given(models())
def test_random_models_are_traced_as_they_are(model: Model) -> None:
    stages: dict[str, Any] = {}
    compiled = compile_text(model.text, dtype="float64", on_stage=stages.__setitem__)
    module, data = compiled.load(), model.arguments()
    trainer = module.Trainer()
    trainer.theta[...] = model.theta()
    data = {each.name: data[each.name] for each in compiled.data}
    one = Example(module, trainer, data, model.sizes)
    found = traced(stages["stable"], one)
    expected = model.run(module.PLACES, model.theta(), data)
    gradients = trainer.gradients(**data)
    for gate in found.gates.values():
        if gate.kind == "step" and gate.name in expected:
            close(gate.value, expected[gate.name])
        elif gate.gradient is not None and gate.kind == "param":
            close(gate.gradient, gradients[gate.name])
    seen = view(found, ())
    assert all(len(line) <= 80 for line in table(seen, seen.shown()))
    plan = stages["plan"][0]
    steps = moments(trials(found, Module(compiled.source, 0), plan, one), plan)
    assert all(step.gates for step in steps if step.ran is not None)
    known = {key: at for at, step in enumerate(steps) for key in step.values}
    for node in found.graph.nodes:
        made_of = [known[key] for key in node.operands if key in known]
        assert node.key not in known or max(made_of, default=0) <= known[node.key]
    back = {key: at for at, step in enumerate(steps) for key in step.gradients}
    for key, gate in found.gates.items():
        assert (key in back) == (gate.gradient is not None)
        assert all(back[part.reader] <= back[key] for part in gate.parts)
