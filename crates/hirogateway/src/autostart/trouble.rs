//! What is not as it should be with the start with the computer, as a part of every report about that.

use serde::Serialize;

use super::AutostartError;
use crate::error::GatewayError;

/// Why something does not start with the computer, or still does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// It was to be registered, or to be taken away, and that is not done.
    #[serde(rename = "autostart_failed")]
    pub failed: bool,
    /// The reason.
    #[serde(rename = "autostart_reason")]
    pub reason: Option<String>,
    /// What the user can do about it.
    #[serde(rename = "autostart_hint")]
    pub hint: Option<String>,
}

impl Trouble {
    pub(super) fn of(error: AutostartError, failed: bool) -> Self {
        let error = GatewayError::from(error);
        Self { failed, reason: Some(error.with_causes()), hint: error.hint() }
    }

    /// What a command ends with that has done and told all else.
    ///
    /// # Errors
    /// [`GatewayError::AutostartUnsettled`] for the instance or workspace `name`, where something has failed.
    pub fn check(self, name: &str) -> Result<(), GatewayError> {
        match self.reason {
            Some(reason) if self.failed => {
                Err(GatewayError::AutostartUnsettled { name: name.to_owned(), reason, hint: self.hint })
            }
            _ => Ok(()),
        }
    }

    /// Two lines for people, where there is something to say that is no failure.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let reason = self.reason.as_ref().filter(|_| !self.failed)?;
        let hint = self.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        Some(format!("autostart: {reason}{hint}"))
    }
}
