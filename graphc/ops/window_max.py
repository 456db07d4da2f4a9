"""The largest of what each window holds.  Ties share the gradient equally."""

from graphc.op import Op, given
from graphc.shaping import joined

HELPER = '''
def window_max(w, out):
    """The largest of what each window holds, place by place."""
    out.fill(-np.inf)
    for i, j in np.ndindex(w.shape[1:3]):
        np.maximum(out, w[:, i, j], out=out)
'''


window_max = Op(
    "window_max",
    "w",
    shape=joined,
    meaning="{w}.max((1, 2))",
    code="window_max({w}, out={y})",  # NumPy's reduction over axes within is 18 times as slow
    adjoint="t = peaks(w, y), dw = t * expand_dims(dy / sum(t, [1, 2]), [1, 2])",
    helper=HELPER,
    hidden=True,
    samples=[given((2, 2, 3, 3, 1, 2)), given((1, 1, 2, 2, 3, 3)), given((2, 1, 1, 1, 2, 2))],
)
