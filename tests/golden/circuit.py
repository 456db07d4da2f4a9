"""circuit: a model that trains, in NumPy alone.

    x  []  parameter
    y  []  parameter
    z  []  parameter

Compiled from circuit.nn (sha256 dbd24ab82ca9acf9) by graphc 0.1.0.
`graphc compile circuit.nn` writes it again.
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
from numpy import add, empty, errstate, float32, multiply, subtract

DTYPE = float32
# name: (kind, dtype, shape, number of classes)
DATA = {
}
PARAMETERS = {
    "x": (),
    "y": (),
    "z": (),
}
OUTPUTS = ("f", "g")
DEFAULTS = {"epochs": 10, "batch_size": 32, "shuffle": True, "seed": 0}
SIZE = 3  # numbers in all parameters
PLACES = {
    "x": slice(0, 1),
    "y": slice(1, 2),
    "z": slice(2, 3),
}
STATES = ()
# a saved file must match: what the optimizer keeps, and how outputs are computed
OPTIMIZER = "9fe2404c80a22dc6"
FORWARD = {"f": "cfddda45ad24feca", "g": "f1f4ab445e5ee88f", "the loss": "f1f4ab445e5ee88f"}


def aligned(*shape, dtype=DTYPE, fill=None):
    """A new array that begins on a multiple of 64 bytes, where NumPy and the BLAS are fastest."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = empty(size + 64, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64
    array = memory[start : start + size].view(dtype).reshape(shape)
    if fill is not None:
        array[...] = fill
    return array


# numbers as arrays, which NumPy takes in half the time
_0_1 = np.array(0.1, DTYPE)


class Buffers:
    """The arrays of one step, made once; names on one line share an array."""

    def __init__(self):
        self.f = aligned()
        self.g = aligned()


class EvaluationBuffers:
    """The arrays of one prediction, made once; names on one line share an array."""

    def __init__(self):
        self.f = aligned()
        self.g = aligned()


def forward(params, buf):
    """Every value from the inputs to what the loss and the outputs need."""
    x, y, z = params.x, params.y, params.z
    f, g = buf.f, buf.g

    # circuit.nn:13  f = x * y
    multiply(x, y, out=f)                     # f = x * y

    # circuit.nn:14  g = f + z
    add(f, z, out=g)                          # g = f + z


def loss(params, buf):
    """The loss, from what `forward` computed."""
    g = buf.g
    return g


def backward(params, grads, buf):
    """The gradient of the loss by every parameter: the chain rule, last value first."""
    x, y = params.x, params.y
    dz, dx, dy = grads.z, grads.x, grads.y

    # circuit.nn:14  g = f + z
    dz[...] = 1                               # dz = 1

    # circuit.nn:13  f = x * y
    # u = a * b: da = du * b, db = du * a
    dx[...] = y                               # dx = y
    dy[...] = x                               # dy = x


class State:
    """What the optimizer keeps from step to step, and its scratch space."""

    def __init__(self, size):
        self.s1 = aligned(size)


def update(theta, gradient, state, step, epoch):
    """One step of the optimizer; `step` counts from 1, `epoch` from 0."""
    s1 = state.s1

    # circuit.nn:18  optimizer sgd(learning_rate = 0.1)
    # parameter' = parameter - learning_rate * gradient
    multiply(gradient, _0_1, out=s1)          # s1 = gradient * 0.1
    subtract(theta, s1, out=theta)            # theta = theta - s1


class Parameters:
    """Every parameter, or its gradient, as a view into one flat vector."""

    def __init__(self, flat):
        self.x = flat[0:1].reshape(())
        self.y = flat[1:2].reshape(())
        self.z = flat[2:3].reshape(())


def initialise(params, rng):
    """Gives every parameter its start."""
    params.x[...] = 3
    params.y[...] = -4
    params.z[...] = 2


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
    """Trains circuit. Data: none.

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
    def step(self):
        """Forward, backward and update on one batch; returns the loss before the update.

        If loss, gradient or update is not finite, raises FloatingPointError; the parameters stay.
        """
        sizes = ()
        with self._lock:
            (buf,) = self._spare.get(sizes) or self._keep(sizes, Buffers(*sizes))
            return self._step(buf)

    def _step(self, buf):
        params, grads, gradient = self._params, self._grads, self.gradient
        forward(params, buf)
        value = float(loss(params, buf))
        backward(params, grads, buf)
        if math.isfinite(value) and gradient.dot(gradient) < 1e30:
            update(self._theta, gradient, self.state, self.steps + 1, self.epoch)
        else:
            self._careful_update(gradient, value)
        self.steps += 1
        return value

    def _careful_update(self, gradient, value=0):
        """An update that is taken back if it leaves anything that is not finite."""
        place = f"step {self.steps + 1}:"
        if not math.isfinite(value):
            raise FloatingPointError(f"{place} the loss is {value}")
        if not np.isfinite(gradient).all():
            raise FloatingPointError(f"{place} the gradient is not finite")
        kept = [self._theta, *(getattr(self.state, name) for name in STATES)]
        before = [array.copy() for array in kept]
        update(self._theta, gradient, self.state, self.steps + 1, self.epoch)
        if not all(np.isfinite(array).all() for array in kept):
            for array, old in zip(kept, before):
                array[...] = old
            raise FloatingPointError(f"{place} the update is not finite")

    def fit(self, *, epochs=10, patience=None, on_epoch=None):
        """Takes `epochs` steps; returns the loss of each.

        Stops early when the loss has not improved for `patience` steps, or when
        `on_epoch(trainer, loss)` returns True; the parameters are then those of the last step.
        If `on_epoch` or an exception ended a `fit`, the `patience` of the next counts on, also if
        the trainer was saved between; else it begins anew.
        """
        epochs = as_whole("epochs", epochs, 0)
        check_stops(patience, on_epoch)
        losses = []
        best, waited = self._waited or (math.inf, 0)
        for _ in range(epochs):
            if patience and waited >= patience:
                break
            with self._lock:
                losses.append(self.step())
                self.epoch += 1
                best, waited = (losses[-1], 0) if losses[-1] < best else (best, waited + 1)
                self._waited = (best, waited) if patience else None
            if on_epoch is not None and on_epoch(self, losses[-1]):
                return losses
        self._waited = None
        return losses

    @errstate(all="ignore")
    def predict(self):
        """The outputs, in arrays of their own: f, g by name."""
        sizes = ()
        buf, params = self._borrow(EvaluationBuffers, sizes), self._params
        forward(params, buf)
        result = {"f": np.array(buf.f, DTYPE), "g": np.array(buf.g, DTYPE)}
        self._give_back(EvaluationBuffers, sizes, buf)
        return result

    @errstate(all="ignore")
    def loss(self):
        """The loss on some data, a float; nothing is learnt."""
        sizes = ()
        buf, params = self._borrow(EvaluationBuffers, sizes), self._params
        forward(params, buf)
        value = float(loss(params, buf))
        self._give_back(EvaluationBuffers, sizes, buf)
        return value

    @errstate(all="ignore")
    def loss_and_gradient(self):
        """The loss, and its gradient as one vector in the layout of `theta`."""
        sizes = ()
        buf, params = self._borrow(Buffers, sizes), self._params
        gradient = aligned(SIZE, fill=0)
        grads = Parameters(gradient)
        forward(params, buf)
        value = float(loss(params, buf))
        backward(params, grads, buf)
        self._give_back(Buffers, sizes, buf)
        return value, gradient

    def gradients(self):
        """The gradient of the loss by each parameter, by name."""
        _, gradient = self.loss_and_gradient()
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
