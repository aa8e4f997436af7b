"""For each exercise, plausible wrong answers, each with words that its message must hold because they name the mistake.

One module a notebook, with WRONG: by exercise, pairs of an answer and a pattern of these words.
"""
