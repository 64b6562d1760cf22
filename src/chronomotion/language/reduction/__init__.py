"""From an event to what a skeleton can show of it: each step takes words and gives words."""
