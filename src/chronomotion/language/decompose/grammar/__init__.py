"""English, as far as captions of motions need it: words, clauses, what goes on together, order in time, sentences."""
