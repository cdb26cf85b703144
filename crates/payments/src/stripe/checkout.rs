//! Opening the payment page.

use std::collections::HashMap;

use domain::gift::PaymentMethod;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing,
    CreateCheckoutSessionAllowedPaymentMethodTypes as Allowed, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataTransferData, ProductData,
};
use stripe_shared::{CheckoutSessionLocale, CheckoutSessionMode};
use stripe_types::Currency;

use super::{StripeGateway, answers::Session, call::REUSED_KEY};
use crate::gateway::{Checkout, CheckoutRequest, GatewayError};

impl StripeGateway {
    /// The key comes from the gift. Stripe refuses a key that comes back with other parameters (another
    /// `expires_at`, say): the page that is already open is then the answer.
    pub(super) async fn open(&self, request: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        let key = format!("don:{}", request.gift);
        let answer = self.write::<Session>(&session(request), Some(&key)).await;
        let session = match answer {
            Err(GatewayError::Refused { code, message }) if code == REUSED_KEY => {
                let open = self.session_of(request.gift).await?;
                open.ok_or(GatewayError::Refused { code, message })?
            }
            other => other?,
        };
        let Some(url) = session.url else {
            // Stripe takes the address away once the page is closed.
            let code = "checkout_closed".to_owned();
            return Err(GatewayError::Refused { code, message: session.id });
        };
        let payment_intent = session.payment_intent.as_ref().map(|intent| intent.id().to_owned());
        Ok(Checkout { session_id: session.id, url, payment_intent })
    }
}

fn session(request: &CheckoutRequest) -> CreateCheckoutSession {
    let gift = request.gift.to_string();
    let metadata = HashMap::from([
        ("gift".to_owned(), gift.clone()),
        ("instance".to_owned(), request.instance.clone()),
    ]);
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::EUR);
    price.unit_amount = Some(request.amount.get());
    price.product_data = Some(ProductData::new(request.label.clone()));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    // Decision 17: the money is the holder's, who is also the merchant of record.
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(metadata.clone());
    intent.on_behalf_of = Some(request.destination.clone());
    let to = CreateCheckoutSessionPaymentIntentDataTransferData::new(request.destination.clone());
    intent.transfer_data = Some(to);
    // Version 2026-09-30 took `payment_method_types` away from the parameters of a session: this list
    // replaces it, and the means must also be switched on for the account.
    let method = match request.method {
        PaymentMethod::Card => Allowed::Card,
        PaymentMethod::SepaDebit => Allowed::SepaDebit,
    };
    // Otherwise a visitor from abroad could be asked another currency than euros.
    let mut pricing = CreateCheckoutSessionAdaptivePricing::new();
    pricing.enabled = Some(false);
    let mut session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .allowed_payment_method_types(vec![method])
        .adaptive_pricing(pricing)
        .payment_intent_data(intent)
        .metadata(metadata)
        .client_reference_id(gift)
        .success_url(request.success_url.clone())
        .cancel_url(request.cancel_url.clone())
        .expires_at(request.expires_at.unix_timestamp())
        .locale(CheckoutSessionLocale::Fr);
    if let Some(email) = &request.email {
        session = session.customer_email(email.as_str());
    }
    session
}
