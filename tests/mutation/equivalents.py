"""Mutants that no test can catch, for they change nothing promised; each with its reason."""

from __future__ import annotations

_FILLED = "def filled(self, need: Dim, dtype: str, fill: Fill, *, seen: bool=False, apart: bool="
_ELU = "dx = dy * where(greater(x, 0), 1, "
_ERF = "dx = dy * (exp(-square(clip(x, -%d, %d))) * (2 / sqrt(pi)))"
_GELU = "dx = dy * (p + x * (exp(square(clip(x, -%d, %d)) * -0.5) / sqrt(2 * pi)))"
_LATER = "return last.get(self.holds.get(home, %d), %d) >= place"
_SOFT = "dlogits = expand_dims(dloss, [1]) * (softmax(logits) * sum(t, %d, true) - t)"
_U = "clip(x, -%d, %d)"
_MEANS = ("expand_dims(m, [1])", "[0, 2]"), ("expand_dims(m, [1, 2])", "[0, 2, 3]"), ("m", "[0]")
_SQUARES = (
    *(
        f"normalise_batch: squares = sum(square(x - {m}), {axes})  ->  sum(square({m} - x), {axes})"
        for m, axes in _MEANS
    ),
    "normalise: s = sqrt(mean(square(x - mean(x, axis, true)), axis, true) + epsilon)"
    "  ->  sqrt(mean(square(mean(x, axis, true) - x), axis, true) + epsilon)",
)


def _past(bound: int) -> list[tuple[int, int]]:
    """A number more on each side."""
    return [(bound + 1, bound), (bound, bound + 1)]


EQUIVALENT: dict[str, str] = {
    f"rooms.{_FILLED}False) -> Home:  ->  {_FILLED}True) -> Home:": (
        "`give` alone leaves `apart` out, and among its arrays there are no others to be apart from"
    ),
    "gradient.fitted: if wide != have:  ->  if wide == have:": (
        "no rule gives less than its value has, which `proven` insists on; a spread of what has"
        " the shape already is taken out again"
    ),
    "rewrites.identities.rewrite: if node.op is None or not node.op.identities:"
    "  ->  if node.op is None and (not node.op.identities):": (
        "where there are no identities none is found, and every node that is added has an operation"
    ),
    "rewrite.simplify: size, settled = (-1, set[int]())  ->  size, settled = (-2, set[int]())": (
        "neither is the size of a graph"
    ),
    "rewrites.identities.@lru_cache(maxsize=4096)  ->  @lru_cache(maxsize=4097)": (
        "how much is remembered changes how long it takes alone"
    ),
    **dict.fromkeys(
        (
            f"arrays._read_later: {_LATER % (-1, -1)}  ->  {_LATER % (-2, -1)}",
            f"arrays._read_later: {_LATER % (-1, -1)}  ->  {_LATER % (-1, -2)}",
        ),
        "no value and no place of a statement has a number below 0",
    ),
    "contiguous: x is taken": (
        "it copies a view, and a statement takes only an array that it reads by its name"
    ),
    "broadcast: dx = narrow(dy, shape(x))  ->  dy  (inner)": (
        "a gradient that is larger than its value is narrowed wherever it comes from"
    ),
    **dict.fromkeys(
        (
            "masked: dmask = mask * 0  ->  2 * (mask * 0)  (twice)",
            "masked: dmask = mask * 0  ->  -(mask * 0)  (sign)",
        ),
        "0 is 0 with either sign and twice, and nan is nan",
    ),
    f"softmax_cross_entropy: {_SOFT % -1}  ->  {_SOFT[10:] % 1}  (inner)": (
        "the last axis of two is axis 1"
    ),
    "softmax_cross_entropy: dlogits = expand_dims(dloss, [0]) * (softmax(logits) - t)"
    "  ->  dloss * (softmax(logits) - t)  (inner)": (
        "logits of one axis have one loss, which multiplies all of them with or without an axis"
    ),
    f"elu: {_ELU}exp(minimum(x, 0)) * alpha)  ->  {_ELU[5:]}exp(minimum(x, 1)) * alpha)  (more)": (
        "it differs where x is above 0, where the other side is chosen, and does not overflow there"
    ),
    **dict.fromkeys(
        (
            *(f"erf: {_ERF % (28, 28)}  ->  {_ERF[5:] % ends}  (more)" for ends in _past(28)),
            *(f"gelu: {_GELU % (40, 40)}  ->  {_GELU[5:] % ends}  (more)" for ends in _past(40)),
            *(f"gelu: u = {_U % (10, 10)}  ->  {_U % ends}  (more)" for ends in _past(10)),
        ),
        "at the bound what is computed of it is 0 or 1 to the last digit, and it is further on",
    ),
    **dict.fromkeys(
        (f"{one}  (swapped)" for one in _SQUARES),
        "differences are each other's negative to the last digit, and their squares are the same",
    ),
}


def reason(text: str) -> str | None:
    """Why a mutant changes nothing, or None if it does."""
    old, _, new = text.partition("  ->  ")
    if "strict=False" in new and old.endswith(new.replace("strict=False", "strict=True")):
        return "both are as long as each other, which `strict` asserts"
    if "Node(-2, " in new and old.endswith(new.replace("Node(-2, ", "Node(-1, ")):
        return "a node that is placed gets its number there, whatever it had before"
    return EQUIVALENT.get(text)
