"""A small cross-encoder that trains in milliseconds, for exercises in which a learner trains one."""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from bxe.models import minilm_folder, quiet_training
from bxe.models.hub import quiet

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import CrossEncoder


@cache
def small_cross_encoder() -> CrossEncoder:
    """A cross-encoder of one small layer with weights drawn by chance. Take a copy, since training changes it.

    Example:
        >>> small_cross_encoder().predict([("tea", "green tea")]).shape
        (1,)
    """
    import torch
    from sentence_transformers import CrossEncoder
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    state = torch.get_rng_state()
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory(prefix="bxe-") as folder, quiet():
        tokenizer = AutoTokenizer.from_pretrained(str(minilm_folder()), local_files_only=True)
        sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
        never = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        BertModel(BertConfig(vocab_size=len(tokenizer), **sizes, **never)).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        transformer = Transformer(folder, max_seq_length=32)
    head = Dense(32, 1, activation_function=torch.nn.Identity(), module_output_name="scores")
    model = CrossEncoder(
        modules=[transformer, Pooling(32, "mean"), head], device="cpu", activation_fn=torch.nn.Identity()
    )
    torch.set_rng_state(state)
    return model


def trained(model: CrossEncoder, data: Dataset, *, loss: str, rate: float = 0.01, epochs: int = 4) -> CrossEncoder:
    """The training that exercise 10.3 asks for, with any loss of the library; wrong answers are made of it, too.

    Args:
        model: is changed in place.
        data: columns as the loss wants them.
        loss: the name of a class in sentence_transformers.cross_encoder.losses.
        rate, epochs: how far a step goes, and how many times through the data.

    Example:
        >>> import copy
        >>> from datasets import Dataset
        >>> data = Dataset.from_dict({"query": ["tea"], "docs": [["milk", "green tea"]], "labels": [[0.0, 3.0]]})
        >>> with silent():
        ...     model = trained(copy.deepcopy(small_cross_encoder()), data, loss="ListNetLoss")
        >>> low, high = model.predict([("tea", "milk"), ("tea", "green tea")])
        >>> bool(high > low)
        True
    """
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments, losses

    with quiet(), quiet_training(model) as kept_quiet:
        arguments = CrossEncoderTrainingArguments(
            num_train_epochs=epochs, per_device_train_batch_size=2, learning_rate=rate, **kept_quiet
        )
        CrossEncoderTrainer(model=model, args=arguments, train_dataset=data, loss=getattr(losses, loss)(model)).train()
    return model


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep back what the library prints when it shows no bar, and its warning about memory where there is no GPU.

    Example:
        >>> with silent():
        ...     print("a dict of what was measured")
    """
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
