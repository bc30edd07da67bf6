//! The challenge of a login: 32 random bytes, written as 64 lower-case hexadecimal digits.
//!
//! What a client signs are the bytes, not their hexadecimal text; [`Nonce::as_bytes`] is therefore what goes into
//! [`crate::keys::PublicKey::verify_base64`].

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// How many random bytes a challenge has.
pub const NONCE_BYTES: usize = 32;

/// The challenge that one connection has to sign.
///
/// ```
/// use hiro_protocol::nonce::Nonce;
///
/// let nonce = Nonce::generate();
/// assert_eq!(nonce.to_string().parse::<Nonce>(), Ok(nonce));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; NONCE_BYTES]);

/// A text that is no challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a nonce is 64 lower-case hexadecimal digits")]
#[non_exhaustive]
pub struct NonceError;

impl Nonce {
    /// A challenge that nobody has seen before.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    pub fn generate() -> Self {
        let mut bytes = [0; NONCE_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// The bytes that a client signs.
    pub fn as_bytes(&self) -> &[u8; NONCE_BYTES] {
        &self.0
    }
}

impl From<[u8; NONCE_BYTES]> for Nonce {
    fn from(bytes: [u8; NONCE_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&lower_hex(&self.0))
    }
}

impl FromStr for Nonce {
    type Err = NonceError;

    fn from_str(text: &str) -> Result<Self, NonceError> {
        let digits = text.as_bytes();
        if digits.len() != 2 * NONCE_BYTES {
            return Err(NonceError);
        }
        let mut bytes = [0; NONCE_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// `bytes` as lower-case hexadecimal digits.
pub(crate) fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything that is written to it");
        text
    })
}

fn hex_digit(digit: u8) -> Result<u8, NonceError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NonceError),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Nonce, NonceError};

    #[test]
    fn a_nonce_is_64_lower_case_hexadecimal_digits() {
        let nonce = Nonce::from([0xAB; 32]);
        assert_eq!(nonce.to_string(), "ab".repeat(32));
        assert_eq!(serde_json::to_string(&nonce).unwrap(), format!("\"{}\"", "ab".repeat(32)));
    }

    #[test]
    fn what_is_not_64_lower_case_digits_is_refused() {
        for text in ["", "ab", &"AB".repeat(32), &"zz".repeat(32), &"é".repeat(32), &"ab".repeat(33)] {
            assert_eq!(text.parse::<Nonce>(), Err(NonceError), "`{text}`");
        }
    }

    #[test]
    fn two_nonces_differ() {
        assert_ne!(Nonce::generate(), Nonce::generate());
    }

    proptest! {
        #[test]
        fn every_nonce_reads_back(bytes in any::<[u8; 32]>()) {
            let nonce = Nonce::from(bytes);
            assert_eq!(nonce.to_string().parse(), Ok(nonce));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<Nonce>();
        }
    }
}
