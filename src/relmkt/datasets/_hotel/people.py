"""Who are the guests, in truth? One clean person behind however many rows, addresses and cards.

Names are common French ones, addresses end in `.example`, and telephone numbers come from the ranges that the French
regulator keeps for fiction (+33 6 39 98 and five others), so that nobody can be met, written to or rung.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from relmkt.datasets._hotel.draws import Draws, Flags, Floats, Texts, Whole, chosen, named, texts
from relmkt.datasets._hotel.world import BUSINESS, KINDS, LOCAL, PROSPECT, SEASONS, WEEKS, dates, month


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Adèle Agnès Alain Alice André Anne Antoine Arthur Aurélie Bastien Béatrice Bruno Camille Cécile Chloé "
    "Claire Claude Damien David Denis Élise Émile Emma Éric Fabien Fanny Florence Gabriel Gilles Hélène Henri "
    "Hugo Inès Isabelle Jacques Jeanne Julien Karine Laura Léa Léon Louis Lucie Manon Marc Marie Martin "
    "Mathilde Nadia Nicolas Noé Olivier Pascal Paul Pauline Quentin Rémi Rose Sarah Simon Sophie Théo Thomas "
    "Valérie Victor Yasmine Zoé"
)
LAST = _words(
    "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux "
    "David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Faure Blanc "
    "Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry "
    "Roussel Mathieu Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard "
    "Giraud Joly Rivière"
)
CITIES = (
    "Paris",
    "Lyon",
    "Nice",
    "Lille",
    "Nantes",
    "Bordeaux",
    "Toulouse",
    "Rennes",
    "Strasbourg",
    "Genève",
    "Bruxelles",
)
INTERESTS = ("family", "business", "spa", "gastronomy", "culture", "sea")
PHONES = ("+3363998", "+3319900", "+3326191", "+3335301", "+3346571", "+3353649")  # 10,000 numbers each, for fiction
NEVER = 10_000  # a week or day that does not come

MEMBER = (0.45, 0.55, 1.0, 0.6)  # share who hold a loyalty card, by kind
SECOND_ADDRESS = 0.4  # share of business guests who also use an address at work
MAIL_CONSENT, SMS_CONSENT, WITHDRAWN = 0.6, 0.25, 0.15
REFERRED = 0.18  # share who came because somebody told them to, where there was somebody to tell them


@frozen(eq=False)
class People:
    """The persons as columns, one entry each; weeks and days count from the start, NEVER where it does not happen."""

    kind: Whole
    hotel: Whole
    entry: Whole  # the week in which they first appear
    pace: Floats  # how much more often than their kind they return
    taste: Floats  # how much better than others they find everything
    hope: Floats  # how much more than others they expect
    referred: Flags
    member: Flags
    mail_consent: Flags
    sms_consent: Flags
    withdrawal: Whole  # the day on which they take their consent back
    birth: Whole  # day of birth since START, negative
    city: Whole
    interest: Whole
    first: Texts
    last: Texts
    mail: Texts
    work: Texts  # the address at work, or ""
    mobile: Texts

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def id(self) -> Texts:
        return texts([f"G{number:05d}" for number in range(len(self))])

    @property
    def card(self) -> Texts:
        """The number on the loyalty card, or "": digits that do not give the person's number away."""
        number = 61_000_000 + np.arange(len(self)) * 7_919 % 9_999_991
        return np.where(self.member, number.astype(np.str_), "")

    @property
    def name(self) -> Texts:
        return texts([f"{first} {last}" for first, last in zip(self.first.tolist(), self.last.tolist(), strict=True)])

    @property
    def columns(self) -> dict[str, Texts]:
        """The clean file: what a perfect system would know."""
        kinds = named([kind.name for kind in KINDS], self.kind)
        told = {
            "person": self.id,
            "name": self.name,
            "email": self.mail,
            "work email": self.work,
            "mobile": self.mobile,
        }
        return told | {"card": self.card, "kind": kinds, "born": dates(self.birth)}


def people(count: int, draws: Draws) -> People:
    """So many persons, drawn."""
    kind = draws.pick([kind.share for kind in KINDS], count)
    hotel = draws.pick((0.45, 0.27, 0.28), count)
    first, last = draws.among(len(FIRST), count), draws.among(len(LAST), count)
    member = draws.chance(np.array(MEMBER)[kind], count)
    two = draws.chance(SECOND_ADDRESS, count) & (kind == BUSINESS)
    return People(
        kind=kind,
        hotel=hotel,
        entry=_entry(hotel, draws),
        pace=np.array((0.2, 0.5, 1.0, 1.6, 3.0))[draws.pick((0.2, 0.25, 0.3, 0.18, 0.07), count)],
        taste=0.8 * draws.bell(count),
        hope=0.9 * draws.bell(count),
        referred=draws.chance(REFERRED, count) & (kind != LOCAL),
        member=member,
        # a prospect without a card is known by the newsletter alone
        mail_consent=draws.chance(MAIL_CONSENT, count) | ((kind == PROSPECT) & ~member),
        sms_consent=draws.chance(SMS_CONSENT, count),
        withdrawal=np.where(draws.chance(WITHDRAWN, count), 60 + draws.among(900, count), NEVER),
        birth=-365 * 19 - draws.among(365 * 58, count),
        city=draws.among(len(CITIES), count),
        interest=_interest(kind, draws),
        first=named(FIRST, first),
        last=named(LAST, last),
        mail=_addresses(first, last, "courrier.example"),
        work=np.where(two, _addresses(first, last, "bureau.example"), ""),
        mobile=_phones(count),
    )


def _entry(hotel: Whole, draws: Draws) -> Whole:
    """The week in which each first appears: a quarter in the first two months, the others with their house's season."""
    weeks = np.arange(WEEKS - 2)
    at, early = draws.unit(len(hotel)), draws.chance(0.25, len(hotel))
    drawn = [chosen(np.array(SEASONS)[house, month(weeks * 7)].tolist(), at) for house in range(len(SEASONS))]
    return np.where(early, draws.among(8, len(hotel)), np.choose(hotel, drawn))


def _interest(kind: Whole, draws: Draws) -> Whole:
    leisure, business = draws.pick((3, 0.2, 2, 2, 2, 2), len(kind)), draws.pick((0.3, 5, 1, 1, 0.5, 0.2), len(kind))
    return np.where(kind == BUSINESS, business, leisure)


def _addresses(first: Whole, last: Whole, domain: str) -> Texts:
    """An address a person, told apart by the person's number."""
    plain = str.maketrans("àâéèêëîïôûüçÉ", "aaeeeeiiouuce")
    names = [[name.translate(plain).lower() for name in names] for names in (FIRST, LAST)]
    pairs = enumerate(zip(first.tolist(), last.tolist(), strict=True))
    return texts([f"{names[0][one]}.{names[1][two]}{number}@{domain}" for number, (one, two) in pairs])


def _phones(count: int) -> Texts:
    """A number a person while the ranges for fiction last, then none."""
    spread = [number * 7_919 % 10_000 for number in range(min(count, 10_000))]
    told = [f"{PHONES[number // 10_000]}{spread[number % 10_000]:04d}" for number in range(min(count, 60_000))]
    return texts(told + [""] * (count - len(told)))
