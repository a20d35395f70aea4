"""`[email]` as people are asked for it; what each value must be is `settings`’."""

from relance.setting import SettingField, SettingKind, SettingsSchema

_ACCOUNT = ("mot_de_passe",)
SCHEMA = SettingsSchema(
    "email",
    "Courriels",
    (
        SettingField(
            "serveur",
            "Serveur d’envoi",
            "Le nom de la machine SMTP.",
            default="localhost",
            clears=_ACCOUNT,
        ),
        SettingField("port", "Port", "Sans lui, celui de la sécurité choisie.", SettingKind.NUMBER),
        SettingField(
            "securite",
            "Sécurité",
            "",
            SettingKind.CHOICE,
            "starttls",
            ("aucune", "starttls", "tls"),
        ),
        SettingField(
            "utilisateur", "Utilisateur", "Vide, le serveur est joint sans identification."
        ),
        SettingField("mot_de_passe", "Mot de passe", "", SettingKind.SECRET),
        SettingField(
            "expediteur", "Expéditeur", "«\u00a0La Boutique <bonjour@boutique.ca>\u00a0»."
        ),
        SettingField("retour", "Adresse de retour", "Où reviennent les messages refusés."),
        SettingField(
            "adresse_postale", "Adresse postale", "Au bas de chaque message, comme la loi le veut."
        ),
        SettingField("suivi_clics", "Suivre les clics", "", SettingKind.FLAG, "oui"),
        SettingField("suivi_ouvertures", "Suivre les ouvertures", "", SettingKind.FLAG, "non"),
        SettingField("debit", "Messages par seconde", "0 : sans limite.", SettingKind.NUMBER, "0"),
        SettingField(
            "montee",
            "Le premier jour, au plus",
            "Pour un expéditeur nouveau ; 0 : sans limite.",
            SettingKind.NUMBER,
            "0",
        ),
        SettingField(
            "debits",
            "Messages par seconde et par domaine",
            "Un par ligne : «\u00a0gmail.com 5\u00a0», «\u00a0autres 20\u00a0».",
            SettingKind.TEXTS,
        ),
        SettingField(
            "regroupement_alertes",
            "Réunir les alertes",
            "Celles d’un même type attendent jusque-là.",
            default="10 min",
        ),
        SettingField(
            "rapports",
            "Qui dit qu’un message est arrivé",
            "",
            SettingKind.CHOICE,
            "non",
            ("non", "dsn", "fournisseur"),
        ),
        SettingField("secret", "Secret des rapports du fournisseur", "", SettingKind.SECRET),
    ),
    "Le serveur qui prend les courriels et les alertes, et le nom sous lequel ils partent.",
    "email",
)
