"""A text in the two languages of the site. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages; "" where it was not given in one. Empty (false): in neither."""

    en: str = ""
    ko: str = ""

    def __bool__(self) -> bool:
        return bool(self.en or self.ko)

    def told(self, language: str) -> str:
        """In that language (a code such as "ko" or "en-us"), else in the other."""
        return (self.ko or self.en) if language.startswith("ko") else (self.en or self.ko)

    def language(self, language: str) -> str:
        """The language that `told` answers in: "ko" or "en", for the `lang` of an element."""
        return "ko" if self.ko and (language.startswith("ko") or not self.en) else "en"

    def to_json(self) -> dict[str, str]:
        """Both, each filled from the other where it was not given."""
        return {"en": self.told("en"), "ko": self.told("ko")}
