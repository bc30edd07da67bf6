//! Ed25519 keys in the spellings that the Python packages use: PKCS#8 PEM for the secret one, standard base64 for
//! public keys and signatures.
//!
//! Reading and writing the key file is the caller's business.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{self, DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

/// A text that is no key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not standard, padded base64.
    #[error("the public key is not standard base64")]
    Base64(#[source] base64::DecodeError),
    /// The text stands for another number of bytes than a key has.
    #[error("a public key has 32 bytes, not {found}")]
    Length {
        /// How many bytes the text stands for.
        found: usize,
    },
    /// The bytes are not a point on the curve.
    #[error("the bytes are not an Ed25519 public key")]
    NoPoint(#[source] ed25519_dalek::SignatureError),
    /// The text is not an unencrypted PKCS#8 PEM of an Ed25519 key.
    #[error("the text is not an unencrypted Ed25519 private key in PKCS#8 PEM form")]
    Pem(#[source] pkcs8::Error),
}

/// A signature that does not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The text is not standard, padded base64.
    #[error("the signature is not standard base64")]
    Base64(#[source] base64::DecodeError),
    /// The text does not stand for 64 bytes, or the signature is not of this key and this message.
    #[error("the signature does not fit the key and the message")]
    Mismatch(#[source] ed25519_dalek::SignatureError),
    /// What should have been the signer's key is none.
    #[error("the signer's public key is unusable")]
    Key(#[source] KeyError),
}

/// A key that signs. Neither `Debug` nor an error ever shows it.
///
/// ```
/// use hiro_protocol::keys::SecretKey;
///
/// let key = SecretKey::generate();
/// let signature = key.sign_base64(b"hello");
/// assert!(key.public_key().verify_base64(b"hello", &signature).is_ok());
/// ```
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A key that nobody has seen before.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    pub fn generate() -> Self {
        let mut seed = ed25519_dalek::SecretKey::default();
        getrandom::fill(&mut seed).expect("the operating system gives random bytes");
        Self(SigningKey::from_bytes(&seed))
    }

    /// The key in `pem`, an unencrypted PKCS#8 text.
    ///
    /// # Errors
    /// [`KeyError::Pem`] when the text is anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_pem(pem).map(Self).map_err(KeyError::Pem)
    }

    /// The key as the 119 bytes that `master_key.pem` holds: PKCS#8 without the public half, LF line ends.
    pub fn to_pem(&self) -> String {
        let pair = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        let pem = pair.to_pkcs8_pem(LineEnding::LF).expect("32 bytes fit a PKCS#8 document");
        pem.as_str().to_owned()
    }

    /// The half that others may know.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature over `message`, in base64.
    pub fn sign_base64(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SecretKey").field("public_key", &self.public_key()).finish_non_exhaustive()
    }
}

/// A key that checks signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key that `text` spells: standard alphabet, padded, 32 bytes.
    ///
    /// # Errors
    /// Why the text is no key.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(text).map_err(KeyError::Base64)?;
        let bytes: [u8; 32] =
            bytes.as_slice().try_into().map_err(|_| KeyError::Length { found: bytes.len() })?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(KeyError::NoPoint)
    }

    /// The key in the spelling that [`PublicKey::from_base64`] reads.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    /// Whether `signature_base64` is this key's signature over `message`.
    ///
    /// Keys of small order verify nothing: with them one signature would fit every message.
    ///
    /// # Errors
    /// Why the signature does not hold.
    pub fn verify_base64(&self, message: &[u8], signature_base64: &str) -> Result<(), SignatureError> {
        let bytes = STANDARD.decode(signature_base64).map_err(SignatureError::Base64)?;
        let signature = Signature::from_slice(&bytes).map_err(SignatureError::Mismatch)?;
        self.0.verify_strict(message, &signature).map_err(SignatureError::Mismatch)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({})", self.to_base64())
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, PublicKey, SecretKey, SignatureError};

    /// Written by Python's `cryptography` for the seed of 32 bytes 0x07.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n";
    const PUBLIC_KEY: &str = "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=";
    const SIGNATURE_OF_HELLO: &str =
        "NZoxWSDZVBw8wqHdGDnz5AvyM1ih2TpuvYMDwDEM61Al5nkiKrAWtNgixQAeeH4AwM6qasPG6AJIqUS9RxBPDA==";

    #[test]
    fn a_pem_of_the_python_packages_reads_and_writes_back_byte_for_byte() {
        let key = SecretKey::from_pem(PEM).unwrap();
        assert_eq!(key.public_key().to_base64(), PUBLIC_KEY);
        assert_eq!(key.to_pem(), PEM);
        assert_eq!(PEM.len(), 119);
    }

    #[test]
    fn a_pem_with_windows_line_ends_reads_too() {
        let key = SecretKey::from_pem(&PEM.replace('\n', "\r\n")).unwrap();
        assert_eq!(key.to_pem(), PEM);
    }

    #[test]
    fn a_signature_is_the_one_that_python_makes() {
        let key = SecretKey::from_pem(PEM).unwrap();
        assert_eq!(key.sign_base64(b"hello"), SIGNATURE_OF_HELLO);
        PublicKey::from_base64(PUBLIC_KEY).unwrap().verify_base64(b"hello", SIGNATURE_OF_HELLO).unwrap();
    }

    #[test]
    fn a_signature_over_other_bytes_does_not_hold() {
        let key = PublicKey::from_base64(PUBLIC_KEY).unwrap();
        for (message, signature) in [("hallo", SIGNATURE_OF_HELLO), ("hello", ""), ("hello", "AAAA")] {
            let refused = key.verify_base64(message.as_bytes(), signature);
            assert!(matches!(refused, Err(SignatureError::Mismatch(_))), "{message} {signature}");
        }
        assert!(matches!(key.verify_base64(b"hello", "%"), Err(SignatureError::Base64(_))));
    }

    #[test]
    fn a_public_key_is_strict_padded_base64_of_32_bytes() {
        let unpadded = PUBLIC_KEY.trim_end_matches('=');
        let spaced = format!(" {PUBLIC_KEY}");
        let url_safe = "-".repeat(43) + "=";
        for text in [unpadded, &spaced, &url_safe] {
            assert!(matches!(PublicKey::from_base64(text), Err(KeyError::Base64(_))), "`{text}`");
        }
        assert!(matches!(PublicKey::from_base64("AAAA"), Err(KeyError::Length { found: 3 })));
        assert!(matches!(PublicKey::from_base64(""), Err(KeyError::Length { found: 0 })));
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let identity = format!("AQ{}=", "A".repeat(41));
        let key = PublicKey::from_base64(&identity).unwrap();
        let forged = format!("AQ{}==", "A".repeat(84));
        assert!(key.verify_base64(b"anything", &forged).is_err());
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let key = SecretKey::from_pem(PEM).unwrap();
        assert_eq!(format!("{key:?}"), format!("SecretKey {{ public_key: PublicKey({PUBLIC_KEY}), .. }}"));
    }
}
