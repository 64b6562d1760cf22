"""Training: which pairs, which negatives, which loss, and a loop that can be interrupted."""
