"""The model: two transformer encoders that put motions and sentences into one space."""

from chronomotion.threads import set_up_threads

set_up_threads()  # torch reads it once, when it is imported, as the modules of this folder do
