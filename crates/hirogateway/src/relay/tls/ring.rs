//! The cryptography under TLS: `ring`.

use rustls::crypto::CryptoProvider;

pub(super) fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}
