"""The functions of an emitted module: what they are called, and which are run after one another."""

TRAIN = ("draw", "forward", "loss", "backward", "track")  # a step, but for the update
PREDICT = ("forward", "outputs", "loss")  # `predict` runs the first two, `loss` the others
EVALUATE = ("evaluate", "evaluation_outputs", "evaluation_loss")  # these, where they differ
OUTPUTS = {"outputs", "evaluation_outputs"}
LOSSES = {"loss", "evaluation_loss"}
ALWAYS = {*PREDICT, "backward"}  # there even if they are empty
CAPTIONS = {
    "draw": "The random numbers of one training step, drawn before `forward`.",
    "forward": "Every value from the inputs to what the loss and the outputs need$mode.",
    "outputs": "The outputs, as far as the loss does not need them too.",
    "loss": "The loss$mode, from what `forward` computed.",
    "backward": "The gradient of the loss by every parameter: the chain rule, last value first.",
    "track": "What evaluation will use of this step, moved into the parameters that hold it.",
    "evaluate": "Every value from the inputs to what the loss and the outputs need, in evaluation.",
    "evaluation_outputs": "The outputs, as far as the loss does not need them too.",
    "evaluation_loss": "The loss in evaluation, from what `evaluate` computed.",
}
