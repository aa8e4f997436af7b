"""bxe-image-bridge: from EfficientNet's features to the space of MiniLM's texts."""
