"""What is right: one module a notebook, each with EXERCISES (oracle, hints, why) and QUIZ."""
