"""What other libraries call the operations, layers, losses, arguments and initialisers."""

from __future__ import annotations

from functools import cache

# a name here, then names elsewhere, in small letters and without `_`
TABLE = """
add                  plus
sub                  subtract minus
mul                  multiply times
div                  divide truedivide
neg                  negative
pow                  power
matmul               mm bmm dot
abs                  absolute fabs
sigmoid              logistic expit
silu                 swish
leaky_relu           lrelu
sum                  reducesum
mean                 reducemean average avg
max                  reducemax amax
min                  reducemin amin
norm                 l2norm vectornorm
concat               cat concatenate hstack vstack
reshape              view
transpose            permute swapaxes movedim
expand_dims          unsqueeze newaxis
broadcast            expand broadcastto
slice                narrow getitem
stop_gradient        detach nograd
masked               maskedfill
causal               causalmask tril triu
normalise            standardize standardise
max_pool2d           maxpool maxpooling2d
avg_pool2d           avgpool averagepooling2d meanpool
dense                linear fc fullyconnected affine
convolution          conv convlayer
batch_norm           batchnorm1d batchnorm2d batchnormalization
layer_norm           layernormalization
rnn_cell             rnn simplernn elman
residual             resnet resblock residualblock skip
attention            scaleddotproductattention
self_attention       multiheadattention mha
transformer_block    transformerencoderlayer transformer encoderlayer
mse                  meansquarederror mseloss l2loss
mae                  meanabsoluteerror l1loss
huber                smoothl1 smoothl1loss
cross_entropy        crossentropy crossentropyloss categoricalcrossentropy
cross_entropy        sparsecategoricalcrossentropy nll nllloss
binary_cross_entropy bce bceloss binarycrossentropy
bce_with_logits      bcewithlogitsloss binarycrossentropywithlogits
momentum             polyak heavyball
cosine_decay         cosineannealing cosineannealinglr cosine
step_decay           steplr multisteplr
exponential_decay    exponentiallr
warmup               linearwarmup
clip_norm            clipgradnorm globalclipnorm gradclip
clip_value           clipgradvalue
he_normal            he kaiming kaimingnormal
he_uniform           kaiminguniform
xavier_uniform       xavier glorot glorotuniform
xavier_normal        glorotnormal
lecun_normal         lecun
normal               gaussian randn randomnormal truncatednormal
uniform              rand random randomuniform
constant             fill full
learning_rate        lr eta stepsize
weight_decay         decay wd
epsilon              eps
rate                 p prob
units                outfeatures
filters              outchannels
size                 kernelsize poolsize
heads                numheads nhead
"""


# a name here, then those of what is not here and of its kind
KINDRED = """
rnn_cell             lstm lstmcell gru grucell
layer_norm           groupnorm instancenorm rmsnorm
elu                  selu celu
silu                 mish hardswish
"""


@cache
def _meant() -> dict[str, str]:
    return _read(TABLE)


@cache
def _akin() -> dict[str, str]:
    return _read(KINDRED)


def _read(table: str) -> dict[str, str]:
    rows = (line.split() for line in table.split("\n") if line)
    return {theirs: ours for ours, *others in rows for theirs in others}


def translated(name: str) -> str | None:
    """What a name of PyTorch, Keras or NumPy is called here, if that is known."""
    return _meant().get(_plain(name))


def kindred(name: str) -> str | None:
    """What there is of the kind of something that is not here, if that is known."""
    return _akin().get(_plain(name))


def _plain(name: str) -> str:
    return name[:60].lower().replace("_", "")
