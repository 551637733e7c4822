"""What moves the weights, by the name in the configuration.

    rmsprop   v <- decay v + (1 - decay) g^2,  w <- w - learning_rate g / (sqrt(v) + epsilon)  (torch.optim.RMSprop)
    adam      Adam, its learning rate falling to zero along half a cosine over all updates
    adam+lm   Adam for the first half of the epochs, then Levenberg-Marquardt, an epoch a step (levenberg.py)

`rmsprop` is what was published. `clip`, if not 0, is the largest norm that the gradient of an update may have: a
longer one is shortened to it.
Sources: Kingma and Ba, arXiv:1412.6980; Loshchilov and Hutter, arXiv:1608.03983; Pascanu, Mikolov and Bengio,
arXiv:1211.5063.
"""

from __future__ import annotations

import optax

from qlstm.config import Config

OPTIMIZERS = ("rmsprop", "adam", "adam+lm")
LEARNING_RATES = {"rmsprop": 0.01, "adam": 0.03, "adam+lm": 0.03}
EPOCHS = {"rmsprop": 100, "adam": 150, "adam+lm": 120}


def first_order_epochs(config: Config) -> int:
    """How many epochs come before the steps of Levenberg-Marquardt."""
    return config.epochs - config.epochs // 2 if config.optimizer == "adam+lm" else config.epochs


def first_order(config: Config, updates: int = 1) -> optax.GradientTransformation:
    """RMSprop or Adam.

    Args:
        updates: over which Adam's learning rate falls; the state does not depend on it.
    """
    if config.optimizer == "rmsprop":
        # as in PyTorch: epsilon outside the root, v = 0 at the start
        chosen = optax.rmsprop(
            config.learning_rate, decay=config.decay, eps=config.epsilon, initial_scale=0.0, eps_in_sqrt=False
        )
    else:
        chosen = optax.adam(optax.cosine_decay_schedule(config.learning_rate, updates))
    return optax.chain(optax.clip_by_global_norm(config.clip), chosen) if config.clip else chosen
