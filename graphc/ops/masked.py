"""The scores where `mask` is not 0, else `fill`, which a softmax makes 0; the mask broadcasts.

A row that is masked as a whole gets equal weights, and no gradient. The mask gets none either.
"""

from collections.abc import Mapping

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, Work, given
from graphc.shaping import same

HELPER = '''
def filled(x, mask, value, gaps, out):
    """x where the mask is not 0, else a value."""
    if out is not x:
        out[...] = x
    np.copyto(out, value, where=np.equal(mask, 0, out=gaps))
    return out
'''


def _needs(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    return {"gaps": Work(shapes[1], "bool")}


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    scores, mask = operands
    extra = len(scores) - len(mask)
    for have, wanted in zip(mask, scores[max(extra, 0) :], strict=False):
        found = solver.broadcast(have, wanted)
        if extra < 0 or found is None or not solver.equal(found, wanted):
            extra = -1
            break
    if extra < 0:
        scores, mask = solver.shape(scores), solver.shape(mask)
        raise Mismatch(f"a mask {show(mask)} does not broadcast to the scores {show(scores)}")
    return scores


masked = Op(
    "masked",
    "scores, mask",
    shape=_shape,
    attributes={"fill": Attribute("number", -1e9)},
    meaning="where({mask} != 0, {scores}, {fill})",
    code="filled({scores}, {mask}, {fill}, {gaps}, {y})",
    needs=_needs,
    adjoint="dscores = kept(dy, mask), dmask = mask * 0",
    overwrites="scores",
    helper=HELPER,
    samples=[
        given((3, 4), (3, 4), fill=-1.5),
        given((2, 3, 4), (3, 1), fill=-1.5),
        given((3, 4), (), fill=0),
        given((), (), fill=2),
    ],
)

kept = Op(
    "kept",
    "x, mask",
    shape=same,
    meaning="where({mask} != 0, {x}, 0)",
    code="filled({x}, {mask}, 0, {gaps}, {y})",
    needs=_needs,
    overwrites="x",
    hidden=True,
    helper=HELPER,
    formula="x where the mask is not 0, else 0: what a masked score gets back.",
    samples=[given((3, 4), (3, 4)), given((2, 3, 4), (3, 1))],
)
