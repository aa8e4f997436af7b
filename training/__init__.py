"""The weights that bxe ships, made again: a folder a model, and beside them the data and the evaluation they share."""
