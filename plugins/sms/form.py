"""`[sms]` as people are asked for it; what each value must be is `settings`’."""

from relance.setting import SettingField, SettingKind, SettingsSchema

SCHEMA = SettingsSchema(
    "sms",
    "SMS",
    (
        SettingField(
            "adresse",
            "Adresse du fournisseur",
            "",
            default="https://api.twilio.com",
            clears=("jeton",),
        ),
        SettingField("compte", "Compte", "L’identifiant «\u00a0AC…\u00a0»."),
        SettingField("jeton", "Jeton", "", SettingKind.SECRET),
        SettingField(
            "expediteur",
            "Expéditeur",
            "Un numéro international, un numéro court ou un service «\u00a0MG…\u00a0».",
        ),
        SettingField(
            "pays", "Pays où l’on écrit", "Un code de deux lettres par ligne.", SettingKind.TEXTS
        ),
        SettingField("mention", "Mention", "Ajoutée sous chaque SMS."),
        SettingField(
            "simplifier",
            "Écrire sans accents rares",
            "Un SMS coûte alors moins de parties.",
            SettingKind.FLAG,
            "non",
        ),
        SettingField("aide", "Réponse à AIDE", ""),
        SettingField("debit", "SMS par seconde", "0 : sans limite.", SettingKind.NUMBER, "10"),
    ),
    "Le compte chez le fournisseur, et le numéro d’où partent les SMS.",
    "sms",
)
