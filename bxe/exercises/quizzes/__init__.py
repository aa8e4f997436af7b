"""The quizzes: one module a notebook, each with QUIZ, its questions in order."""
