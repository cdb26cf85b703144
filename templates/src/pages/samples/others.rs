use super::{NOW, text};
use crate::pages::{
    DemoLetter, DemoMailbox, Follow, Refused,
    demo_mail::{Attachment, DemoAccount, LetterLine},
    follow::FollowStep,
    refused::RefusedReason,
};

pub fn follows() -> Vec<(&'static str, Follow)> {
    let page = |step, slug: &str| Follow {
        step,
        slug: text(slug),
        campaign: text("Le bus des démarches"),
        action: text("/suivi/a4f0"),
    };
    let slug = "le-bus-des-demarches-de-la-creuse";
    vec![
        ("asked", page(FollowStep::Asked, slug)),
        ("confirm_ask", page(FollowStep::ConfirmAsk, slug)),
        ("confirmed", page(FollowStep::Confirmed, slug)),
        ("stop_ask", page(FollowStep::StopAsk, slug)),
        ("stopped", page(FollowStep::Stopped, slug)),
        ("unknown", page(FollowStep::Unknown, "")),
    ]
}

pub fn refusals() -> Vec<(&'static str, Refused)> {
    let way_out = Some((text("/campagnes/kaz-numerik"), text("Revenir au projet")));
    let page = |why| Refused { why, way_out: way_out.clone() };
    let campaign = text("Kaz Numérik");
    let detail = Some(text("Le montant « 0,001 » a plus de deux décimales."));
    vec![
        ("bad_request", Refused { way_out: None, ..page(RefusedReason::BadRequest) }),
        ("form_expired", page(RefusedReason::FormExpired)),
        ("wrong_method", page(RefusedReason::WrongMethod)),
        ("already_done", page(RefusedReason::AlreadyDone)),
        ("campaign_closed", page(RefusedReason::CampaignClosed { campaign })),
        ("reservation_over", page(RefusedReason::ReservationOver)),
        ("too_large", page(RefusedReason::TooLarge)),
        ("not_understood", page(RefusedReason::NotUnderstood { detail })),
        ("not_understood_bare", page(RefusedReason::NotUnderstood { detail: None })),
        ("too_many", page(RefusedReason::TooMany { minutes: 1 })),
        ("refund_over", page(RefusedReason::RefundOver)),
        ("not_allowed", page(RefusedReason::NotAllowed)),
        ("receipt_link_over", Refused { way_out: None, ..page(RefusedReason::ReceiptLinkOver) }),
    ]
}

pub fn mailboxes() -> Vec<(&'static str, DemoMailbox)> {
    let line = |subject: &str, attachments| LetterLine {
        path: text("/courriels/1"),
        to: text("camille.lefevre@exemple.fr"),
        subject: text(subject),
        at: NOW,
        attachments,
    };
    let full = DemoMailbox {
        letters: vec![
            line("Vos 20 € en sont devenus 52", 0),
            line("Votre reçu fiscal CLEF-2026-000419", 1),
        ],
        total: 3_127,
        to: text("camille.lefevre@exemple.fr"),
        older: Some(text("/courriels?page=2")),
        accounts: Vec::new(),
    };
    let account = DemoAccount { email: text("fonds@exemple.fr"), words: text("Pilotage du fonds") };
    let accounts = vec![account];
    let empty =
        DemoMailbox { letters: Vec::new(), total: 0, to: String::new(), older: None, accounts };
    vec![("default", full), ("empty", empty)]
}

pub fn demo_letters() -> Vec<(&'static str, DemoLetter)> {
    let full = DemoLetter {
        mailbox_path: text("/courriels"),
        from: text("Essaim <bonjour@essaim.example>"),
        to: text("camille.lefevre@exemple.fr"),
        subject: text("Votre reçu fiscal CLEF-2026-000419"),
        at: NOW,
        text: text("Bonjour Camille,\n\nVotre reçu est joint : gardez-le !\n"),
        html_path: Some(text("/courriels/1/html")),
        attachments: vec![Attachment {
            name: text("recu-CLEF-2026-000419.pdf"),
            path: text("/courriels/1/pieces/1"),
            bytes: 41_237,
        }],
        headers: vec![(text("Message-ID"), text("<1@essaim.example>"))],
    };
    let plain = DemoLetter {
        html_path: None,
        attachments: Vec::new(),
        headers: Vec::new(),
        ..full.clone()
    };
    vec![("receipt", full), ("text_only", plain)]
}
