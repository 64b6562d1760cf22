"""BONES-SEED: recordings on the SOMA rig, with people's sentences and timelines of events."""
