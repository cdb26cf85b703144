//! Bounce mails (RFC 3464) and complaints (RFC 5965).

use domain::{ids::LetterId, people::EmailAddress};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use uuid::Uuid;

use super::{
    Bounce, Enhanced,
    reply::{of_enhanced, of_reply},
};

/// What a bounce mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The letter of ours that it is about, read from the Message-ID it quotes.
    pub letter: Option<LetterId>,
    /// The address that failed.
    pub recipient: Option<EmailAddress>,
    /// The status.
    pub enhanced: Option<Enhanced>,
    /// What to conclude.
    pub bounce: Bounce,
}

/// Reads a mail that came back. Nothing when it is not a report of a failure: an answer, an
/// out-of-office note, a delay, a success.
///
/// A report can be forged: act on it only when `letter` is one that was sent to `recipient`.
#[must_use]
pub fn read_report(raw: &[u8]) -> Option<Report> {
    let mail = MessageParser::default().parse(raw)?;
    let part = |kind: &str| mail.parts.iter().find(|part| media_type(part) == kind);
    if let Some(feedback) = part("message/feedback-report") {
        let fields = fields(feedback);
        return Some(Report {
            letter: quoted_letter(&mail),
            recipient: field(&fields, "original-rcpt-to").and_then(address),
            enhanced: None,
            bounce: Bounce::Complaint,
        });
    }
    let fields = fields(part("message/delivery-status")?);
    if !field(&fields, "action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    let enhanced = field(&fields, "status").and_then(Enhanced::leading);
    Some(Report {
        letter: quoted_letter(&mail),
        recipient: field(&fields, "final-recipient").and_then(address),
        enhanced,
        bounce: judge(enhanced, field(&fields, "diagnostic-code")),
    })
}

/// The server's own sentence says more than the status, which some relays set to 5.0.0.
fn judge(enhanced: Option<Enhanced>, diagnostic: Option<&str>) -> Bounce {
    let sentence = diagnostic.and_then(|text| text.split_once(';')).map(|(_, text)| text.trim());
    let reply = sentence.and_then(|text| {
        let (code, rest) = text.split_at_checked(3)?;
        Some((code.parse::<u16>().ok().filter(|code| (400..600).contains(code))?, rest))
    });
    match (reply, enhanced) {
        (Some((code, rest)), _) => of_reply(code, rest.trim_start_matches([' ', '-']), true),
        (None, Some(enhanced)) => of_enhanced(enhanced),
        (None, None) => Bounce::Soft,
    }
}

fn media_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(String::new, |full| {
        format!("{}/{}", full.ctype(), full.subtype().unwrap_or_default()).to_lowercase()
    })
}

/// Names in lower case and values, folded lines joined.
fn fields(part: &MessagePart<'_>) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(part.contents()).into_owned();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => {
                fields.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
            _ => {}
        }
    }
    fields
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

/// `rfc822; someone@example.fr`, or `<someone@example.fr>`.
fn address(value: &str) -> Option<EmailAddress> {
    let value = value.split_once(';').map_or(value, |(_, address)| address);
    value.trim().trim_start_matches('<').trim_end_matches('>').parse().ok()
}

/// The Message-ID of the letter that the report quotes, whole or only its headers; else the one it
/// answers to.
fn quoted_letter(mail: &Message<'_>) -> Option<LetterId> {
    let quoted = mail.parts.iter().find_map(|part| match &part.body {
        PartType::Message(original) => original.message_id().and_then(letter_id),
        _ if media_type(part) == "text/rfc822-headers" => {
            field(&fields(part), "message-id").and_then(letter_id)
        }
        _ => None,
    });
    quoted.or_else(|| mail.in_reply_to().as_text().and_then(letter_id))
}

fn letter_id(message_id: &str) -> Option<LetterId> {
    let (id, _) = message_id.trim().trim_start_matches('<').split_once('@')?;
    Uuid::parse_str(id).ok().map(LetterId::new)
}
