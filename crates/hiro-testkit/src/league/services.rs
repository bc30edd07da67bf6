//! Services of a league that are puppets: programs that know nothing of PID files and do what a test tells them.

use super::{League, Output};
use crate::programs::program;
use crate::stage::Stage;

impl League {
    /// Runs `hiro service` with `words`.
    #[must_use]
    pub fn service(&self, words: &[&str]) -> Output {
        self.hiro(&[&["service"], words].concat())
    }

    /// Defines the service `name` of the default workspace: a puppet of that name, which carries out `script` first.
    ///
    /// # Panics
    /// Where it is refused.
    pub fn add_puppet(&self, stage: &Stage, name: &str, options: &[&str], script: &[&str]) {
        let (variable, address) = stage.variable();
        let (environment, puppet) =
            (format!("{variable}={address}"), program("puppet").display().to_string());
        let words = [
            &["add", name, "--env", &environment],
            options,
            &["--", &puppet, &format!("name {name}")],
            script,
        ];
        self.service(&words.concat()).success();
    }
}
