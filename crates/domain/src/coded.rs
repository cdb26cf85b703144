//! Closed lists of words that also stand in files, in addresses and in the database.

/// An enum whose every value has one code: written by serde, answered by `code`, read by
/// `from_code`, listed by `ALL`. The calling package needs serde.
///
/// ```
/// domain::coded!(
///     /// How a bus drives.
///     Pace {
///         /// With time.
///         Slow = "slow",
///         /// Without.
///         Fast = "fast",
///     }
/// );
/// assert_eq!(Pace::from_code("fast"), Some(Pace::Fast));
/// assert_eq!(Pace::ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code in files, addresses and the database.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The value of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }
    };
}
