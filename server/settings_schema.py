"""The core’s own settings as people are asked for them.

What opens the server to the network, or says where its data is, is changed in the file alone: whoever
takes a session must not move the base nor open a door.
"""

from collections.abc import Sequence

from relance.setting import SettingField, SettingKind, SettingsSchema

_TEXTS, _NUMBER, _SECRET = SettingKind.TEXTS, SettingKind.NUMBER, SettingKind.SECRET
_SERVER = SettingsSchema(
    "",
    "Le projet et son serveur",
    (
        SettingField(
            "fuseau",
            "Fuseau horaire",
            "Celui des campagnes qui n’en disent rien.",
            default="America/Montreal",
        ),
        SettingField("region", "Pays", "Celui des téléphones écrits sans indicatif.", default="CA"),
        SettingField("devise", "Monnaie", "Celle des montants qui n’en disent pas.", default="CAD"),
        SettingField(
            "publication",
            "Publier",
            "",
            SettingKind.CHOICE,
            "sur demande",
            ("sur demande", "à l’enregistrement"),
        ),
        SettingField(
            "accord",
            "Qui publie avec l’accord d’une autre personne",
            "«\u00a0Qui rédige\u00a0» : qui a aussi le rôle Rédaction, et les commandes.",
            SettingKind.CHOICE,
            "personne",
            ("personne", "qui rédige", "tout le monde"),
        ),
        SettingField(
            "entrees_max",
            "Entrées d’un coup, au plus",
            "Ce qu’une publication fait entrer sans qu’on l’autorise.",
            _NUMBER,
            "10000",
        ),
        SettingField(
            "adresse", "Adresse publique", "Celle des liens dans les messages.", by_file=True
        ),
        SettingField("ecoute", "Adresse d’écoute", "", default="127.0.0.1", by_file=True),
        SettingField("port", "Port d’écoute", "", _NUMBER, "8080", by_file=True),
        SettingField(
            "base",
            "Base de données",
            "Elle peut tenir un mot de passe : elle n’est pas montrée.",
            _SECRET,
            by_file=True,
        ),
        SettingField(
            "secret", "Secret des liens", "Créé au premier démarrage.", _SECRET, by_file=True
        ),
        SettingField("hotes", "Noms du serveur", "", _TEXTS, by_file=True),
        SettingField("mandataires", "Serveurs web placés devant", "", _TEXTS, by_file=True),
        SettingField("connexions", "Connexions à la fois", "", _NUMBER, "1000", by_file=True),
    ),
)
_FORMS = SettingsSchema(
    "formulaires",
    "Formulaires",
    (
        SettingField("origines", "Sites qui peuvent lire la réponse", "Un par ligne.", _TEXTS),
        SettingField("redirections", "Sites où renvoyer le visiteur", "Un par ligne.", _TEXTS),
        SettingField(
            "champ_piege",
            "Champ piège",
            "Caché, que seuls les robots remplissent.",
            default="_piege",
        ),
        SettingField(
            "debit", "Envois par seconde et par adresse", "0 : sans limite.", _NUMBER, "5"
        ),
        SettingField("rafale", "Envois d’un coup", "", _NUMBER, "30"),
        SettingField(
            "volume_par_jour", "Mio par jour et par adresse", "0 : sans limite.", _NUMBER, "100"
        ),
    ),
)
_EVENTS = SettingsSchema(
    "evenements",
    "Événements reçus d’autres programmes",
    (
        SettingField(
            "secret", "Secret des appels", "«\u00a0whsec_…\u00a0» (Standard Webhooks).", _SECRET
        ),
        SettingField("jeton", "Jeton", "16 caractères au moins.", _SECRET),
        SettingField("types", "Genres acceptés en plus", "Un par ligne.", _TEXTS),
    ),
)
_RECIPIENTS = SettingsSchema(
    "destinataires",
    "Limites par destinataire",
    (
        SettingField("par_adresse", "À une adresse confirmée, par jour", "", _NUMBER, "12"),
        SettingField("non_confirmee", "À une adresse non confirmée", "", _NUMBER, "5"),
        SettingField("par_domaine", "Aux nouveaux venus d’un domaine", "", _NUMBER, "200"),
        SettingField("par_pays", "Aux nouveaux numéros d’un pays", "", _NUMBER, "1000"),
        SettingField("par_campagne", "Aux nouveaux venus, par campagne", "", _NUMBER, "5000"),
    ),
)
_OTHERS = (
    SettingsSchema(
        "calendrier",
        "Calendrier",
        (SettingField("feries", "Jours fériés", "", _TEXTS, by_file=True),),
    ),
    SettingsSchema(
        "consentement",
        "Consentement",
        (
            SettingField(
                "exige",
                "Base exigée",
                "",
                SettingKind.CHOICE,
                "aucun",
                ("exprès", "implicite", "aucun"),
            ),
        ),
    ),
    SettingsSchema(
        "metriques",
        "Mesures pour Prometheus",
        (
            SettingField(
                "jeton",
                "Jeton",
                "16 caractères au moins ; sans lui, l’adresse n’existe pas.",
                _SECRET,
                by_file=True,
            ),
        ),
    ),
    SettingsSchema(
        "traces",
        "Traces (OpenTelemetry)",
        (
            SettingField("adresse", "Où elles vont", "Par OTLP, sur HTTP.", by_file=True),
            SettingField("part", "Part gardée, de 0 à 1", "", _NUMBER, "1", by_file=True),
        ),
    ),
    SettingsSchema(
        "oidc",
        "Fournisseur d’identité (OpenID Connect)",
        (
            SettingField("emetteur", "Son adresse", "", by_file=True),
            SettingField("client", "Identifiant de Relance chez lui", "", by_file=True),
            SettingField("secret", "Secret de Relance chez lui", "", _SECRET, by_file=True),
            SettingField("nom", "Nom sur le bouton", "", by_file=True),
            SettingField("domaines", "Domaines des adresses admises", "", _TEXTS, by_file=True),
            SettingField(
                "creer",
                "Créer les comptes",
                "De qui n’a pas été invité.",
                default="non",
                by_file=True,
            ),
            SettingField("roles", "Rôles de ces comptes", "", _TEXTS, by_file=True),
            SettingField(
                "groupes", "Champ qui dit les groupes", "", default="groups", by_file=True
            ),
            SettingField("roles_par_groupe", "Rôles par groupe", "", _TEXTS, by_file=True),
            SettingField(
                "facteur",
                "Mots qui valent deux facteurs",
                "De «\u00a0amr\u00a0» ou «\u00a0acr\u00a0».",
                _TEXTS,
                by_file=True,
            ),
        ),
    ),
    SettingsSchema(
        "reseau",
        "Réseau",
        (SettingField("hotes_permis", "Machines internes permises", "", _TEXTS, by_file=True),),
    ),
    SettingsSchema(
        "extensions",
        "Extensions",
        (
            SettingField("actives", "Les seules à charger", "", _TEXTS, by_file=True),
            SettingField("desactivees", "Celles laissées de côté", "", _TEXTS, by_file=True),
        ),
    ),
)
CORE: Sequence[SettingsSchema] = (_SERVER, _FORMS, _EVENTS, _RECIPIENTS, *_OTHERS)
