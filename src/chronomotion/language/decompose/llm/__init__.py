"""Events by a language model: any OpenAI-compatible endpoint, with limits, a cache, and a check of every answer."""

from chronomotion.language.decompose.llm.client import Endpoint
from chronomotion.language.decompose.llm.decomposer import LlmDecomposer
from chronomotion.language.decompose.llm.plan import LlmPlan

__all__ = ["Endpoint", "LlmDecomposer", "LlmPlan"]
