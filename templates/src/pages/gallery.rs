//! Every page in every state, drawn: for the tests, and to look at.

use super::{
    Accessibility, AgreementPage, AnswerAddress, Campaign, Campaigns, ChangeAddress, ConfirmGift,
    DemoLetter, DemoMailbox, Desk, Erased, Erasure, Follow, Fund, Gift, Give, Help, Home,
    Identities, Ledgers, LegalNotices, LookUp, Members, NeedPage, Needs, NewAgreementPage,
    NewOrderPage, NotFound, Onward, OrderPage, Organisation, OrganisationCard, Page, Passkeys,
    PaymentRefused, PersonCard, PotPage, Pots, Privacy, ReceiptPage, Refused, RehearsalPage,
    RuleBook, RuleEditor, Rules, SealDay, ServerError, Sessions, SettingsPage, SignIn, SignInLink,
    SignInSent, Space, Statement, Team, Terms, Trail, Transparency, Unavailable, VerifyMatch,
    VerifyReceipt,
};
use crate::{Layout, PageError, Templates};

/// A page drawn in one of its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The template of the page: `gift`.
    pub page: &'static str,
    /// The state: `pending`.
    pub state: &'static str,
    /// The page.
    pub html: String,
}

/// Draws all samples of all pages.
///
/// # Errors
/// The first page that cannot be drawn.
pub fn gallery(templates: &Templates, layout: &Layout) -> Result<Vec<Drawn>, PageError> {
    let mut drawn = Vec::new();
    macro_rules! draw {
        ($($page:ty),+ $(,)?) => {
            $(draw_all::<$page>(templates, layout, &mut drawn)?;)+
        };
    }
    draw!(
        Home,
        Campaigns,
        Campaign,
        Give,
        ConfirmGift,
        PaymentRefused,
        Gift,
        Rules,
        Transparency,
        VerifyMatch,
        SealDay,
        Ledgers,
        VerifyReceipt,
        ReceiptPage,
        Follow,
        SignIn,
        SignInSent,
        SignInLink,
        Space,
        Passkeys,
        Sessions,
        ChangeAddress,
        AnswerAddress,
        Erasure,
        Erased,
        Identities,
        Onward,
        Organisation,
        Members,
        Desk,
        Team,
        LookUp,
        PersonCard,
        OrganisationCard,
        Trail,
        SettingsPage,
        Fund,
        RuleBook,
        RuleEditor,
        RehearsalPage,
        Pots,
        PotPage,
        NewAgreementPage,
        AgreementPage,
        NewOrderPage,
        OrderPage,
        Statement,
        Needs,
        NeedPage,
        Help,
        Terms,
        Privacy,
        Accessibility,
        LegalNotices,
        NotFound,
        ServerError,
        Unavailable,
        Refused,
        DemoMailbox,
        DemoLetter,
    );
    Ok(drawn)
}

fn draw_all<P: Page>(
    templates: &Templates,
    layout: &Layout,
    drawn: &mut Vec<Drawn>,
) -> Result<(), PageError> {
    for (state, page) in P::samples() {
        let html = templates.page(layout, &page)?;
        drawn.push(Drawn { page: P::TEMPLATE, state, html });
    }
    Ok(())
}
