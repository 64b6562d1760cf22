"""Language in order: captions, their events, and the orders in which events can be told."""
