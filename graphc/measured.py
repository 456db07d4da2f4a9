"""What pays in NumPy, as measured: the figures behind the choices of the planner and the emitter.

Microseconds of one statement in float32 on 64 x 64 numbers, unless another size is named. Where
two figures stand with a slash between, they are of two machines with two cores and AVX-512, one
by Intel and one by AMD; the others are of the second. NumPy 2.4 with its OpenBLAS. All but those
of two threads are printed, for the machine at hand, by `python -m tests.benchmarks.choices`.

Taken:

- An array that begins on a boundary of 64 bytes, on the first: add 0.65 against 1.06, matrix
  product 3.05 against 3.47, on the second no difference; NumPy's own allocation stands at 16 or 32
  bytes.
- `a.dot(b, out=y)`, the method: 0.26 against 0.42 for the function at 4 x 8, whose arguments NumPy
  first asks whether they are arrays of others.
- A number as an array without axes: 0.24 against 0.42 / 0.26 against 0.57 at 4 x 8 for one of
  Python's own.
- `maximum` and `minimum` against an array that holds the number everywhere: 0.73 against 1.02 /
  0.59 against 1.84 for the number, for which they go element by element; 44 against 192 at
  256 x 2048. A prediction, which may be of many rows, shows the number in an array of no memory.
- A smaller operand that is copied into rows first: 1.2 against 1.5, at 4 x 8 0.5 against 0.8, equal
  where arrays are large; and NumPy's iterator, which takes 34 kB for a moment, is not needed.
- A sum of columns as a product with ones: 0.43 against 1.58 / 0.36 against 1.97 for
  `add.reduce`. A sum of rows too, where it is less exact: of a million numbers the relative error
  is 5e-7 in float32, against 5e-8 by `add.reduce`, which adds them in pairs.
- Truths that a comparison makes, assigned to numbers: 1.14 against 1.62 where the comparison
  converts, and 1.32 by `copyto`; it allocates nothing, which the conversion does.
- Labels as rows of an identity matrix: 0.32 against 2.1 for a comparison, at 64 rows of 10.
- Transposes are made once, as views: `W.T` takes 0.14, half of a product at 4 x 8. A number that
  follows from the run-time sizes, such as 2 / batch, is an array of the buffers.
- A single number is not overwritten in its array: 0.25 against 0.75, for NumPy's short way is
  barred there. Which arrays hold one number is seen in a step on one row.
- Updates in blocks: see `block`.

Not taken:

- A bias that rides in the matrix product, as one more row of W: it saved a fifth of a step on
  nets of three units a layer (before biases were copied into rows, which saves a part of that),
  1 to 3 % on layers of 64, and cost 2 % on larger ones, where activations are no longer contiguous.
- A transposed weight that is copied before its product, `dy @ W.T`: with 64 rows and 64 x 64
  weights 5.5 against 6.3 / 6.6 against 8.0, but from 128 x 64 on, or with 16 rows, nothing is
  gained or some is lost, and how many rows there are is known only when it runs.
- Updates on two threads: Adam on 6.3 million parameters takes 10.8 ms against 10.3, SGD 3.2
  against 2.6, for the BLAS's own thread spins on the other core after each product. With a BLAS
  of one thread it would be 6.6 against 10.0, but the products would take twice as long.
"""

# bytes: arrays begin on a multiple, which is a line of the cache and the widest register
BOUNDARY = 64


def block(vectors: int) -> int:
    """How many numbers are updated at a time of so many vectors, which the cache holds together.

    Milliseconds for 6.3 million parameters; SGD goes through two vectors, Adam through four:

                   2**14  2**15  2**16  2**17  2**18  2**21  in one piece
        Adam, Intel   15.4   14.2          16.4                 24.8
        Adam, AMD     13.0   11.2   10.7   10.0    9.5   12.1
        SGD, AMD       4.0    3.6    3.4    2.8    2.5    3.0    3.9
    """
    return 2**17 if vectors <= 2 else 2**16
