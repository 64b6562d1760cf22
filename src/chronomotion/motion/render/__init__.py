"""Pictures of motions: film strips, contact sheets, and films with the events marked."""

from chronomotion.motion.render.films import film, film_frames
from chronomotion.motion.render.palette import EVENT_COLOURS, EventSpan
from chronomotion.motion.render.sheet import contact_sheet
from chronomotion.motion.render.strip import film_strip, film_strips

__all__ = ["EVENT_COLOURS", "EventSpan", "contact_sheet", "film", "film_frames", "film_strip", "film_strips"]
