"""Captions that are not English: the rules know English only, and would make nonsense of them."""

from __future__ import annotations

import re
from functools import cache

from chronomotion.language import lexicon as lx

__all__ = ["not_english"]

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 2
"""Words of another language that have to be there: one alone is a name, a dance or a slip."""

_FOREIGN = frozenset(
    # German, Dutch, the Scandinavian languages
    "der das ein eine einen einem einer und ist sich nach vorne dann danach geht läuft mann frau mit auf zu setzt "
    "steht hebt dreht springt seine seinen beide arme beine rechts links zurück während bevor über een het loopt staat "
    "naar voren zit zich daarna vervolgens met en ett går och sedan sätter hun han den på mot persoon "
    # French
    "une le la les des du est et puis ensuite personne homme femme marche avance s'assoit assoit vers avec son sa ses "
    "lève tourne saute bras jambe droite gauche après avant pendant elle il devant "
    # Spanish, Portuguese, Italian, Romanian
    "una uno el los las persona hombre mujer camina luego después antes hacia su sus brazo brazos pierna y se sienta "
    "levanta gira salta adelante atrás mientras um uma homem mulher pessoa anda depois então para frente senta braços "
    "com il lo gli cammina poi siede avanti indietro uomo donna salta alza braccia con dopo prima si sulla della che "
    # Polish, Czech, Turkish, Finnish, Hungarian, Indonesian, Vietnamese
    "osoba idzie potem siada się następnie człowiek jde pak sedne bir kişi adam yürür sonra oturur ve ihminen kävelee "
    "sitten egy ember sétál majd leül orang berjalan kemudian lalu duduk seseorang người đi rồi ngồi".split()
)


def not_english(caption: str) -> str:
    """Why a caption is not read as English, in a few words; "" for English, slips and all.

    Letters that are not Latin in more than half of the words, or more words of other languages than of English.
    """
    words = _WORD.findall(caption.lower())
    if not words:
        return ""
    if sum(_is_other_script(word) for word in words) * 2 > len(words):
        return "not English (other letters than Latin)"
    foreign = sum(word in _FOREIGN for word in words)
    if foreign < _LEAST or foreign <= sum(word in _english() for word in words):
        return ""
    return "not English"


def _is_other_script(word: str) -> bool:
    return word[0] > "\u024f" and not "\u1e00" <= word[0] <= "\u1eff"


@cache
def _english() -> frozenset[str]:
    """The words of the lexicon, less those that other languages have as well."""
    closed = (
        lx.PREPOSITIONS | lx.POSSESSIVES | lx.DETERMINERS | lx.ADVERBS | lx.NUMBERS | lx.SUBORDINATORS | lx.AUXILIARIES
    )
    more = frozenset(
        {"and", "to", "of", "then", "before", "after", "with", "it", "them", "him", "who", "left", "right"}
    )
    return (closed | more | lx.PERSONS | lx.BODY_PARTS | frozenset(lx.verb_forms())) - _FOREIGN
