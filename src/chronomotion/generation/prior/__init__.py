"""The prior: a causal transformer over the codes of a motion, conditioned on text."""
