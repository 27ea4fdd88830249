"""What to say to the nurse on the phone: the SBAR as sentences, in Swedish, numbers as one says them.

Always Swedish, whatever language the phone shows: `t` reads the Swedish texts (keys `script.*`). The person
is called by name; nobody's pronoun is guessed. What was not measured is named, because a nurse who is not
told takes it for normal. A question that an organisation has added to the form is read out by its short
name.
"""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from care.forms import Answers, Coding, Item, Questionnaire, Value, answer_text, asked_answers
from care.news2 import Score
from care.person import PersonDocument

Say = Callable[..., str]
"""`t(key, **values)`: a text of the Swedish catalogue."""


class Caller(Struct, frozen=True):
    """Who calls: name, title in words ("undersköterska") and unit."""

    name: str
    title: str
    unit: str


class Part(Struct, frozen=True):
    """One letter of the SBAR ("S") and what is said under it."""

    letter: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def script(
    form: Questionnaire,
    answers: Answers,
    person: PersonDocument | None,
    caller: Caller,
    t: Say,
    score: Score | None = None,
) -> list[Part]:
    """The script, letter by letter. `score` only where the unit reckons NEWS2 (settings.news2 "score")."""
    said = _Said(form, asked_answers(form, answers), person, caller, t, score)
    by_letter = {"s": _situation, "b": _background, "a": _assessment, "r": _recommendation}
    parts = []
    for group in form.items:
        if group.link_id in by_letter:
            sentences = [*by_letter[group.link_id](said), *_added(said, group)]
            parts.append(Part(group.link_id.upper(), tuple(sentence for sentence in sentences if sentence)))
    return parts


class _Said(Struct):
    form: Questionnaire
    answers: Answers
    person: PersonDocument | None
    caller: Caller
    t: Say
    score: Score | None

    @property
    def name(self) -> str:
        return self.person.first_name if self.person else self.t("script.the_person")

    def value(self, link_id: str) -> Value | None:
        given = self.answers.get(link_id)
        return given[0] if given else None

    def codes(self, link_id: str) -> list[str]:
        return [value.code for value in self.answers.get(link_id, []) if isinstance(value, Coding)]

    def code(self, link_id: str) -> str:
        return next(iter(self.codes(link_id)), "")

    def words(self, link_id: str) -> str:
        """An answer in the form's own Swedish words."""
        item = self.form.item(link_id)
        return answer_text(item, self.answers[link_id]) if item and self.answers.get(link_id) else ""

    def of_code(self, link_id: str, known: tuple[str, ...]) -> list[str]:
        """The answers as the script says them; an option that the script does not know in its own words."""
        item = self.form.item(link_id)
        said = []
        for code in self.codes(link_id):
            option = item.option(code) if item else None
            said.append(
                self.t(f"{SAYS[link_id]}.{code}") if code in known else option.display if option else code
            )
        return said


SAYS = {
    "s.problem": "script.problem",
    "s.since": "script.since",
    "b.recent": "script.recent",
    "r.soon": "script.soon",
}
PROBLEMS = ("breathing", "pain", "fall", "confused", "fever", "vomiting", "wound", "worry", "other")
SINCE = ("now", "today", "night", "yesterday", "days", "unknown")
RECENT = ("medicine", "fall", "infection", "surgery")
AIRWAYS = ("clear", "noisy", "blocked")
AWAKE = ("A", "C", "V", "P", "U")
WISHES = ("assess", "visit", "advice")
SOON = ("now", "hour", "today", "later")
_HANDLED = frozenset(
    {
        "s.problem", "s.words", "s.since", "s.since.time",
        "b.conditions", "b.allergies", "b.bloodThinner", "b.recent", "b.recent.words",
        "a.airway.free", "a.respiration", "a.spo2", "a.oxygen", "a.pulse", "a.systolic", "a.diastolic",
        "a.skin", "a.consciousness", "a.stroke", "a.temperature", "a.pain", "a.chestPain", "a.different",
        "r.wish", "r.wish.words", "r.soon",
    }
)  # fmt: skip


def _situation(said: _Said) -> list[str]:
    t, person = said.t, said.person
    first = said.caller.name.split()[0]
    who = t("script.who_i_am", name=first, title=said.caller.title, unit=said.caller.unit)
    about = ""
    if person:
        born = str(person.born.year) if person.born else ""
        about = (
            t("script.about_born", name=person.name, year=born)
            if born
            else t("script.about", name=person.name)
        )
    problems = joined(said.of_code("s.problem", PROBLEMS), t)
    problem = t("script.problem", name=said.name, what=problems) if problems else ""
    return [who, about, problem, _since(said), _sentence(said.words("s.words"))]


def _since(said: _Said) -> str:
    since = next(iter(said.of_code("s.since", SINCE)), "")
    at = said.value("s.since.time")
    if since and isinstance(at, str):
        return said.t("script.since_at", since=since.rstrip("."), at=clock(at))
    return _sentence(since)


def _background(said: _Said) -> list[str]:
    t = said.t
    conditions, allergies = said.words("b.conditions"), said.words("b.allergies")
    sentences = [
        t("script.conditions", what=_plain(conditions)) if conditions else "",
        t("script.allergies", what=_plain(allergies)) if allergies else t("script.allergies_unknown"),
    ]
    thinner = said.code("b.bloodThinner") or "unknown"
    sentences.append(t(f"script.thinner.{thinner}", name=said.name))
    recent = said.codes("b.recent")
    if recent == ["none"]:
        sentences.append(t("script.recent.none"))
    elif recent and recent != ["unknown"]:
        what = joined(said.of_code("b.recent", RECENT), t)
        sentences.append(t("script.recent", what=what))
        sentences.append(_sentence(said.words("b.recent.words")))
    return sentences


def _assessment(said: _Said) -> list[str]:
    t, score = said.t, said.score
    news2 = ""
    if score:
        news2 = t("script.news2", score=score.total) if score.complete else t("script.news2_incomplete")
    airway = said.code("a.airway.free")
    return [
        news2,
        t(f"script.airway.{airway}") if airway in AIRWAYS else "",
        _measured(said, "a.respiration", "respiration"),
        _oxygen(said),
        _measured(said, "a.pulse", "pulse"),
        _pressure(said),
        _listed(said, "a.skin", "skin", usual=False),
        _awake(said),
        _listed(said, "a.stroke", "stroke"),
        _measured(said, "a.temperature", "temperature"),
        _measured(said, "a.pain", "pain"),
        t("script.chest_pain", name=said.name) if said.code("a.chestPain") == "yes" else "",
        t("script.different", what=_plain(said.words("a.different"))) if said.words("a.different") else "",
    ]


def _measured(said: _Said, link_id: str, key: str) -> str:
    """*Puls 104.* or *Puls är inte mätt.*"""
    value = said.value(link_id)
    return said.t(f"script.{key}_missing") if value is None else said.t(f"script.{key}", value=number(value))


def _oxygen(said: _Said) -> str:
    value, oxygen = said.value("a.spo2"), said.value("a.oxygen")
    given = {True: "script.with_oxygen", False: "script.without_oxygen"}.get(oxygen is True, "")
    with_it = said.t(given) if isinstance(oxygen, bool) else said.t("script.oxygen_unknown")
    if value is None:
        missing = said.t("script.spo2_missing")
        return f"{missing} {said.t('script.on_oxygen', name=said.name)}" if oxygen is True else missing
    return said.t("script.spo2", value=number(value), oxygen=with_it)


def _pressure(said: _Said) -> str:
    upper, lower = said.value("a.systolic"), said.value("a.diastolic")
    if upper is None:
        return said.t("script.pressure_missing")
    if lower is None:
        return said.t("script.pressure_upper", upper=number(upper))
    return said.t("script.pressure", upper=number(upper), lower=number(lower))


def _awake(said: _Said) -> str:
    code = said.code("a.consciousness")
    if code in AWAKE:
        return said.t(f"script.awake.{code}", name=said.name)
    return said.t("script.awake_missing")


def _listed(said: _Said, link_id: str, key: str, usual: bool = True) -> str:
    """What is seen, in the form's words; that there is nothing is a sentence of its own, if `usual`."""
    item = said.form.item(link_id)
    codes = said.codes(link_id)
    if item is None or not codes:
        return ""
    if all((option := item.option(code)) is not None and option.exclusive for code in codes):
        return said.t(f"script.{key}_none") if usual else ""
    return said.t(f"script.{key}", what=said.words(link_id).lower())


def _recommendation(said: _Said) -> list[str]:
    t = said.t
    wish = said.code("r.wish")
    asked = t(f"script.wish.{wish}", name=said.name) if wish in WISHES else ""
    own = said.words("r.wish.words")
    soon = next(iter(said.of_code("r.soon", SOON)), "")
    return [asked, t("script.wish_own", what=_plain(own)) if own else "", _sentence(soon)]


def _added(said: _Said, group: Item) -> list[str]:
    """What the form asks that the script has no sentence for: *Urin: kissar mindre.*"""
    return [
        _sentence(f"{item.short or item.text}: {answer_text(item, said.answers[item.link_id])}")
        for item in group.walk()
        if item.link_id in said.answers
        and item.link_id not in _HANDLED
        and not item.missing_of
        and not item.hidden
    ]


def joined(words: list[str], t: Say) -> str:
    """*a, b och c*."""
    if len(words) < 2:
        return "".join(words)
    return t("script.and", first=", ".join(words[:-1]), last=words[-1])


def number(value: Value) -> str:
    """104, and 37,6 with a comma."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return str(value)


def clock(at: str) -> str:
    """05:00:00 as 5, 05:20:00 as 5:20."""
    hour, minute = at[:2].lstrip("0") or "0", at[3:5]
    return hour if minute == "00" else f"{hour}:{minute}"


def _plain(words: str) -> str:
    return words.strip().rstrip(".")


def _sentence(words: str) -> str:
    """With a capital and a full stop."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".?!" else ".")
