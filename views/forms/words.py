"""What a form says to whoever fills it in: in their language, with the person's name in it."""

from dataclasses import dataclass

from care.forms import Coding, Item, Option, Value, answer_text


@dataclass(frozen=True, slots=True)
class Words:
    """`name` stands where the form says {name}: the first name, or a neutral word."""

    language: str
    name: str

    def ask(self, item: Item) -> str:
        return self._filled(item.label(self.language))

    def help(self, item: Item) -> str:
        return self._filled(item.help(self.language))

    def option(self, option: Option) -> str:
        return self._filled(option.label(self.language))

    def answers(self, item: Item, values: list[Value]) -> str:
        """The answers to one question: options in the reader's language, the rest as the record has it."""
        chosen = {option.code: self.option(option) for option in item.options}
        return ", ".join(
            chosen.get(value.code if isinstance(value, Coding) else str(value)) or answer_text(item, [value])
            for value in values
        )

    def unit(self, item: Item) -> str:
        return item.unit_label(self.language)

    def _filled(self, text: str) -> str:
        return text.replace("{name}", self.name)
