//! What a visitor asks of the list: filters, order, page; read from the address and written back.

use domain::{
    campaign::{Category, Stage},
    place::{self, Commune},
};
use store::pages::list::Listed;
use templates::pages::campaigns::Sort;

use crate::web::query;

/// A search longer than this is no search.
const LONGEST: usize = 200;

/// The filters. Within one, any value will do; all filters hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Words.
    pub q: String,
    /// A département, or `rural`, `prioritaire`, `outre-mer`.
    pub territory: Option<String>,
    /// Pathway codes.
    pub categories: Vec<String>,
    /// Codes of publics.
    pub publics: Vec<String>,
    /// Codes of services.
    pub services: Vec<String>,
    /// Stage codes.
    pub stages: Vec<String>,
    /// Codes of RSE axes.
    pub axes: Vec<String>,
    /// The order, when one was chosen.
    pub sort: Option<Sort>,
    /// A commune as typed.
    pub around: String,
    /// The page, from 1.
    pub page: u32,
}

/// The filters that are counted, so that a box says how many it would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// `dep`
    Territory,
    /// `parcours`
    Category,
    /// `public`
    Publics,
    /// `service`
    Services,
    /// `stade`
    Stage,
    /// `rse`
    Axes,
}

impl Facet {
    const ALL: [Self; 6] =
        [Self::Territory, Self::Category, Self::Publics, Self::Services, Self::Stage, Self::Axes];
}

impl Asked {
    /// Reads an address; what it does not know is left out.
    #[must_use]
    pub fn read(address: &str) -> Self {
        let mut asked = Self { page: 1, ..Self::default() };
        let typed = address.split_once('?').map_or("", |(_, typed)| typed);
        for (name, value) in query::pairs(typed.as_bytes()) {
            let value: String = value.trim().chars().take(LONGEST).collect();
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "q" => asked.q = value,
                "dep" => asked.territory = Some(value),
                "parcours" if Category::from_code(&value).is_some() => {
                    asked.categories.push(value);
                }
                "public" => asked.publics.push(value),
                "service" => asked.services.push(value),
                "stade" if Stage::from_code(&value).is_some() => asked.stages.push(value),
                "rse" => asked.axes.push(value),
                "tri" => asked.sort = Sort::from_code(&value),
                "autour" => asked.around = value,
                "page" => asked.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        asked
    }

    /// The address of another page of the same list; the first page has no number.
    #[must_use]
    pub fn address(&self, page: u32) -> String {
        let number = page.to_string();
        let mut pairs = self.pairs();
        if page > 1 {
            pairs.push(("page", &number));
        }
        if pairs.is_empty() {
            return "/campagnes".to_owned();
        }
        format!("/campagnes?{}", query::written(pairs))
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        pairs.extend((!self.q.is_empty()).then_some(("q", self.q.as_str())));
        pairs.extend(self.territory.iter().map(|code| ("dep", code.as_str())));
        for (name, values) in [
            ("parcours", &self.categories),
            ("public", &self.publics),
            ("service", &self.services),
            ("stade", &self.stages),
            ("rse", &self.axes),
        ] {
            pairs.extend(values.iter().map(|value| (name, value.as_str())));
        }
        pairs.extend(self.sort.iter().map(|sort| ("tri", sort.code())));
        pairs.extend((!self.around.is_empty()).then_some(("autour", self.around.as_str())));
        pairs
    }

    /// The commune that is meant.
    #[must_use]
    pub fn commune(&self) -> Option<&'static Commune> {
        if self.around.is_empty() {
            return None;
        }
        place::find(&self.around, 1).into_iter().next()
    }

    /// The order that applies.
    #[must_use]
    pub fn order(&self, around: Option<&Commune>) -> Sort {
        match self.sort {
            Some(Sort::Distance) if around.is_none() => Sort::EndingSoon,
            Some(Sort::Relevance) if self.q.is_empty() => Sort::EndingSoon,
            Some(sort) => sort,
            None if around.is_some() => Sort::Distance,
            None if !self.q.is_empty() => Sort::Relevance,
            None => Sort::EndingSoon,
        }
    }

    /// True when a campaign passes every filter but one.
    #[must_use]
    pub fn admits(&self, listed: &Listed, all_but: Option<Facet>) -> bool {
        Facet::ALL
            .into_iter()
            .filter(|facet| Some(*facet) != all_but)
            .all(|facet| self.passes(listed, facet))
    }

    fn passes(&self, listed: &Listed, facet: Facet) -> bool {
        let one = |wanted: &[String], code: &String| wanted.is_empty() || wanted.contains(code);
        let any = |wanted: &[String], codes: &[String]| {
            wanted.is_empty() || wanted.iter().any(|code| codes.contains(code))
        };
        match facet {
            Facet::Territory => {
                self.territory.as_ref().is_none_or(|wanted| in_territory(listed, wanted))
            }
            Facet::Category => one(&self.categories, &listed.category),
            Facet::Stage => one(&self.stages, &listed.stage),
            Facet::Publics => any(&self.publics, &listed.publics),
            Facet::Services => any(&self.services, &listed.services),
            Facet::Axes => any(&self.axes, &listed.axes_rse),
        }
    }
}

fn in_territory(listed: &Listed, wanted: &str) -> bool {
    match wanted {
        "rural" => listed.rural,
        "prioritaire" => listed.priority,
        "outre-mer" => place::departement(&listed.departement).is_some_and(|d| d.is_overseas()),
        code => listed.departement == code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_back() {
        let address = "/campagnes?q=bus&dep=23&parcours=urgence&parcours=inclusion&tri=manque";
        let asked = Asked::read(&format!("{address}&page=3&inconnu=1&stade=nulle-part"));
        assert_eq!(asked.page, 3);
        assert_eq!(asked.categories, ["urgence", "inclusion"]);
        assert_eq!(asked.sort, Some(Sort::ToComplete));
        assert_eq!(asked.stages, [""; 0]);
        assert_eq!(asked.address(1), address);
        assert_eq!(asked.address(2), format!("{address}&page=2"));
        assert_eq!(Asked::read("/campagnes").address(1), "/campagnes");
    }

    #[test]
    fn nonsense_in_an_address_is_left_out() {
        let asked = Asked::read("/campagnes?page=-1&tri=prix&dep=&q=++");
        assert_eq!(asked, Asked { page: 1, ..Asked::default() });
        assert_eq!(Asked::read(&format!("/campagnes?q={}", "a".repeat(5_000))).q.len(), LONGEST);
    }

    #[test]
    fn the_order_is_one_that_makes_sense() {
        let asked = |address| Asked::read(address);
        assert_eq!(asked("/campagnes").order(None), Sort::EndingSoon);
        assert_eq!(asked("/campagnes?q=bus").order(None), Sort::Relevance);
        assert_eq!(asked("/campagnes?tri=distance").order(None), Sort::EndingSoon);
        let near = asked("/campagnes?autour=gueret");
        assert_eq!(near.order(near.commune()), Sort::Distance);
    }
}
