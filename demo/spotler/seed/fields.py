"""The account's fields: all eleven types, with labels that fit the manual."""

from demo.spotler.account.properties import Property, Schema

# The manual's pictures 8 and 9.
PERMISSIONS = (
    "Yoobi Maandelijkse nieuwsbrief",
    "Yoobi Kwartaal nieuwsbrief",
    "Yoobi Beheerder",
    "Prospect Lost - geen contact",
    "Download e-book",
    "Prospect uitstel",
    "Prospect lost - geen interesse",
    "Onboarding",
)
# The last two are keywords of the demo CRM too.
INTERESTS = ("Evenementen", "Webinars", "Productnieuws", "Whitepapers", "Seminar", "Zorg")

# Names that spotler-api.md §3 saw, and Dutch ones as an account's own fields would have.
_FIELDS = (
    ("externalId", "External id", "string"),
    ("testGroup", "Testgroep", "string"),  # A type for this pseudo-entry is not known [U].
    ("email", "E-mailadres", "email"),
    ("firstName", "Voornaam", "string"),
    ("initials", "Voorletters", "string"),
    ("infix", "Tussenvoegsel", "string"),
    ("lastName", "Achternaam", "string"),
    ("gender", "Geslacht", "gender"),
    ("birthday", "Geboortedatum", "birthdate"),
    ("phoneNumber", "Telefoon nr.", "string"),
    ("mobileNumber", "Mobiel nr.", "mobNr"),
    ("functie", "Functie", "string"),
    ("afdeling", "Afdeling", "string"),
    ("organisation", "Bedrijfsnaam", "string"),
    ("street", "Straat", "string"),
    ("houseNumber", "Huisnummer", "string"),
    ("postalCode", "Postcode", "postcode"),
    ("city", "Plaats", "string"),
    ("country", "Land", "string"),
    ("taal", "Taal", "string"),
    ("customerType", "Klanttype", "string"),
    ("trefwoorden", "Trefwoorden", "string"),
    ("notitie", "Notitie", "string"),
    ("aantalMedewerkers", "Aantal medewerkers", "int"),
    ("jaaromzet", "Jaaromzet", "money"),
    ("klantSinds", "Klant sinds", "date"),
    ("firstPurchaseDate", "Datum eerste aankoop", "dateTime"),
    ("lastPurchaseDate", "Datum laatste aankoop", "dateTime"),
    ("documentenModule", "Documenten module", "string"),
    ("facturenModule", "Facturen module", "string"),
    ("projectenModule", "Projecten module", "string"),
    ("verkoopModule", "Verkoop module", "string"),
    ("profileField1", "Profielveld 1", "string"),
)


def schema() -> Schema:
    """The fields, with one that is hidden and therefore not offered (spotler-api.md §3 [C])."""
    profile = Property("profileFields", "Interesses", "set")
    for description in INTERESTS:
        profile.add_entry(description)
    permissions = Property("permissions", "Permissies", "set")
    for description in PERMISSIONS:
        permissions.add_entry(description)
    plain = (Property(name, description, kind) for name, description, kind in _FIELDS)
    hidden = Property("internScore", "Interne score", "int", visible=False)
    return Schema((*plain, profile, permissions, hidden))
