"""What training optimises: one loss, one function, whose docstring gives the equation."""

from chronomotion.training.losses.contrast import chronological_contrast
from chronomotion.training.losses.graded import graded_contrast, ranked
from chronomotion.training.losses.latents import divergence, latent_distance
from chronomotion.training.losses.reconstruction import reconstruction_error
from chronomotion.training.losses.stories import Relations, alike_events, relations, same_story, similar_sentences

__all__ = [
    "Relations",
    "alike_events",
    "chronological_contrast",
    "divergence",
    "graded_contrast",
    "latent_distance",
    "ranked",
    "reconstruction_error",
    "relations",
    "same_story",
    "similar_sentences",
]
