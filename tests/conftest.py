"""Tests never touch the progress of whoever runs them."""

import os
import tempfile

os.environ["BXE_PROGRESS"] = tempfile.mkdtemp(prefix="bxe-progress-")
