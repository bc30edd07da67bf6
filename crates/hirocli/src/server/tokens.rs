//! Who may register as which plugin.
//!
//! Any local program can connect to the plugin port. A plugin that was started with a token therefore has its name to
//! itself; a name without one is free, for plugins that people start by hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// The tokens that were issued. Clones share them.
///
/// ```
/// use hirocli::server::PluginTokens;
///
/// let tokens = PluginTokens::default();
/// assert!(tokens.admits("devices", None));
/// let token = tokens.issue("devices");
/// assert!(tokens.admits("devices", Some(&token)));
/// assert!(!tokens.admits("devices", None));
/// ```
#[derive(Debug, Clone, Default)]
pub struct PluginTokens {
    issued: Arc<Mutex<HashMap<String, String>>>,
}

impl PluginTokens {
    /// A new token for the plugin `name`; an earlier one is void from now on.
    pub fn issue(&self, name: &str) -> String {
        let token = Uuid::new_v4().simple().to_string();
        self.lock().insert(name.to_owned(), token.clone());
        token
    }

    /// Makes the name free.
    pub fn withdraw(&self, name: &str) {
        self.lock().remove(name);
    }

    /// Whether somebody with this token, or without one, may register as `name`.
    pub fn admits(&self, name: &str, token: Option<&str>) -> bool {
        match (self.lock().get(name), token) {
            (None, _) => true,
            (Some(issued), Some(token)) => equal(issued.as_bytes(), token.as_bytes()),
            (Some(_), None) => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the same time wherever the first difference is, so that nobody can find a token piece by piece.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}
