"""bxe-reranker-minilm: recipe.yaml says what is chosen, `lists`, `special` and `corrupt` make what `train` reads,
`adapter` is what it trains."""
