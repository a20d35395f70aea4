"""The names people and their tools give to what every lead has, whatever door they come by.

One table for forms, imports, events and shops. Names come from the tools' own pages: WordPress
(Contact Form 7 « your-email », Elementor « form_fields[email] », WooCommerce « billing_email »),
Drupal « submitted[courriel] », HubSpot « firstname », Mailchimp « FNAME », Brevo « PRENOM »,
Salesforce and Dynamics (« emailaddress1 »), Google and Outlook contacts, the browsers' own
autocomplete words (WHATWG HTML, § 4.10.18.7), and what people write above a column in French.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from relance.french import unaccented

#: Names by the field they mean; all as `_plain` writes them.
USUAL: Mapping[str, Sequence[str]] = {
    "courriel": (
        *(
            "email",
            "e-mail",
            "mail",
            "mel",
            "courrier-electronique",
            "emailaddress1",
            "mail-address",
        ),
        *("adresse-courriel", "adresse-de-courriel", "adresse-e-mail", "adresse-email"),
        *("adresse-mail", "adresse-electronique", "adresse-de-messagerie", "adresse-mel"),
        *("email-address", "e-mail-address", "emailaddress", "email-adress", "adresse-de-courrier"),
        *("courriel-principal", "email-principal", "primary-email", "work-email", "email-1"),
        *("courriel-personnel", "email-personnel", "personal-email", "e-mail-1", "e-mail-1-value"),
        *("user-email", "useremail", "contact-email", "customer-email", "client-email"),
        *("courriel-du-client", "email-du-client", "billing-email", "email-value", "usermail"),
        *("adresse-de-courrier-electronique", "adresse-de-courriel-principale", "subscriber-email"),
    ),
    "prenom": (
        *("first-name", "firstname", "given-name", "givenname", "fname", "forename", "prenom-s"),
        *("billing-first-name", "name-first", "prenom-usuel"),
        *("prenom-du-client", "prenom-client", "customer-first-name", "contact-first-name"),
    ),
    "nom": (
        *("nom-de-famille", "last-name", "lastname", "surname", "family-name", "familyname"),
        *("lname", "name", "billing-last-name", "name-last", "nom-s", "patronyme"),
        *("nom-du-client", "nom-client", "customer-last-name", "contact-last-name"),
    ),
    "telephone": (
        *("tel", "phone", "phone-number", "phonenumber", "telephone-number", "telephone1"),
        *("numero-de-telephone", "no-de-telephone", "no-tel", "no-telephone", "num-tel"),
        *("numero-telephone", "n-de-telephone", "n-tel", "tel-domicile", "telephone-domicile"),
        *("telephone-maison", "tel-maison", "home-phone", "phone-1-value", "telephone-fixe"),
        *("tel-fixe", "fixe", "telephone-personnel", "tel-national", "billing-phone"),
        *("telephone-principal", "primary-phone", "phone-home", "tel-perso"),
    ),
    "cellulaire": (
        *("cell", "cel", "mobile", "portable", "gsm", "tel-mobile", "telephone-mobile", "sms"),
        *("telephone-portable", "telephone-cellulaire", "tel-portable", "tel-cellulaire"),
        *("mobile-phone", "mobilephone", "cell-phone", "cellphone", "mobile-number", "natel"),
        *("numero-de-cellulaire", "numero-de-mobile", "numero-de-portable", "no-cellulaire"),
        *("no-de-cellulaire", "numero-mobile", "numero-cellulaire", "cellular", "phone-mobile"),
        *("numero-portable", "tel-cell"),
    ),
    "ville": (
        *("city", "town", "municipalite", "localite", "commune", "address-level2", "billing-city"),
        *("address1-city", "address-city", "ville-de-residence", "mailing-city"),
    ),
    "langue": ("language", "lang", "langue-de-correspondance", "preferred-language"),
    "date-de-naissance": (
        *("naissance", "ne-le", "nee-le", "ne-e-le", "birthday", "birthdate", "birth-date"),
        *("date-of-birth", "dob", "ddn", "date-naissance", "date-d-anniversaire", "bday"),
        *("anniversaire", "date-de-fete"),
    ),
    "fuseau": ("fuseau-horaire", "timezone", "time-zone"),
    "vendeur": ("vendeur-assigne", "proprietaire", "responsable", "owner"),
}

_SIGNS = re.compile(r"[^a-z0-9]+")
#: « form_fields[email] »: what wraps a name says which form it is of, not what it is.
_WRAPPED = re.compile(r"([\w-]+)\[([^\[\]]+)\](?:\[value\])?")
_WRAPPERS = frozenset(
    {
        *("form-fields", "form-field", "fields", "field", "form", "data", "values", "submitted"),
        *("contact", "customer", "client", "user", "lead", "person", "personne", "subscriber"),
        *("mauticform", "billing", "your", "abonne", "inscription", "membre", "member"),
    }
)
#: « Votre courriel (obligatoire) », « your-email », « et_pb_contact_email_0 » (Divi).
_AROUND = re.compile(r"(?:your|my|votre|ton|ta|mon|ma|entrez-votre)-(.+)|et-pb-contact-(.+)-[0-9]")
_AFTER = re.compile(
    r"-(?:obligatoire|requis|requise|required|facultatif|facultative|optionnel|optional)$"
)
_MEANT = {name: field for field, names in USUAL.items() for name in (field, *names)}
_LONGEST = 120
_WHO = {"courriel": "courriel", "telephone": "telephone", "cellulaire": "telephone"}


@lru_cache(maxsize=4_096)
def meaning(name: str) -> str | None:
    """The key of the field of every lead that is meant by `name`; None when nobody can tell."""
    if len(name) > _LONGEST:
        return None
    if (wrapped := _WRAPPED.fullmatch(name.strip())) and _plain(wrapped[1]) in _WRAPPERS:
        name = wrapped[2]
    key = _plain(name)
    if key in _MEANT:
        return _MEANT[key]
    bare = _AFTER.sub("", key)
    if around := _AROUND.fullmatch(bare):
        bare = around[1] or around[2]
    return _MEANT.get(bare)


def identity_meant(name: str) -> str | None:
    """« courriel » or « telephone » for a name that means one of the ways a lead is known."""
    return _WHO.get(meaning(name) or "")


def _plain(name: str) -> str:
    """A name without accents, capitals or signs."""
    return _SIGNS.sub("-", unaccented(name).casefold().replace("œ", "oe")).strip("-")
