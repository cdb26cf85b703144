#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod admit;
mod announce;
mod begin_gift;
mod campaign_end;
mod capture;
mod check_books;
mod correspondence;
mod crash;
mod deliver_letter;
mod explained;
mod fold_totals;
mod follow;
mod house;
mod issue_receipt;
mod matched;
mod money_back;
mod outcome;
mod publish_update;
mod quote_gift;
mod receive_payment_event;
mod reconcile_payments;
mod record_payment;
mod refund_gift;
mod release_expired;
mod report_problem;
mod send_refund;
mod settings;
mod task;
mod tokens;

pub use admit::Client;
pub use announce::{Announce, Silence};
pub use begin_gift::{BeginGift, BeginRefused, Began, DonorDetails};
pub use explained::Explained;
pub use follow::FollowRefused;
pub use house::{Actions, House, Mode, Parts};
pub use outcome::Stop;
pub use publish_update::NewUpdate;
pub use quote_gift::{Quote, QuoteRefused};
pub use receive_payment_event::{EventRefused, Received};
pub use refund_gift::{RefundAsked, RefundRefusal};
pub use report_problem::ReportRefused;
pub use task::Task;
