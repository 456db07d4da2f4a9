"""Random updates of the user: expressions in rules, in defaults, and given to the optimizer."""

from __future__ import annotations

from random import Random

from .phrases import NUMBERS, phrase


def own(random: Random, text: str) -> str:
    """An update of one's own, of expressions from the grammar, and what the optimizer is given."""

    def value(names: list[str]) -> str:
        return phrase(random, "expr", names, random.choice([3, 5, 8]))

    def number(names: list[str]) -> str:
        odd = random.random() < 0.3
        return random.choice([random.choice(NUMBERS), value(names)] if odd else RATES)

    def reckoned() -> str:
        low, most = random.choice(known), random.choice([*known, *arguments * 5, *PLAIN])
        low = value(known) if random.random() < 0.05 else low
        most = value(known) if random.random() < 0.05 else most
        form = random.choice(FORMS if random.random() < 0.6 else FORMS[:18])
        return form.replace("A", low).replace("B", most)

    known = ["gradient", "gradient", "parameter", "step", "epoch", "matrices"]
    arguments = random.sample(ARGUMENTS, random.randint(0, 3))
    head = ", ".join(
        f"{name} = {number([*arguments[:i], 'step', 'epoch'])}" if random.random() < 0.8 else name
        for i, name in enumerate(arguments)
    )
    known += arguments * 2
    body = []
    for name in random.sample(["v", "m"], random.choice([0, 0, 1, 2])):
        body += [f"state {name} = {random.choice(['0', '1', '0.5', value(known)])}"]
        known += [name, f"{name}'"]
        body += [f"{name}' = {reckoned()}"]
    for name in random.sample(["g", "h"], random.choice([0, 1, 1, 2])):
        body += [f"{name} = {reckoned()}"]
        known += [name]
    body += [f"parameter' = parameter - {reckoned()}"]
    random.shuffle(body)
    given = [f"{name} = {number(['step', 'epoch'])}" for name in arguments if random.random() < 0.5]
    given += [random.choice(RATES[-2:])] if random.random() < 0.1 else []
    text = random.choice([text, SMALL, SMALL])  # of a model with mistakes no update is made
    lines = [one for one in text.split("\n") if not one.startswith("optimizer")]
    inside = "\n".join(f"    {one}" for one in body)
    return "\n".join(
        [f"update own({head}) {{\n{inside}\n}}", *lines, f"optimizer own({', '.join(given)})"]
    )


SMALL = "input x : [batch, 2]\np = x |> dense(3)\noutput p\nloss mean(square(p))"
ARGUMENTS = ["rate", "limit", "learning_rate", "beta1", "mu", "epsilon", "norm", "weight_decay"]
PLAIN = ["none", "_", "0", "1", "2", "0.5"]
RATES = [
    *("0.1", "1", "0", "2", "0.5", "0.9", "10", "1e-8", "0.1", "1", "0.01"),
    *("warmup(0.1, steps = 3)", "cosine_decay(0.1, steps = 10)", "0.1 / step", "true", "[1, 2]"),
    *("2 * rate", "-limit", "0.1 * matrices", "none", "clip_norm = 1", "clip_value = 0.5"),
]
# the first are sound with most operands
FORMS = (
    """
A; A * B; A - B; -A; A ** B; A / B; A @ B; A.T; (A + B); A |> clip(-B, B);
clip(A, -B, B); clip(A, low = B, high = 2 * B); clip(A, 0, B); maximum(A, B); norm(A);
sum(A); sum(A, axis = B); mean(A, axis = [B]);
norm(A, keepdims = B); where(A, B, A); slice(A, B); squeeze(A, B); expand_dims(A, B);
reshape(A, [B]); concat(A, B, axis = 0); elu(A, B); leaky_relu(A, slope = B);
dropout(A, B); one_hot(A, B); pad(A, B); A(B); mse(A, B); clip_norm(A, B);
clip_value(A, B); warmup(A, B); dense(A, B); sigmoid(A); transpose(A, [B]);
softmax(A, axis = B); [A, B]; maximum(b = A, a = B); swap(A, B, A)
""".replace("\n", " ")
    .strip()
    .split("; ")
)
