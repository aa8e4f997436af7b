"""Wrong answers to the exercises of notebook 01, Embeddings."""

import numpy as np
import torch

WRONG = {
    "01.1": [
        (lambda w, v: next(w[:e] for e in range(1, len(w) + 1) if w[:e] in v), "shortest piece"),
        (lambda w, v: w, "not always in the vocabulary"),
        (
            lambda w, v: max((w[i:j] for i in range(len(w)) for j in range(i + 1, len(w) + 1) if w[i:j] in v), key=len),
            "does not begin with it",
        ),
        (lambda w, v: v[max((w[:e] for e in range(1, len(w) + 1) if w[:e] in v), key=len)], "piece's number"),
    ],
    "01.2": [
        (lambda h, m: h.mean(1), "padding was counted"),
        (lambda h, m: (h * m[..., None]).sum(1) / m.shape[1], "width of the batch"),
        (lambda h, m: h[:, 0], r"\[CLS\]"),
        (lambda h, m: (h * m[..., None]).sum(1), "That is the sum"),
        (lambda h, m: torch.where(m[..., None] == 1, h, -torch.inf).max(1).values, "max pooling"),
    ],
    "01.3": [
        (lambda v: v / np.linalg.norm(v), "one length for the whole array"),
        (lambda v: v / np.linalg.norm(v, axis=0), "divided each column"),
        (lambda v: v / (v**2).sum(1, keepdims=True), "take its square root"),
        (lambda v: np.linalg.norm(v, axis=1), "Those are the lengths"),
    ],
    "01.4": [
        (lambda model, text: len(text.split()) <= model.max_seq_length, "count words"),
        (
            lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) < model.max_seq_length,
            "exactly at the limit",
        ),
        (lambda model, text: len(model.tokenizer.tokenize(text)) <= model.max_seq_length, "special tokens"),
        (lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) <= 256, "not always 256"),
    ],
    "01.5": [
        (lambda model, q, p: model.similarity(model.encode(q), model.encode(p))[0], "adds neither prompt"),
        (lambda model, q, p: model.similarity(model.encode_query(q), model.encode_query(p))[0], "passages as queries"),
        (lambda model, q, p: model.similarity(model.encode_document(q), model.encode_document(p))[0], "as a passage"),
        (lambda model, q, p: model.similarity(model.encode_document(q), model.encode_query(p))[0], "sides are swapped"),
        (lambda model, q, p: model.encode_document(p) @ model.encode_query(q), "use model.similarity"),
        (lambda model, q, p: model.similarity(model.encode_query(q), model.encode_document(p)), "table of one row"),
        (lambda model, q, p: model.similarity(model.encode_document(p), model.encode_query(q)), "one column"),
    ],
}
