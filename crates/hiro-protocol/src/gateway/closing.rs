//! Why the gateway ends a connection: one table of close codes and reasons.

use std::fmt;

use crate::gateway::refusal::{AuthRefusal, MissingPairingField};

/// A close reason has at most this many characters.
pub const MAX_REASON_CHARACTERS: usize = 120;
/// A close reason has at most this many bytes: a control frame has room for 125, two of which are the code.
pub const MAX_REASON_BYTES: usize = 123;

/// Why the gateway (or, for [`Closing::Replaced`], the server's plugin port) ends a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closing {
    /// The client got the desktop's answer to its pairing request.
    PairingComplete,
    /// The gateway stops.
    Shutdown,
    /// The peer broke the rules of WebSocket.
    ProtocolError,
    /// The peer sent a text that is not UTF-8.
    InvalidText,
    /// The peer sent a message that is too long.
    TooBig {
        /// The longest message that is taken, in bytes.
        limit: usize,
    },
    /// The peer did not answer a ping, or did not read.
    PingTimeout,
    /// More clients wait for their pairing than the gateway lets wait.
    TooManyPairings,
    /// Too many clients have not said who they are yet, and this one made room for another.
    TooManyStrangers,
    /// The login failed; the text of an [`AuthRefusal`].
    AuthRefused(String),
    /// The pairing request lacks a field.
    PairingFieldMissing(MissingPairingField),
    /// Nobody is there to answer a pairing request.
    NoDesktop,
    /// The desktop did not answer the pairing request.
    PairingTimeout,
    /// A peer of that name is connected already.
    Duplicate,
    /// Another plugin has registered under the same name.
    Replaced,
}

impl Closing {
    /// The code in the close frame.
    pub const fn code(&self) -> u16 {
        match self {
            Self::PairingComplete => 1000,
            Self::Shutdown => 1001,
            Self::ProtocolError => 1002,
            Self::InvalidText => 1007,
            Self::TooBig { .. } => 1009,
            Self::PingTimeout => 1011,
            Self::TooManyPairings | Self::TooManyStrangers => 1013,
            Self::AuthRefused(_) => 4003,
            Self::PairingFieldMissing(_) => 4004,
            Self::NoDesktop => 4006,
            Self::PairingTimeout => 4008,
            Self::Duplicate => 4009,
            Self::Replaced => 4010,
        }
    }

    /// The reason in the close frame: the text of `Display`, cut to what such a frame can hold.
    pub fn reason(&self) -> String {
        cut_reason(&self.to_string()).to_owned()
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PairingComplete => formatter.write_str("pairing complete"),
            Self::Shutdown => Ok(()),
            Self::ProtocolError => formatter.write_str("protocol error"),
            Self::InvalidText => formatter.write_str("text is not UTF-8"),
            Self::TooBig { limit } => write!(formatter, "frame exceeds limit of {limit} bytes"),
            Self::PingTimeout => formatter.write_str("keepalive ping timeout"),
            Self::TooManyPairings => formatter.write_str("too many pending pairings"),
            Self::TooManyStrangers => formatter.write_str("too many clients that are not logged in"),
            Self::AuthRefused(reason) => formatter.write_str(reason),
            Self::PairingFieldMissing(field) => field.fmt(formatter),
            Self::NoDesktop => formatter.write_str("desktop not connected"),
            Self::PairingTimeout => formatter.write_str("pairing timeout"),
            Self::Duplicate => formatter.write_str("device already connected"),
            Self::Replaced => formatter.write_str("replaced by newer registration"),
        }
    }
}

impl From<&AuthRefusal> for Closing {
    fn from(refusal: &AuthRefusal) -> Self {
        Self::AuthRefused(refusal.to_string())
    }
}

/// The longest beginning of `reason` that a close frame can hold, cut between characters.
pub fn cut_reason(reason: &str) -> &str {
    let end = reason
        .char_indices()
        .map(|(start, character)| start + character.len_utf8())
        .take(MAX_REASON_CHARACTERS)
        .take_while(|end| *end <= MAX_REASON_BYTES)
        .last();
    &reason[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Closing, MAX_REASON_BYTES, MAX_REASON_CHARACTERS, cut_reason};
    use crate::gateway::refusal::AuthRefusal;

    #[test]
    fn a_long_reason_is_cut_by_characters_or_by_bytes_whichever_comes_first() {
        assert_eq!(cut_reason(&"x".repeat(300)).len(), 120);
        assert_eq!(cut_reason(&"é".repeat(300)).len(), 122);
        assert_eq!(cut_reason(&"🦀".repeat(300)).len(), 120);
    }

    #[test]
    fn a_long_mode_gives_a_reason_that_fits_a_close_frame() {
        let closing = Closing::from(&AuthRefusal::UnsupportedMode("é".repeat(200)));
        assert_eq!(closing.code(), 4003);
        assert!(closing.reason().starts_with("unsupported auth_mode: éé"));
        assert!(closing.reason().len() <= MAX_REASON_BYTES);
    }

    #[test]
    fn a_shutdown_gives_no_reason() {
        assert_eq!((Closing::Shutdown.code(), Closing::Shutdown.reason().as_str()), (1001, ""));
    }

    proptest! {
        #[test]
        fn a_cut_reason_is_a_beginning_that_fits(reason in any::<String>(), repeats in 1_usize..40) {
            let reason = reason.repeat(repeats);
            let cut = cut_reason(&reason);
            assert!(reason.starts_with(cut));
            assert!(cut.len() <= MAX_REASON_BYTES && cut.chars().count() <= MAX_REASON_CHARACTERS);
            assert!(cut == reason || cut.len() > MAX_REASON_BYTES - 4 || cut.chars().count() == MAX_REASON_CHARACTERS);
        }
    }
}
