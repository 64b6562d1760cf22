"""Cleaning a motion: bones of one length, the floor, feet that stay where they stand. numpy only."""

from chronomotion.motion.cleaning.clean import Cleaning, clean, cleaned
from chronomotion.motion.cleaning.contacts import contacts_of
from chronomotion.motion.cleaning.steady import steadied

__all__ = ["Cleaning", "clean", "cleaned", "contacts_of", "steadied"]
