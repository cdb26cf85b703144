#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod event;
pub mod gateway;
pub mod sandbox;
pub mod stripe;

pub use event::{PaymentEvent, UnverifiedEvent, VerifyError, read_event, verify};
pub use gateway::{
    Checkout, CheckoutRequest, DisputeObject, DisputeStatus, EventPage, Gateway, GatewayError,
    ListedEvent, PaymentObject, PaymentStatus, ProviderRef, RefundObject, RefundRequest,
    RefundStatus,
};
pub use stripe::{Misconfigured, StripeConfig, StripeGateway};
