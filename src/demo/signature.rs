//! Signatures of invented people: a hand drawn from the name, always the same, nobody's own.

use std::fmt::Write;

use actions::{Actions, NewCampaign};
use domain::ids::OrganisationId;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The widest a signature goes, in the units of its own image of 240 by 80.
const EDGE: i32 = 226;

/// Every holder entrusts its representative's signature.
///
/// # Errors
/// When the database refuses.
pub async fn entrust(
    actions: &Actions,
    campaigns: &[NewCampaign],
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    for holder in campaigns.iter().map(|one| &one.holder) {
        let organisation = OrganisationId::new(holder.id.clone());
        let hand = drawn(&holder.representative_name);
        let kept = actions.keep_signature(&organisation, &hand, now).await;
        kept.map_err(|stop| anyhow::anyhow!("a signature is not kept: {stop:?}"))?;
    }
    Ok(())
}

/// An SVG image: a tall loop for each capital, a line that hurries through the other letters, and a
/// flourish below.
#[must_use]
pub fn drawn(name: &str) -> String {
    let mut hand = Hand { dice: Sha256::digest(name).to_vec(), throws: 0 };
    let mut path = String::new();
    let mut x = 12;
    for word in name.split_whitespace() {
        let letters = word.chars().count().min(12);
        x = hand.capital(&mut path, x);
        for _ in 1..letters {
            x = hand.letter(&mut path, x);
        }
        x = (x + hand.between(6, 12)).min(EDGE - 30);
    }
    let (left, right) = (hand.between(14, 44), hand.between(180, EDGE));
    let (above, below) = (hand.between(50, 62), hand.between(64, 78));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 80\" width=\"240\" \
         height=\"80\"><g fill=\"none\" stroke=\"#10265f\" stroke-width=\"2.2\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\"><path d=\"{path}\"/>\
         <path d=\"M{left} {below}C90 {above} 150 {below} {right} {above}\"/></g></svg>"
    )
}

/// What makes one hand unlike another.
struct Hand {
    dice: Vec<u8>,
    throws: usize,
}

impl Hand {
    fn between(&mut self, least: i32, most: i32) -> i32 {
        let thrown = self.dice.get(self.throws % self.dice.len()).copied().unwrap_or(0);
        // Later throws read the same dice otherwise, or long names would repeat themselves.
        let turned = i32::from(thrown.rotate_left(u32::from(self.throws > 31) * 3));
        self.throws += 1;
        least + turned % (most - least + 1)
    }

    fn capital(&mut self, path: &mut String, x: i32) -> i32 {
        let (top, waist, foot) = (self.between(6, 18), self.between(30, 44), self.between(52, 64));
        let end = x + self.between(14, 24);
        line(path, format_args!("M{x} {foot}C{x} {top} {end} {top} {end} {waist}"));
        line(path, format_args!("S{x} {foot} {end} 52"));
        end
    }

    fn letter(&mut self, path: &mut String, x: i32) -> i32 {
        let (up, down, end) = (self.between(34, 48), self.between(50, 60), self.between(46, 54));
        let step = self.between(5, 10);
        let next = (x + step).min(EDGE);
        line(path, format_args!("C{} {up} {} {down} {next} {end}", x + 2, next - 2));
        next
    }
}

fn line(path: &mut String, drawn: std::fmt::Arguments<'_>) {
    // Writing into a string has no way to fail.
    let _ = path.write_fmt(drawn);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_has_a_hand_of_its_own_and_keeps_it() {
        let names = ["Solange Chabrat", "Solange Chabrot", "Ana", "Jean-Baptiste de La Fontaine"];
        let drawings: BTreeSet<String> = names.iter().map(|name| drawn(name)).collect();
        assert_eq!(drawings.len(), names.len());
        assert_eq!(drawn(names[0]), drawn(names[0]));
        assert!(drawings.iter().all(|svg| documents::Signature::prints(svg)));
    }

    #[test]
    fn no_two_organisations_of_the_demonstration_sign_alike() {
        let staged = crate::demo::catalogue::campaigns(OffsetDateTime::now_utc()).unwrap();
        let holders: BTreeSet<_> = staged.iter().map(|one| &one.new.holder.id).collect();
        let hands = staged.iter().map(|one| drawn(&one.new.holder.representative_name));
        assert_eq!(hands.collect::<BTreeSet<_>>().len(), holders.len());
    }
}
