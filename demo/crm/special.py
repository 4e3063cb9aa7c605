"""The special cases among the invented people."""

from demo.crm.fields import Values

LONG = (
    "Verantwoordelijk voor inkoop, contractbeheer en leveranciersbeoordeling van alle vestigingen; "
) * 4

# The first rows are the special cases. The addresses of rows 0 to 4 are in the Spotler sandbox
# too: a contact nobody linked, one that belongs to another contact, one that signed off, one
# whose mail bounced.
ODD: tuple[Values, ...] = (
    {"first_name": "Zoë", "infix": "van der", "last_name": "Österbaan", "email": "zoe@example.nl"},
    {"first_name": "Bente", "infix": "van", "last_name": "Staan", "email": "bestaand@example.nl"},
    {"first_name": "Anna", "infix": None, "last_name": "Manders", "email": "andermans@example.nl"},
    {"first_name": "Arjan", "infix": "de", "last_name": "Meld", "email": "afgemeld@example.nl"},
    {"first_name": "Gerda", "infix": None, "last_name": "Boons", "email": "gebounced@example.nl"},
    {"first_name": "Willem", "infix": "ten", "last_name": "Have", "email": None},
    {"first_name": "Sanne 🌷", "infix": None, "last_name": "Bloem", "email": "sanne@example.nl"},
    {"first_name": "Otto", "last_name": "Lang", "job_title": LONG[:300], "mobile": "0612 34 56 78"},
    {
        "first_name": "Élodie",
        "infix": None,
        "last_name": "Dubois",
        "postcode": "SW1A 2AA",
        "city": "London",
        "country": "Verenigd Koninkrijk",
        "language": "fr",
        "phone": "+44 20 7946 0958",
    },
    {"first_name": "Kees", "infix": "de", "last_name": "Wit", "email": "info@example.nl"},
    {"first_name": "Marijke", "infix": "de", "last_name": "Wit", "email": "info@example.nl"},
    {"first_name": "Henk", "infix": None, "last_name": "Stip", "email": "henk@example..nl"},
    {"first_name": None, "infix": None, "last_name": "Onbekend", "gender": None},
)


def is_locked(index: int) -> bool:
    """Return whether the n-th invented person's data may not be changed."""
    return index % 40 == 19
