//! Who may register as which plugin.
//!
//! Any local program can connect to the plugin port. A name that the server has started a plugin for is that plugin's
//! alone: it shows the token of its launch, or, where it knows nothing of tokens, the connection is its process's own.
//! Other names are nobody's, unless the workspace opens them to plugins that people start by hand.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiro_process::{Instance, get_status, is_connected_by};
use thiserror::Error;
use uuid::Uuid;

/// The plugins that were started. Clones share them.
///
/// ```
/// use hirocli::server::PluginTokens;
///
/// let tokens = PluginTokens::default();
/// let token = tokens.issue("devices");
/// assert_ne!(tokens.issue("devices"), token, "each launch has its own");
/// ```
#[derive(Debug, Clone, Default)]
pub struct PluginTokens {
    launched: Arc<Mutex<HashMap<String, Launched>>>,
}

/// A plugin that was started.
#[derive(Debug, Clone)]
struct Launched {
    token: String,
    /// Where it is known not to show the token, its process is looked for.
    instance: Option<Instance>,
}

/// Who wants to register.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) token: Option<String>,
    /// Its end of the connection, and the server's.
    pub(super) ends: Option<(SocketAddr, SocketAddr)>,
    /// Somebody else is registered under that name.
    pub(super) is_taken: bool,
    /// Plugins that people start by hand may take the name.
    pub(super) is_open: bool,
}

/// Why somebody may not register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error("wrong token")]
    WrongToken,
    #[error("not the plugin that this server has started")]
    NotThePlugin,
    #[error("not started by this server")]
    NotStarted,
    #[error("the name is taken")]
    Taken,
}

/// What can be said of the process that is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Process {
    /// It is of the plugin's tree.
    Own,
    /// It is another one.
    Foreign,
    /// The operating system does not tell.
    Untold,
}

impl PluginTokens {
    /// A new token for the plugin `name`, which will show it; an earlier one is void from now on.
    pub fn issue(&self, name: &str) -> String {
        self.enter(name, None)
    }

    /// A new token for the plugin `name`, which may know nothing of tokens: then its process is enough, which is that of
    /// `instance` or one that this has started.
    pub fn issue_to(&self, name: &str, instance: &Instance) -> String {
        self.enter(name, Some(instance.clone()))
    }

    /// Forgets the plugin: the name is nobody's again.
    pub fn withdraw(&self, name: &str) {
        self.lock().remove(name);
    }

    /// Whether a plugin of that name was started, so that the name is its own.
    pub(super) fn has(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// Whether `caller` may register as `name`. Where it shows no token this looks at the processes of this machine, which
    /// may take some milliseconds.
    pub(super) fn admit(&self, name: &str, caller: &Caller) -> Result<(), Refusal> {
        let launched = self.lock().get(name).cloned();
        let process = match &launched {
            Some(Launched { instance: Some(instance), .. }) if caller.token.is_none() => {
                caller.ends.map_or(Process::Untold, |ends| process_of(ends, instance))
            }
            Some(Launched { instance: None, .. }) => Process::Foreign,
            _ => Process::Untold,
        };
        judge(launched.as_ref().map(|launched| launched.token.as_str()), caller, process)
    }

    fn enter(&self, name: &str, instance: Option<Instance>) -> String {
        let token = Uuid::new_v4().simple().to_string();
        self.lock().insert(name.to_owned(), Launched { token: token.clone(), instance });
        token
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Launched>> {
        self.launched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn process_of((client, server): (SocketAddr, SocketAddr), instance: &Instance) -> Process {
    let state = get_status(instance);
    match state.run().map(|run| is_connected_by(client, server, run)) {
        Some(Some(true)) => Process::Own,
        Some(None) => Process::Untold,
        Some(Some(false)) | None => Process::Foreign,
    }
}

/// Where the operating system does not tell whose a connection is, whoever comes first has the name for as long as it
/// stays connected.
fn judge(expected: Option<&str>, caller: &Caller, process: Process) -> Result<(), Refusal> {
    match (expected, &caller.token) {
        (None, _) if caller.is_open => Ok(()),
        (None, _) => Err(Refusal::NotStarted),
        (Some(expected), Some(token)) if equal(expected.as_bytes(), token.as_bytes()) => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::WrongToken),
        (Some(_), None) => match process {
            Process::Own => Ok(()),
            Process::Foreign => Err(Refusal::NotThePlugin),
            Process::Untold if caller.is_taken => Err(Refusal::Taken),
            Process::Untold => Ok(()),
        },
    }
}

/// Takes the same time wherever the first difference is, so that nobody can find a token piece by piece.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(token: Option<&str>) -> Caller {
        Caller { token: token.map(str::to_owned), ends: None, is_taken: false, is_open: false }
    }

    #[test]
    fn a_name_that_was_launched_is_for_the_token_or_the_process_even_where_the_port_is_open() {
        for is_open in [false, true] {
            let with = |token| Caller { is_open, is_taken: true, ..caller(token) };
            assert_eq!(judge(Some("t"), &with(Some("t")), Process::Untold), Ok(()));
            assert_eq!(judge(Some("t"), &with(Some("u")), Process::Own), Err(Refusal::WrongToken));
            assert_eq!(judge(Some("t"), &with(None), Process::Own), Ok(()));
            assert_eq!(judge(Some("t"), &with(None), Process::Foreign), Err(Refusal::NotThePlugin));
        }
    }

    #[test]
    fn where_nobody_tells_whose_a_connection_is_the_first_comer_keeps_the_name() {
        assert_eq!(judge(Some("t"), &caller(None), Process::Untold), Ok(()));
        let second = Caller { is_taken: true, ..caller(None) };
        assert_eq!(judge(Some("t"), &second, Process::Untold), Err(Refusal::Taken));
    }

    #[test]
    fn a_name_that_was_not_launched_is_nobodys_unless_the_port_is_open() {
        assert_eq!(judge(None, &caller(Some("t")), Process::Untold), Err(Refusal::NotStarted));
        assert_eq!(judge(None, &Caller { is_open: true, ..caller(None) }, Process::Untold), Ok(()));
    }

    #[test]
    fn a_plugin_that_will_show_its_token_has_to() {
        let tokens = PluginTokens::default();
        let token = tokens.issue("devices");
        assert_eq!(tokens.admit("devices", &caller(None)), Err(Refusal::NotThePlugin));
        assert_eq!(tokens.admit("devices", &caller(Some(&token))), Ok(()));
        tokens.withdraw("devices");
        assert_eq!(tokens.admit("devices", &caller(Some(&token))), Err(Refusal::NotStarted));
    }
}
