"""x, as a constant: the gradient stops here.

It stays in the emitted module, so that `graphc verify` can hold it still when it takes differences.
"""

from graphc.op import Op, given
from graphc.shaping import same

stop_gradient = Op(
    "stop_gradient",
    "x",
    shape=same,
    meaning="stop_gradient({x})",
    view=True,
    flat=("x",),
    helper='''
def stop_gradient(x):
    """x; the derivatives below take it for a constant."""
    return x
''',
    samples=[given((3, 4)), given((5,)), given(())],
)
