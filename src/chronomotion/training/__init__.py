"""Training: which pairs, which negatives, which loss, and a loop that can be interrupted."""

from chronomotion.threads import set_up_threads

set_up_threads()  # torch reads it once, when it is imported, as the modules of this folder do
