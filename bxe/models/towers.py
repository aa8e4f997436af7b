"""Two towers in one module of sentence-transformers: texts through MiniLM, pictures through EfficientNet and a bridge.

Imported only when an image encoder is loaded, since a class of the library's kind needs the library.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule
from torch.nn.functional import normalize

from bxe.models.inputs import as_text, pixels


class Bridge(torch.nn.Module):
    """From a network's features to the space of class names' vectors, in two ways whose mean is taken.

    Both start from the cosines of a picture's features with the rows of the classifier, one row a class. ConSE takes the
    mean of the nearest classes' vectors, weighted by the softmax of the cosines; the regression is a linear map. A class is
    known by its row alone, so that no picture is needed to fit either.

    Args:
        tensors: classes [rows, dimensions] (the classes' vectors), regression [rows, dimensions], temperature [] (what
            ConSE divides the cosines by), nearest [] (of how many classes it takes the mean).

    Source: Norouzi et al. (2014), arXiv:1312.5650 (ConSE); Frome et al. (2013), "DeViSE" (a linear map).

    Example:
        >>> eye, one = torch.eye(3), torch.tensor(1.0)
        >>> tensors = {"classes": eye, "regression": eye, "temperature": one / 100, "nearest": one}
        >>> Bridge(tensors)(torch.tensor([[0.0, 2.0, 0.0]]), eye)
        tensor([[0., 1., 0.]])
    """

    def __init__(self, tensors: dict[str, torch.Tensor]):
        super().__init__()
        for name in ("classes", "regression", "temperature", "nearest"):  # all that decides a vector is in state_dict()
            self.register_buffer(name, tensors[name].float())

    def forward(self, features: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Vectors [pictures, dimensions] of length 1, from features [pictures, features] and rows [rows, features]."""
        cosines = normalize(features, dim=1) @ normalize(rows, dim=1).T
        best, which = cosines.topk(int(self.nearest), dim=1)
        weights = (best / self.temperature).softmax(1)
        conse = (weights[..., None] * self.classes[which]).sum(1)
        return normalize(normalize(conse, dim=1) + normalize(cosines @ self.regression, dim=1), dim=1)


class _Anything(list):
    """The kinds of input that a module lists; all others reach it, too, so that it can say what is wrong with them.

    Otherwise the library refuses in its own words, in which a grey picture, an array of two dimensions, is a sound.
    """

    def __contains__(self, kind: object) -> bool:
        return True


class TwoTowers(InputModule):
    """Gives texts, pictures, or a list of both the vectors of one space, under the name that the library uses for them.

    Args:
        texts: the modules of a text encoder, from its tokens to "sentence_embedding".
        network: an EfficientNet, whose classifier has one row a class.
        bridge: leads from the network's features to the texts' space.
    """

    def __init__(self, texts: Sequence[torch.nn.Module], network: torch.nn.Module, bridge: Bridge):
        super().__init__()
        self.texts, self.network, self.bridge = torch.nn.Sequential(*texts), network, bridge

    @property
    def modalities(self) -> list[str]:
        return _Anything(["text", "image"])

    @property
    def tokenizer(self):
        return self.texts[0].tokenizer

    @property
    def max_seq_length(self) -> int:
        """Of a text, in tokens."""
        return self.texts[0].max_seq_length

    @max_seq_length.setter
    def max_seq_length(self, tokens: int) -> None:
        self.texts[0].max_seq_length = tokens

    def get_embedding_dimension(self) -> int:
        return self.bridge.classes.shape[1]

    def preprocess(self, inputs: Sequence[object], prompt: str | None = None, **kwargs) -> dict[str, torch.Tensor]:
        """Tokens of the texts, pixels (uint8) of the pictures, and which input is which; a prompt goes before texts only.

        Raises:
            FileNotFoundError, ValueError: as in `bxe.models.inputs.pixels`.
        """
        texts = [as_text(given) for given in inputs]
        words = [text for text in texts if text is not None]
        features = self.texts[0].preprocess(words, prompt=prompt, **kwargs) if words else {}
        if len(words) < len(texts):
            size = self.network.input_image_size
            pictures = [pixels(given, size) for given, text in zip(inputs, texts) if text is None]
            features["pixels"] = torch.from_numpy(np.stack(pictures))
            features["is_picture"] = torch.tensor([text is None for text in texts])
        return features

    def forward(self, features: dict[str, torch.Tensor], **kwargs) -> dict[str, torch.Tensor]:
        """Add "sentence_embedding" [inputs, dimensions] to what `preprocess` gave."""
        if "pixels" not in features:
            return self.texts(features)
        pictures, is_picture = self.see(features["pixels"]), features["is_picture"]
        vectors = pictures.new_empty(len(is_picture), pictures.shape[1])
        vectors[is_picture] = pictures
        if "input_ids" in features:
            vectors[~is_picture] = self.texts(features)["sentence_embedding"]
        return {**features, "sentence_embedding": vectors}

    def see(self, pictures: torch.Tensor) -> torch.Tensor:
        """Vectors [pictures, dimensions] of pixels, uint8 [pictures, 3, size, size]."""
        rows = self.network._fc.weight
        features = self.network.extract_features((pictures.to(rows.dtype) - 127) / 128)  # as the weights were trained
        return self.bridge(features.mean((2, 3)), rows)

    def save(self, output_path: str, *args, **kwargs) -> None:
        raise NotImplementedError("this model is not saved to a folder; load_image_encoder() makes it anew")
