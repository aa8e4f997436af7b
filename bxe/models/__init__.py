"""The course's models: found, verified and loaded.

loading: a bi-encoder, a cross-encoder, late interaction, an image encoder · device: where and in which precision ·
embedded: the weights that come in packages, and their verification · hub: where a name leads, and manners with the Hub ·
reranker: what our cross-encoder is made of · images, towers, inputs: what our image encoder is made of, and what it is
given · adapters: what was trained on a bi-encoder, saved and loaded · layers: a linear layer that learns from frozen
vectors · exported: a copy that computes in int8 · training: the library's trainers without files and noise, and which
layers learn.
"""

from bxe.models.adapters import load_adapter, save_adapter
from bxe.models.device import pick_device
from bxe.models.embedded import BI_ENCODER, minilm_folder
from bxe.models.exported import int8_encoder
from bxe.models.images import IMAGE_ENCODER, bridged_encoder, image_network
from bxe.models.layers import learn, linear_layer, through
from bxe.models.loading import (
    load_bi_encoder,
    load_cross_encoder,
    load_image_encoder,
    load_multi_vector_encoder,
)
from bxe.models.reranker import CROSS_ENCODER, WEIGHTS, adapted_reranker, reranker_modules
from bxe.models.training import quiet_training, upper_layers_learn

__all__ = [
    "BI_ENCODER",
    "CROSS_ENCODER",
    "IMAGE_ENCODER",
    "WEIGHTS",
    "adapted_reranker",
    "bridged_encoder",
    "image_network",
    "int8_encoder",
    "learn",
    "linear_layer",
    "load_adapter",
    "load_bi_encoder",
    "load_cross_encoder",
    "load_image_encoder",
    "load_multi_vector_encoder",
    "minilm_folder",
    "pick_device",
    "quiet_training",
    "reranker_modules",
    "save_adapter",
    "through",
    "upper_layers_learn",
]
