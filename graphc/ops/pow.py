"""a ** b, element by element, broadcast.  With respect to b the derivative is 0 where a <= 0.

The exponent of the way back is b - 1, but 0 where b is: there the slope is 0, also at a = 0.
"""

from graphc.op import Op, given
from graphc.shaping import broadcast

LEAST = 1e-38  # the logarithm of what is not positive is never taken

pow = Op(
    "pow",
    "a, b",
    shape=broadcast,
    meaning="{a} ** {b}",
    code="power({a}, {b}, out={y})",
    adjoint=f"""
        da = dy * (b * a ** (b - greater(abs(b), 0))),
        db = dy * (y * greater(a, 0) * log(maximum(a, {LEAST})))
    """,
    overwrites="a, b",
    elementwise=True,
    symbol="**",
    identities=(
        "a ** 0 = 1",
        "a ** 1 = a",
        "a ** 2 = square(a)",
        "a ** 0.5 = sqrt(a)",
        "a ** -1 = 1 / a",
    ),
    domain={"a": (0.5, 2.0)},
    finite={"a": (1e-5, 1e5), "b": (-5.0, 5.0)},
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 4), ()), given((), (3,))],
)
