//! The HTTP API of a running server, as a program of the same user calls it: with the token in the workspace's file.

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use hiro_process::get_status;
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder};

use super::server::instance;
use crate::Error;
use crate::error::with_causes;
use crate::server::{ChildOrder, ChildOutcome, token_file};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

/// How long the server may take: as long as a child may take to be stopped and to become ready again.
const PATIENCE: Duration = Duration::from_secs(150);

/// The API of a server that runs.
#[derive(Debug)]
pub struct Api {
    base: String,
    authorization: Option<String>,
    agent: Agent,
}

impl Api {
    /// The API of the workspace's server; `None` where that does not run.
    ///
    /// # Errors
    /// The configuration or the token of a server that runs can't be read.
    pub fn of_running(workspace: &WorkspaceEntry) -> Result<Option<Self>, Error> {
        if get_status(&instance(&workspace.path)?).run().is_none() {
            return Ok(None);
        }
        let config = WorkspaceConfig::load(&workspace.path)?;
        let path = token_file(&workspace.path);
        let token = match fs::read_to_string(&path) {
            // Python's server has none.
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => Some(read.map_err(|source| Error::Io { action: "read the token", path, source })?),
        };
        let agent = Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        Ok(Some(Self {
            base: config.status_url().trim_end_matches("/status").to_owned(),
            authorization: token.map(|token| format!("Bearer {}", token.trim())),
            agent: agent.build().into(),
        }))
    }

    /// Reads what the API tells at `path`.
    ///
    /// # Errors
    /// The server can't be reached, or has no answer.
    pub fn read(&self, path: &'static str) -> Result<Value, Error> {
        let url = format!("{}{path}", self.base);
        let request = self.authorized(self.agent.get(&url));
        let (is_told, said) = answer(&url, request.call())?;
        if is_told { Ok(said) } else { Err(Error::NotAnswered { question: path, detail: detail(&said) }) }
    }

    /// Has an order about a child carried out, and waits for that.
    ///
    /// # Errors
    /// The server can't be reached, or refuses with a reason.
    pub fn order(&self, child: &str, order: ChildOrder) -> Result<ChildOutcome, Error> {
        let verb = order.verb();
        let url = format!("{}/processes/{}/{verb}", self.base, encoded(child));
        let request = self.authorized(self.agent.post(&url));
        let (is_done, said) = answer(&url, request.send_empty())?;
        let pid = |key: &str| said[key].as_u64().and_then(|pid| u32::try_from(pid).ok());
        if is_done {
            return Ok(ChildOutcome { pid: pid("pid"), was_pid: pid("was_pid") });
        }
        Err(Error::OrderFailed { child: child.to_owned(), verb, detail: detail(&said) })
    }

    fn authorized<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.authorization {
            Some(token) => request.header("authorization", token),
            None => request,
        }
    }
}

/// Whether the server says yes, and what it says.
fn answer(url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<(bool, Value), Error> {
    let unreachable =
        |error: ureq::Error| Error::ApiUnreachable { url: url.to_owned(), reason: with_causes(&error) };
    let mut answer = answer.map_err(unreachable)?;
    let said = answer.body_mut().read_json().map_err(unreachable)?;
    Ok((answer.status().is_success(), said))
}

fn detail(said: &Value) -> String {
    said["detail"].as_str().map_or_else(|| said.to_string(), str::to_owned)
}

/// As a path of a URL: the slashes and the colon of a name stay.
fn encoded(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte);
    let encode =
        |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_name_stays_readable_in_a_url_as_far_as_it_may() {
        assert_eq!(encoded("channel:my team/écho.1"), "channel:my%20team/%C3%A9cho.1");
    }
}
