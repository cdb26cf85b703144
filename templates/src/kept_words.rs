//! The French words of what is kept about people.

/// Data about people, as the page about them names it.
pub const KEPT: [(&str, &str); 14] = [
    ("person", "Adresse électronique ; identités ProConnect, FranceConnect, et leur SIRET"),
    ("request", "Demandes de lien : se connecter, confirmer, changer d’adresse"),
    ("connection", "Adresse de votre connexion, sous une forme chiffrée"),
    ("unpaid_gift", "Nom et adresse postale d’un don qui n’a pas été payé"),
    ("unconfirmed_follow", "Projet à suivre, sans confirmation de votre part"),
    ("ended_follow", "Projet suivi"),
    ("invitation", "Invitation à agir pour une structure"),
    ("session", "Connexions : appareil, dates"),
    ("letter", "Texte des messages envoyés"),
    ("report", "Signalement d’un problème"),
    ("payment", "Marque de la carte, messages de l’établissement de paiement"),
    ("trail", "Qui a changé un accès, et quand"),
    ("receipt", "Reçu fiscal, nom et adresse postale"),
    ("books", "Montant, date, projet, références du paiement"),
];

/// Why they are kept, and on which ground (RGPD, art. 6).
pub const KEPT_WHY: [(&str, &str); 14] = [
    ("person", "Confirmer vos dons, envoyer les reçus, vous laisser entrer (contrat)"),
    ("request", "Vous reconnaître (contrat)"),
    ("connection", "Empêcher l’essai de cartes volées et de codes (intérêt légitime)"),
    ("unpaid_gift", "Reprendre un paiement tardif (contrat)"),
    ("unconfirmed_follow", "Attendre votre confirmation (consentement)"),
    ("ended_follow", "Vous écrire (consentement)"),
    ("invitation", "Savoir qui a été invité (intérêt légitime)"),
    ("session", "Vous les montrer, repérer un vol (intérêt légitime)"),
    ("letter", "Répondre à vos questions (contrat)"),
    ("report", "Y donner suite (intérêt légitime)"),
    ("payment", "Traiter une contestation (contrat)"),
    ("trail", "Retrouver la cause d’un incident (intérêt légitime)"),
    ("receipt", "Le prouver à l’administration (obligation légale)"),
    ("books", "Comptabilité (obligation légale)"),
];

/// From when their term is counted.
pub const KEPT_SINCE: [(&str, &str); 14] = [
    (
        "person",
        "après votre dernier don, votre dernière connexion ou la fin du dernier projet suivi",
    ),
    ("request", "après la demande"),
    ("connection", "après la demande"),
    ("unpaid_gift", "après la demande"),
    ("unconfirmed_follow", "après la demande"),
    ("ended_follow", "après votre arrêt, pour prouver qu’il a été entendu"),
    ("invitation", "après la réponse ou l’échéance"),
    ("session", "après leur dernier usage"),
    ("letter", "après l’envoi"),
    ("report", "après l’envoi"),
    ("payment", "après le paiement"),
    ("trail", "après le changement"),
    ("receipt", "qui suit celle du reçu"),
    ("books", "qui suit celle du don"),
];
