"""What pays in NumPy, as measured: the figures behind the choices of the planner and the emitter.

On two cores of an x86-64 server with AVX-512, NumPy 2.4 and its OpenBLAS, float32; times of one
statement in microseconds at 64 x 64 numbers, unless another size is named.

- An array that begins on a boundary of 64 bytes: add 0.65 against 1.06, matrix product 3.05
  against 3.47; NumPy's own allocation stands at 16 or 32 bytes.
- A number as an array without axes: 0.24 against 0.42 for a Python number, at 4 x 8.
- A sum of columns as a product with ones: 0.43 against 1.58 for `add.reduce`.
- A mask that is compared into truths and copied into numbers: 1.14 against 1.45 where the
  comparison converts; it allocates nothing, which the conversion does.
- A bias that rides in the matrix product, as one more row of W: it saves a fifth of a step on
  nets of three units a layer, 1 to 3 % on layers of 64, and costs 2 % on larger ones, where
  activations are no longer contiguous. Not done.
- A ufunc against an array of zeros instead of the number: 0.73 against 1.02, but twice the traffic
  beyond the cache, and 1 % of a step. Not done.
- A bias that is first copied into rows: 1.14 against 1.15, and NumPy's iterator, which takes 34 kB
  for a moment where it broadcasts, takes none; but two lines for one. Not done.
- A transposed weight that is copied before its product, `dy @ W.T`: at 64 x 64 it takes 5.5 against
  6.3 with 64 rows, 2.6 against 1.8 with 16, and beyond 128 x 64 nothing is gained. Not done.
- Updates on two threads: of 6.3 million parameters SGD takes 1.6 ms against 2.0, Adam 9.6 against
  14.2, a tenth of a step at most; but threads do not survive a fork. Not done.
"""

# numbers of each vector that are updated at a time: Adam on 6.3 million parameters takes 14.2 ms
# in blocks of 2**15, 15.4 in blocks of 2**14, 16.4 in blocks of 2**17 and 24.8 in one piece
BLOCK = 2**15

# bytes: arrays begin on a multiple, which is a line of the cache and the widest register
BOUNDARY = 64
