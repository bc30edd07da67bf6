//! The plugin of the benchmark, which is this program itself under another command line: it registers, and does nothing.

use std::process::ExitCode;
use std::time::Duration;

use hiro_channel_sdk::unified_message::UnifiedMessage;
use hiro_channel_sdk::{Channel, Description, Failure, Options, Outbound, process};

/// So that it does not outlive a benchmark that was killed.
const GIVE_UP_AFTER: Duration = Duration::from_secs(20);

struct Quiet {
    name: String,
}

impl Channel for Quiet {
    fn description(&self) -> Description {
        Description::new(&self.name, "1", "Does nothing.")
    }

    async fn on_send(&mut self, _: UnifiedMessage, _: &Outbound) -> Result<(), Failure> {
        Ok(())
    }
}

/// Is the plugin, or the program that ends at once, if that is what was asked for.
pub(crate) fn if_asked_for() -> Option<ExitCode> {
    let word = std::env::args().nth(1)?;
    if word == "nothing" {
        return Some(ExitCode::SUCCESS);
    }
    let name = word.strip_prefix("--plugin=")?.to_owned();
    let mut words = std::env::args().skip_while(|word| word != "--hiro-ws").skip(1);
    let options = Options {
        token: std::env::var(Options::TOKEN_VARIABLE).ok(),
        give_up_after: Some(GIVE_UP_AFTER),
        ..Options::new(words.next()?)
    };
    let served = process::run(Quiet { name }, &options, None);
    Some(if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
