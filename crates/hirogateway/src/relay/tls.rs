//! TLS of one instance: its certificate and its key, read again when the files change.
//!
//! Connections that are open keep what they were opened with. A renewal that can't be used is logged, and what was there
//! before holds on.

#[cfg_attr(target_os = "macos", path = "tls/graviola.rs")]
#[cfg_attr(not(target_os = "macos"), path = "tls/ring.rs")]
mod cryptography;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tracing::{error, info};

/// How often the files are looked at, at the most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Why TLS can't be spoken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read.
    #[error("could not read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file does not hold what it should, in PEM form.
    #[error("`{}` holds no {what} in PEM form", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why it does not.
        source: pem::Error,
    },
    /// Certificate and key can't be used, or not together.
    #[error("the certificate `{}` and the key `{}` can't be used", certificate.display(), key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
}

/// The certificate and the key that a relay proves itself with.
#[derive(Debug)]
pub struct Tls {
    files: Files,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

struct Current {
    acceptor: TlsAcceptor,
    /// What the files were like when they were last read, whatever came of it.
    seen: Stamp,
    looked: Instant,
}

/// Files of the same times and lengths are the same.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads the files: a chain of certificates, the gateway's own first, and its private key, both in PEM form.
    ///
    /// # Errors
    /// When they can't be read or used.
    pub fn load(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.into(), key: key.into() };
        // Taken before: a change in between is seen at the next look.
        let seen = files.stamp();
        let acceptor = files.acceptor()?;
        Ok(Self { files, current: Mutex::new(Current { acceptor, seen, looked: Instant::now() }) })
    }

    /// For one connection, with what the files hold now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= LOOK_AGAIN {
            current.looked = Instant::now();
            self.renew(&mut current);
        }
        current.acceptor.clone()
    }

    fn renew(&self, current: &mut Current) {
        let stamp = self.files.stamp();
        if stamp == current.seen {
            return;
        }
        current.seen = stamp;
        match self.files.acceptor() {
            Ok(acceptor) => {
                info!(certificate = %self.files.certificate.display(), "the certificate was renewed");
                current.acceptor = acceptor;
            }
            // Certificate and key are two files: between their changes they do not fit.
            Err(failure) => error!(
                failure = &failure as &dyn std::error::Error,
                "the renewed certificate can't be used, the one before stays"
            ),
        }
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Current").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Files {
    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }

    fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let chain = CertificateDer::pem_slice_iter(&read(&self.certificate)?)
            .collect::<Result<Vec<_>, _>>()
            .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
            .map_err(|source| holds_no("certificate", &self.certificate, source))?;
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|source| holds_no("private key", &self.key, source))?;
        let config = ServerConfig::builder_with_provider(Arc::new(cryptography::provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let config = config.map_err(|source| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        })?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

fn holds_no(what: &'static str, path: &Path, source: pem::Error) -> TlsError {
    TlsError::Pem { path: path.to_owned(), what, source }
}
