//! The cryptography under TLS where `ring` can't be compiled from elsewhere: `graviola`, which needs no C compiler.

use rustls::crypto::CryptoProvider;

pub(super) fn provider() -> CryptoProvider {
    rustls_graviola::default_provider()
}
