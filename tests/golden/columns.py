"""columns: a model that trains, in NumPy alone.

    X   [2, batch]  input
    y   [1, batch]  target
    W1  [8, 2]      parameter
    B1  [8, 1]      parameter
    W2  [1, 8]      parameter
    B2  [1, 1]      parameter

Compiled from columns.nn (sha256 73e694a6d58fb210) by graphc 0.1.0.
`graphc compile columns.nn` writes it again.
The module is yours: no licence of the compiler applies to it.

The left column is what runs: arrays made once, overwritten in place. The right
column is what it means; a line without one means what it says. Read in order, the
meanings are a complete program: `graphc verify` runs both and compares them.
"""

import contextlib
import importlib
import json
import math
import os
import tempfile
import threading
import types
import zipfile

import numpy as np
from numpy import (
    add, broadcast_to, divide, empty, errstate, exp, float32, minimum, multiply, subtract,
    vdot,
)

DTYPE = float32
# name: (kind, dtype, shape, number of classes)
DATA = {
    "X": ("input", DTYPE, (2, "batch"), None),
    "y": ("target", DTYPE, (1, "batch"), None),
}
PARAMETERS = {
    "W1": (8, 2),
    "B1": (8, 1),
    "W2": (1, 8),
    "B2": (1, 1),
}
OUTPUTS = ("A2",)
DEFAULTS = {"epochs": 500, "batch_size": 20, "shuffle": True, "seed": 0}
SIZE = 33  # numbers in all parameters
PLACES = {
    "W1": slice(0, 16),
    "B1": slice(16, 24),
    "W2": slice(24, 32),
    "B2": slice(32, 33),
}
STATES = ()
# a saved file must match: what the optimizer keeps, and how outputs are computed
OPTIMIZER = "1c09372087423699"
FORWARD = {"A2": "bff31b0d584d1f0e", "the loss": "3a9be5cc1a9c27de"}


def aligned(*shape, dtype=DTYPE, fill=None):
    """A new array that begins on a multiple of 64 bytes, where NumPy and the BLAS are fastest."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = empty(size + 64, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64
    array = memory[start : start + size].view(dtype).reshape(shape)
    if fill is not None:
        array[...] = fill
    return array


def room(array, *shape):
    """The first numbers of an array that is not in use meanwhile, in another shape."""
    return array.reshape(-1)[: math.prod(shape)].reshape(shape)


def spread(array, rows):
    """An array in every row of another: NumPy adds, multiplies ... arrays of one shape faster."""
    rows[...] = array
    return rows


# numbers as arrays, which NumPy takes in half the time
one = np.array(1, DTYPE)
two = np.array(2, DTYPE)
largest_exponent = np.array(88, DTYPE)


class Buffers:
    """The arrays of one step, made once; names on one line share an array."""

    def __init__(self, batch):
        self.batch = batch
        self.Z1 = self.s1 = self.A1 = aligned(8, batch)
        self.tiled = self.s2 = aligned(8, batch)
        self.limit = aligned(8, batch, fill=88)
        self.limit2 = room(self.limit, 1, batch)
        self.s3 = aligned(1, batch)
        self.dA1 = self.dZ1 = aligned(8, batch)
        self.Z2 = self.s4 = room(self.dA1, 1, batch)
        self.A2 = self.dZ2 = aligned(1, batch)
        self.dA2 = aligned(1, batch)
        self.scale = aligned(fill=2 / batch)
        self.ones = aligned(batch, fill=1)  # a product with ones is a sum
        self.A1_T = self.A1.T


class EvaluationBuffers:
    """The arrays of one prediction, made once; names on one line share an array."""

    def __init__(self, batch):
        self.batch = batch
        self.Z1 = self.s1 = self.A1 = aligned(8, batch)
        self.tiled = self.s2 = aligned(8, batch)
        self.limit = broadcast_to(DTYPE(88), (8, batch))  # takes no memory
        self.limit2 = room(self.limit, 1, batch)
        self.s3 = aligned(1, batch)
        self.Z2 = self.s4 = aligned(1, batch)
        self.A2 = aligned(1, batch)


def forward(params, buf, X):
    """Every value from the inputs to what the loss and the outputs need."""
    W1, B1, W2, B2 = params.W1, params.B1, params.W2, params.B2
    Z1, s1, s2, A1, s3, Z2 = buf.Z1, buf.s1, buf.s2, buf.A1, buf.s3, buf.Z2
    s4, A2, tiled, limit, limit2 = buf.s4, buf.A2, buf.tiled, buf.limit, buf.limit2

    # columns.nn:20  Z1 = W1 @ X + B1
    W1.dot(X, out=Z1)                         # Z1 = W1 @ X
    add(Z1, spread(B1, tiled), out=Z1)        # Z1 = Z1 + B1

    # columns.nn:21  A1 = sigmoid(Z1)
    # u = sigmoid(x): e = exp(minimum(x, largest_exponent)), u = e / (e + 1)
    minimum(Z1, limit, out=s1)                # s1 = minimum(Z1, 88)
    exp(s1, out=s1)                           # s1 = exp(s1)
    add(s1, one, out=s2)                      # s2 = s1 + 1
    divide(s1, s2, out=A1)                    # A1 = s1 / s2

    # columns.nn:22  Z2 = W2 @ A1 + B2
    W2.dot(A1, out=s3)                        # s3 = W2 @ A1
    add(s3, spread(B2, Z2), out=Z2)           # Z2 = s3 + B2

    # columns.nn:23  A2 = sigmoid(Z2)
    minimum(Z2, limit2, out=s3)               # s3 = minimum(Z2, 88)
    exp(s3, out=s4)                           # s4 = exp(s3)
    add(s4, one, out=s3)                      # s3 = s4 + 1
    divide(s4, s3, out=A2)                    # A2 = s4 / s3


def loss(params, buf, y):
    """The loss, from what `forward` computed."""
    batch, s4, A2 = buf.batch, buf.s4, buf.A2

    # columns.nn:29  loss mse(A2, y)
    #   loss mean(square(error(A2, y)))
    subtract(A2, y, out=s4)                   # s4 = A2 - y
    s5 = vdot(s4, s4)                         # s5 = (s4 * s4).sum()
    loss = s5 / batch
    return loss


def backward(params, grads, buf, X):
    """The gradient of the loss by every parameter: the chain rule, last value first."""
    W2_T = params.W2_T
    dB2, dW2, dB1, dW1 = grads.B2, grads.W2, grads.B1, grads.W1
    dA2, s4, dZ2, dA1, s1, dZ1 = buf.dA2, buf.s4, buf.dZ2, buf.dA1, buf.s1, buf.dZ1
    s2, A1, s3, A2, scale, ones = buf.s2, buf.A1, buf.s3, buf.A2, buf.scale, buf.ones
    A1_T = buf.A1_T

    # columns.nn:29  loss mse(A2, y)
    #   loss mean(square(error(A2, y)))
    # u = square(x): dx = du * (x * 2)
    multiply(s4, scale, out=dA2)              # dA2 = s4 * (2 / batch)

    # columns.nn:23  A2 = sigmoid(Z2)
    # u = sigmoid(x): e = exp(minimum(x, largest_exponent)), dx = du * (u / (e + 1))
    divide(A2, s3, out=s4)                    # s4 = A2 / s3
    multiply(dA2, s4, out=dZ2)                # dZ2 = dA2 * s4

    # columns.nn:22  Z2 = W2 @ A1 + B2
    # u = a + b: da = du, db = du
    dZ2.dot(ones, out=dB2.reshape(-1))        # dB2 = dZ2.sum(axis=1, keepdims=True)
    # u = a @ b: da = du @ b.T, db = a.T @ du
    dZ2.dot(A1_T, out=dW2)                    # dW2 = dZ2 @ A1.T
    W2_T.dot(dZ2, out=dA1)                    # dA1 = W2.T @ dZ2

    # columns.nn:21  A1 = sigmoid(Z1)
    # u = sigmoid(x): e = exp(minimum(x, largest_exponent)), dx = du * (u / (e + 1))
    divide(A1, s2, out=s1)                    # s1 = A1 / s2
    multiply(dA1, s1, out=dZ1)                # dZ1 = dA1 * s1

    # columns.nn:20  Z1 = W1 @ X + B1
    # u = a + b: da = du, db = du
    dZ1.dot(ones, out=dB1.reshape(-1))        # dB1 = dZ1.sum(axis=1, keepdims=True)
    # u = a @ b: da = du @ b.T
    dZ1.dot(X.T, out=dW1)                     # dW1 = dZ1 @ X.T


class State:
    """What the optimizer keeps from step to step, and its scratch space."""

    def __init__(self, size):
        self.s1 = aligned(size)


def update(theta, gradient, state, step, epoch):
    """One step of the optimizer; `step` counts from 1, `epoch` from 0."""
    s1 = state.s1

    # columns.nn:30  optimizer sgd(learning_rate = 2)
    # parameter' = parameter - learning_rate * gradient
    multiply(gradient, two, out=s1)           # s1 = gradient * 2
    subtract(theta, s1, out=theta)            # theta = theta - s1


class Parameters:
    """Every parameter, or its gradient, as a view into one flat vector."""

    def __init__(self, flat):
        self.W1 = flat[0:16].reshape((8, 2))
        self.B1 = flat[16:24].reshape((8, 1))
        self.W2 = flat[24:32].reshape((1, 8))
        self.B2 = flat[32:33].reshape((1, 1))
        self.W2_T = self.W2.T


def initialise(params, rng):
    """Gives every parameter its start."""
    params.W1[...] = rng.normal(0, 0.4472135954999579, (8, 2))  # xavier_normal: fan-in 2, fan-out 8
    params.B1[...] = 0
    params.W2[...] = rng.normal(0, 0.4714045207910317, (1, 8))  # xavier_normal: fan-in 8, fan-out 1
    params.B2[...] = 0


def sizes_of(X, y=None):
    """The run-time sizes; raises ValueError if a shape is not as declared."""
    batch = X.shape[1]
    if X.shape != (2, batch) or not X.size:
        refuse("X", X, {"batch": batch})
    if y is not None and (y.shape != (1, batch) or not y.size):
        refuse("y", y, {"batch": batch})
    return (batch,)


def as_data(name, value):
    """The data as an array of its dtype and rank; raises TypeError or ValueError if it is none."""
    _, dtype, shape, _ = DATA[name]
    array = value
    if type(value) is not np.ndarray:
        parts = value if isinstance(value, (list, tuple)) else [value]
        masked = [kind for kind in set(map(type, parts)) if issubclass(kind, np.ma.MaskedArray)]
        if masked and any(map(np.ma.is_masked, parts)):
            raise TypeError(f"{name}: expected numbers alone, got some that are masked")
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name}: expected an array: {error}") from None
    if array.dtype != dtype:
        if array.dtype.kind not in "biuf":
            text = array.dtype.kind == "U" and array.size
            # numbers beside a text have become texts
            came = f"text ({str(max(array.flat, key=str.isalpha))!r:.40})" if text else array.dtype
            raise TypeError(f"{name}: expected numbers, got {came}")
        array = array.astype(dtype)
    if array.ndim != len(shape):
        refuse(name, array)
    return array


def refuse(name, array, sizes=()):
    """Raises ValueError with the shape that was expected and the one that came."""
    shape = DATA[name][2]
    expected, came = f"[{', '.join(map(str, shape))}]", list(array.shape)
    fits, turned_fits = (
        len(shape) == len(lengths)
        and all(isinstance(size, str) or size == n for size, n in zip(shape, lengths))
        for lengths in (came, came[::-1])
    )
    if turned_fits and not fits:
        raise ValueError(f"{name}: expected {expected}, got {came}: transposed?")
    known = "".join(f", {size} = {sizes[size]}" for size in shape if size in sizes)
    empty_ = "" if array.size else " (no rows)"
    raise ValueError(f"{name}: expected {expected}{known}, got {came}{empty_}")


def strange(rows, *data):
    """Which of the data is not finite, for a message; `rows` are those that a batch was made of."""
    for (name, (_, _, shape, _)), array in zip(DATA.items(), data):
        if not np.isfinite(array).all():
            place = np.argwhere(~np.isfinite(array))[0].tolist()
            value = array[tuple(place)]
            if rows is not None:
                place = [int(rows[i]) if size == "batch" else i for i, size in zip(place, shape)]
            return f"; {name}{place or ''} is {value}"
    return ""


def as_whole(name, value, least):
    """The value as an int; raises ValueError unless it is whole and at least `least`."""
    if not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def check_stops(patience, on_epoch):
    """Raises ValueError or TypeError if `fit` could not stop by them."""
    if patience is not None:
        as_whole("patience", patience, 1)
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"on_epoch: expected a function, got {on_epoch!r}")


LONGEST = 10**7  # characters of progress and notes in a saved file


def read_arrays(file, own, new_optimizer, changed_model):
    """The arrays of a saved trainer, all checked against `own` before one is read."""
    if new_optimizer:
        own = {name: array for name, array in own.items() if not name.startswith("state/")}
    here = {name: described(array.shape, array.dtype) for name, array in own.items()}
    there = {}
    for entry in file.infolist():
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{entry.filename}: compressed in a way that NumPy never uses")
        try:
            with file.open(entry) as part:
                if np.lib.format.read_magic(part) != (1, 0):
                    raise ValueError("another version")
                shape, _, dtype = np.lib.format.read_array_header_1_0(part)
        except ValueError:
            raise ValueError(f"not a saved trainer: {entry.filename} is no array") from None
        there[entry.filename.removesuffix(".npy")] = described(shape, dtype)
        if entry.filename == "progress.npy":  # a text, as long as it may be
            fits = dtype == np.uint8 and len(shape) == 1 and shape[0] <= LONGEST
            there["progress"] = here["progress"] if fits else ""
    if there.get("progress") != here["progress"]:
        raise ValueError("not a saved trainer")
    differ = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    others = [name for name in differ if not name.startswith("state/")]
    if others:
        names = [
            [name.removeprefix("parameter/") for name in others if name not in known]
            for known in (here, there)
        ]
        has, lacks = (", ".join(one[:3] + ["..."] * (len(one) > 3)) for one in names)
        told = [
            f"{name.removeprefix('parameter/')} is {there.get(name, 'not')} there"
            f" and {here.get(name, 'not')} here"
            for name in others[:3]
        ]
        if has and lacks:
            told = [f"it has {has}, and not {lacks}"]
        raise ValueError(f"saved by another model: {', '.join(told)}")
    if differ and not new_optimizer:
        refuse_optimizer()
    if len(there) != len(file.infolist()):
        raise ValueError("an array is in it twice")
    arrays = {}
    for name in own:
        with file.open(f"{name}.npy") as part:
            arrays[name] = np.lib.format.read_array(part, allow_pickle=False)
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name}: not finite")
    try:
        progress = json.loads(arrays["progress"].tobytes())
    except ValueError:
        progress = None
    if not isinstance(progress, dict):
        raise ValueError("damaged: its progress cannot be read")
    waited = progress.get("waited") or [math.inf, 0]
    if not isinstance(waited, list) or list(map(type, waited)) != [float, int]:
        raise ValueError("damaged: the best loss and the epochs since cannot be read")
    if not changed_model:
        check_forward(progress.get("forward", {}))
    if progress.get("optimizer") != OPTIMIZER and not new_optimizer:
        refuse_optimizer()
    return arrays


def refuse_optimizer():
    """Raises ValueError for what another optimizer kept."""
    raise ValueError("saved with another optimizer; new_optimizer=True begins anew with this one")


def check_forward(saved):
    """Raises ValueError if outputs of one name, or else the loss, were computed otherwise."""
    names = [name for name in OUTPUTS if name in saved] or ["the loss"]
    differ = [name for name in names if saved.get(name) != FORWARD.get(name)]
    if differ:
        told = f"saved by a model that computed {', '.join(differ)} otherwise"
        raise ValueError(f"{told}; changed_model=True takes its parameters as they are")


def described(shape, dtype):
    """An array's shape, and its dtype if it is not the model's."""
    return f"{list(shape)}" if dtype == DTYPE else f"{list(shape)} {dtype}"


# where there is none, nobody can remove or rename a file that is open
fcntl = importlib.import_module("fcntl") if os.name == "posix" else None


def beside(folder, name):
    """A new file in a folder, and its path; those that a kill left half written are removed.

    Whoever writes holds a lock on the file, so one without a lock is nobody's.
    """
    start, end = f".{name[:40]}.", ".part"
    with contextlib.suppress(OSError):
        for one in os.listdir(folder):
            if one.startswith(start) and one.endswith(end) and len(one) == len(start + end) + 8:
                with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
                    path = os.path.join(folder, one)
                    if fcntl:
                        left = opened.enter_context(open(path, "r+b"))
                        fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(path)
    while True:
        handle, path = tempfile.mkstemp(dir=folder, prefix=start, suffix=end)
        file = os.fdopen(handle, "wb")
        if fcntl:
            with contextlib.suppress(OSError):  # some file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
        if os.path.exists(path):
            return file, path
        file.close()


class Trainer:
    """Trains columns. Data: X [2, batch], y [1, batch].

    The same seed gives the same bits. `theta` is every parameter in one vector, `params` are
    views into it by name; `steps` and `epoch` count what is done; `notes` is a dict of your own,
    saved with the rest. `predict` and `loss` may be called from several threads at once, but not
    while one trains; steps, epochs of `fit` and what saves or copies wait for one another. A
    process that is forked while another thread trains must not use the trainer.
    """

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)
        self._theta = aligned(SIZE, fill=0)
        self.gradient = aligned(SIZE, fill=0)
        self.state = State(SIZE)
        self.steps = self.epoch = 0
        self._waited = None  # of a `fit` with patience: the best loss, and the epochs since
        self.notes = {}
        self._params, self._grads = Parameters(self._theta), Parameters(self.gradient)
        self._spare, self._lock = {}, threading.RLock()
        initialise(self._params, self.rng)

    @property
    def theta(self):
        """Every parameter in one vector, live: `trainer.theta[...] = values` sets them."""
        return self._theta

    @property
    def params(self):
        """The parameters by name, live: `trainer.params[name][...] = values` sets one."""
        views = {name: self._theta[part].reshape(PARAMETERS[name]) for name, part in PLACES.items()}
        return types.MappingProxyType(views)

    def _borrow(self, kind, sizes):
        """Buffers that nothing else uses meanwhile; they are made once for each batch size."""
        try:
            return self._spare[kind, sizes].pop()
        except (KeyError, IndexError):
            return kind(*sizes)

    def _give_back(self, kind, sizes, buf):
        try:
            self._spare[kind, sizes].append(buf)
        except KeyError:
            self._keep((kind, sizes), buf)

    def _keep(self, key, buf):
        for oldest in list(self._spare)[:-7]:
            self._spare.pop(oldest, None)
        self._spare[key] = [buf]
        return [buf]

    @errstate(all="ignore")
    def step(self, X, y):
        """Forward, backward and update on one batch; returns the loss before the update.

        If loss, gradient or update is not finite, raises FloatingPointError; the parameters stay.
        """
        X = as_data("X", X)
        y = as_data("y", y)
        sizes = sizes_of(X, y)
        with self._lock:
            (buf,) = self._spare.get(sizes) or self._keep(sizes, Buffers(*sizes))
            return self._step(buf, X, y)

    def _step(self, buf, X, y, rows=None):
        params, grads, gradient = self._params, self._grads, self.gradient
        forward(params, buf, X)
        value = float(loss(params, buf, y))
        backward(params, grads, buf, X)
        if math.isfinite(value) and gradient.dot(gradient) < 1e30:
            update(self._theta, gradient, self.state, self.steps + 1, self.epoch)
        else:
            self._careful_update(gradient, value, rows, X, y)
        self.steps += 1
        return value

    def _careful_update(self, gradient, value=0, rows=None, *data):
        """An update that is taken back if it leaves anything that is not finite."""
        place = f"step {self.steps + 1}:"
        if not math.isfinite(value):
            raise FloatingPointError(f"{place} the loss is {value}{strange(rows, *data)}")
        if not np.isfinite(gradient).all():
            raise FloatingPointError(f"{place} the gradient is not finite{strange(rows, *data)}")
        kept = [self._theta, *(getattr(self.state, name) for name in STATES)]
        before = [array.copy() for array in kept]
        update(self._theta, gradient, self.state, self.steps + 1, self.epoch)
        if not all(np.isfinite(array).all() for array in kept):
            for array, old in zip(kept, before):
                array[...] = old
            raise FloatingPointError(f"{place} the update is not finite")

    @errstate(all="ignore")
    def fit(
        self, X, y, *, epochs=500, batch_size=20, shuffle=True,
        validation=None, patience=None, on_epoch=None,
    ):
        """Trains for some epochs; returns the mean loss of each, weighted by rows.

        `validation`, a tuple of data as for `loss`, is judged after each epoch; its losses are in
        `validation_losses`. Training stops early when the judged loss has not improved for
        `patience` epochs, or when `on_epoch(trainer, loss)` returns True; the parameters are then
        those of the last epoch, not of the best. If `on_epoch` or an exception ended a `fit`, the
        `patience` of the next counts on, also if the trainer was saved between; else it begins anew.
        """
        X = as_data("X", X)
        y = as_data("y", y)
        sizes_of(X, y)
        rows = X.shape[1]
        epochs = as_whole("epochs", epochs, 0)
        batch_size = as_whole("batch_size", batch_size, 1)
        check_stops(patience, on_epoch)
        if validation is not None:
            self._check_validation(validation)
        staged = {}
        losses = []
        judgements = self.validation_losses = []
        best, waited = self._waited or (math.inf, 0)
        for _ in range(epochs):
            if patience and waited >= patience:
                break
            with self._lock:
                order = self.rng.permutation(rows) if shuffle else np.arange(rows)
                total = 0.0
                for start in range(0, rows, batch_size):
                    index = order[start : start + batch_size]
                    total += len(index) * self._batch(staged, index, X, y)
                self.epoch += 1
                losses.append(total / rows)
                judged = losses[-1]
                if validation is not None:
                    judged = self.loss(*validation)
                    judgements.append(judged)
                best, waited = (judged, 0) if judged < best else (best, waited + 1)
                self._waited = (best, waited) if patience else None
            if on_epoch is not None and on_epoch(self, losses[-1]):
                return losses
        self._waited = None
        return losses

    def _check_validation(self, validation):
        if not isinstance(validation, (tuple, list)) or len(validation) != len(DATA):
            raise TypeError(f"validation: expected a tuple ({', '.join(DATA)})")
        try:
            self.loss(*validation)
        except (TypeError, ValueError, FloatingPointError) as error:
            raise type(error)(f"validation: {error}") from None

    def _batch(self, staged, index, X, y):
        """A step on some rows, gathered into arrays that are made once for each batch size."""
        count = len(index)
        if count not in staged:
            X_batch = aligned(X.shape[0], count)
            y_batch = aligned(y.shape[0], count)
            staged[count] = X_batch, y_batch, Buffers(*sizes_of(X_batch, y_batch))
        *arrays, buf = staged[count]
        X.take(index, 1, out=arrays[0], mode="clip")
        y.take(index, 1, out=arrays[1], mode="clip")
        return self._step(buf, *arrays, rows=index)

    @errstate(all="ignore")
    def predict(self, X):
        """The outputs, in arrays of their own: A2."""
        X = as_data("X", X)
        sizes = sizes_of(X)
        buf, params = self._borrow(EvaluationBuffers, sizes), self._params
        forward(params, buf, X)
        result = buf.A2.copy()
        self._give_back(EvaluationBuffers, sizes, buf)
        if not math.isfinite(np.vdot(buf.A2, buf.A2)) and (told := strange(None, X)):
            raise FloatingPointError(f"the output is not finite{told}")
        return result

    @errstate(all="ignore")
    def loss(self, X, y):
        """The loss on some data, a float; nothing is learnt."""
        X = as_data("X", X)
        y = as_data("y", y)
        sizes = sizes_of(X, y)
        buf, params = self._borrow(EvaluationBuffers, sizes), self._params
        forward(params, buf, X)
        value = float(loss(params, buf, y))
        self._give_back(EvaluationBuffers, sizes, buf)
        if not math.isfinite(value) and (told := strange(None, X, y)):
            raise FloatingPointError(f"the loss is {value}{told}")
        return value

    @errstate(all="ignore")
    def loss_and_gradient(self, X, y):
        """The loss, and its gradient as one vector in the layout of `theta`."""
        X = as_data("X", X)
        y = as_data("y", y)
        sizes = sizes_of(X, y)
        buf, params = self._borrow(Buffers, sizes), self._params
        gradient = aligned(SIZE, fill=0)
        grads = Parameters(gradient)
        forward(params, buf, X)
        value = float(loss(params, buf, y))
        backward(params, grads, buf, X)
        self._give_back(Buffers, sizes, buf)
        if not math.isfinite(value) and (told := strange(None, X, y)):
            raise FloatingPointError(f"the loss is {value}{told}")
        return value, gradient

    def gradients(self, X, y):
        """The gradient of the loss by each parameter, by name."""
        _, gradient = self.loss_and_gradient(X, y)
        return {name: gradient[part].reshape(PARAMETERS[name]) for name, part in PLACES.items()}

    @errstate(all="ignore")
    def apply(self, gradient):
        """One update from a gradient computed elsewhere, in the layout of `theta`.

        If it or the update is not finite, raises FloatingPointError; all stays as it was.
        """
        if isinstance(gradient, dict):
            raise TypeError("gradient: expected a vector, as of `loss_and_gradient`, got a dict")
        if np.ma.is_masked(gradient):
            raise TypeError("gradient: expected numbers alone, got some that are masked")
        gradient = np.asarray(gradient)
        if gradient.dtype.kind not in "biuf":
            raise TypeError(f"gradient: expected numbers, got {gradient.dtype}")
        gradient = gradient.astype(DTYPE)
        if gradient.shape != (SIZE,):
            raise ValueError(f"gradient: expected [{SIZE}], got {list(gradient.shape)}")
        with self._lock:
            self._careful_update(gradient)
            self.steps += 1

    def save(self, path):
        """Writes parameters, optimizer and random state: `load` and go on as if never stopped.

        A kill at any instant leaves the old file or the new one, whole.
        """
        path, state = os.fsdecode(path), self.__getstate__()
        try:
            self._write(os.path.realpath(path), state)
        except OSError as error:  # tells of the temporary file, or of none
            reason = error.strerror or str(error)
            raise type(error)(error.errno, reason, path) from None

    def _write(self, place, state):
        folder, name = os.path.split(place)
        if os.path.exists(place):
            if not os.path.isfile(place):
                raise OSError(22, "not a file that can be replaced")
            mode = os.stat(place).st_mode & 0o777
        else:
            mask = os.umask(0)
            os.umask(mask)
            mode = 0o666 & ~mask
        file, temporary = beside(folder, name)
        try:
            with file:
                np.savez(file, **state)
                file.flush()
                os.fsync(file.fileno())
                if not fcntl:
                    file.close()
                os.chmod(temporary, mode)
                os.replace(temporary, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        if os.name == "posix":
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @classmethod
    def load(cls, path, *, new_optimizer=False, changed_model=False):
        """The trainer that `save` wrote; raises ValueError if the file is damaged or another model's.

        With `new_optimizer` the optimizer begins anew, whatever it was. With `changed_model` the
        outputs may be computed otherwise, as long as it is of the same parameters.
        """
        path, trainer = os.fsdecode(path), cls()
        own = trainer.__getstate__()
        with open(path, "rb") as content:
            try:
                with zipfile.ZipFile(content) as file:
                    saved = read_arrays(file, own, new_optimizer, changed_model)
                trainer.__setstate__({**own, **saved})
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
            except Exception:  # a damaged archive makes zipfile raise almost anything
                raise ValueError(f"{path}: not a saved trainer, or damaged") from None
        if new_optimizer:
            trainer.steps, trainer._waited = 0, None
        return trainer

    def __getstate__(self):
        with self._lock:
            return self._state()

    def _state(self):
        # some generators keep arrays
        rng = json.loads(json.dumps(self.rng.bit_generator.state, default=np.ndarray.tolist))
        progress = {"steps": self.steps, "epoch": self.epoch, "rng": rng}
        try:
            model = {"optimizer": OPTIMIZER, "forward": FORWARD}
            text = json.dumps({**model, **progress, "waited": self._waited, "notes": self.notes})
        except (TypeError, ValueError) as error:
            raise TypeError(f"notes: expected what JSON can hold: {error}") from None
        if len(text) > LONGEST:
            raise ValueError(f"notes: expected at most {LONGEST:,} characters, got {len(text):,}")
        arrays = {f"parameter/{name}": value.copy() for name, value in self.params.items()}
        states = {f"state/{name}": getattr(self.state, name).copy() for name in STATES}
        return {**arrays, **states, "progress": np.frombuffer(text.encode(), np.uint8)}

    def __setstate__(self, arrays):
        progress = json.loads(arrays["progress"].tobytes())
        if not hasattr(self, "_theta"):
            self.__init__()
        with self._lock:
            for name, value in self.params.items():
                value[...] = arrays[f"parameter/{name}"]
            for name in STATES:
                getattr(self.state, name)[...] = arrays[f"state/{name}"]
            self.steps, self.epoch = (as_whole(k, progress[k], 0) for k in ("steps", "epoch"))
            self.notes = progress["notes"]
            waited = progress.get("waited")
            self._waited = waited and (float(waited[0]), as_whole("waited", waited[1], 0))
            kind = progress["rng"]["bit_generator"]
            if kind != self.rng.bit_generator.state["bit_generator"]:
                kinds = {one.__name__: one for one in np.random.BitGenerator.__subclasses__()}
                self.rng = np.random.Generator(kinds[kind]())
            self.rng.bit_generator.state = progress["rng"]
