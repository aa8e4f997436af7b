"""What authors and make use, and no learner.

setup_env: makes .venv · constraints: the versions of constraints.txt · nbval_tolerance: the pytest plugin that lets
numbers differ a little · guards: what must be true of a built notebook · nbval_files: what
nbval runs · texts: figures of the course's texts · sums: the SHA-256 of each of them · pictures: README's, out of the
notebooks · teaching: the sheet of quizzes · slides: a page each for a teacher · reveal: what the slides stand on ·
handouts: notebooks as PDF · browser: Chromium without a window · site: the course as pages · bundle: one archive of it
all, for a room without Wi-Fi.
"""
