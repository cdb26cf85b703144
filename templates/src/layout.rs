//! What surrounds a page: facts of the site, and of this request.

use std::sync::Arc;

use domain::people::PostalAddress;
use serde::Serialize;

/// What does not change from one request to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// `https://essaim.example`, without a final slash.
    pub base_url: String,
    /// True in the demonstration: a strip on each page says so.
    pub demo: bool,
    /// Path of the demonstration's mailbox, linked from the strip.
    pub mailbox: Option<String>,
    /// Who runs this site.
    pub operator: Operator,
}

/// The operator's data, from the configuration. The law asks for them (LCEN art. 6 III, RGPD
/// art. 13, code monétaire et financier for the ORIAS number of a crowdfunding intermediary).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operator {
    /// Name of the legal person.
    pub name: String,
    /// What it is: "association loi 1901".
    pub legal_form: String,
    /// Address.
    pub address: PostalAddress,
    /// Nine digits.
    pub siren: Option<String>,
    /// Number in the register of crowdfunding intermediaries.
    pub orias: Option<String>,
    /// Director of publication.
    pub publication_director: String,
    /// Name and address of the host.
    pub host: String,
    /// E-mail for questions.
    pub contact_email: String,
    /// E-mail for accessibility.
    pub accessibility_email: String,
    /// E-mail of the data protection officer.
    pub privacy_email: String,
    /// Telephone, as written.
    pub phone: Option<String>,
    /// Name of the payment provider.
    pub payment_provider: String,
}

/// What surrounds one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The site.
    pub site: Arc<Site>,
    /// Path of this page, the one search engines should keep: `/campagnes/x`.
    pub path: String,
    /// Light or dark, from the cookie.
    pub theme: Theme,
    /// The token against forged forms; nothing on pages that are cached for everybody.
    pub flow: Option<String>,
}

impl Layout {
    /// A layout for a page that anybody may see.
    #[must_use]
    pub fn new(site: Arc<Site>, path: impl Into<String>) -> Self {
        Self { site, path: path.into(), theme: Theme::Auto, flow: None }
    }

    /// With the theme of the cookie.
    #[must_use]
    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// With the token of the visitor's forms.
    #[must_use]
    pub fn with_flow(mut self, token: impl Into<String>) -> Self {
        self.flow = Some(token.into());
        self
    }
}

/// Light, dark, or as the device asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device asks.
    #[default]
    Auto,
    /// Light.
    Clair,
    /// Dark.
    Sombre,
}

impl Theme {
    /// The value in the cookie and in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Clair => "clair",
            Self::Sombre => "sombre",
        }
    }

    /// The theme of a cookie; anything else is `Auto`.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "clair" => Self::Clair,
            "sombre" => Self::Sombre,
            _ => Self::Auto,
        }
    }
}

/// The entry of the main menu that is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nav {
    /// None of them.
    None,
    /// The first page.
    Home,
    /// Campaigns.
    Campaigns,
    /// Rules.
    Rules,
    /// Transparency.
    Transparency,
    /// Help.
    Help,
    /// One's own pages, and the door to them.
    Space,
}

impl Site {
    /// A site with invented data, for samples.
    #[must_use]
    pub fn sample() -> Self {
        let address = PostalAddress {
            line: String::from("1, rue de l'Exemple"),
            postcode: String::from("75000"),
            city: String::from("Paris"),
            country: String::from("FR"),
        };
        Self {
            base_url: String::from("https://essaim.example"),
            demo: true,
            mailbox: Some(String::from("/courriels")),
            operator: Operator {
                name: String::from("Fonds de solidarités numériques (démonstration)"),
                legal_form: String::from("association loi 1901"),
                address,
                siren: Some(String::from("900 000 000")),
                orias: Some(String::from("00 000 000")),
                publication_director: String::from("Prénom Nom"),
                host: String::from("Hébergeur d'exemple, 2, rue de l'Exemple, 75000 Paris"),
                contact_email: String::from("bonjour@essaim.example"),
                accessibility_email: String::from("acces@essaim.example"),
                privacy_email: String::from("donnees@essaim.example"),
                phone: Some(String::from("01 00 00 00 00")),
                payment_provider: String::from("Stripe"),
            },
        }
    }
}
