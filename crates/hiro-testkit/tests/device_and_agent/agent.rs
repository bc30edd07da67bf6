//! Any program as the agent behind a server: the one of the documentation, word for word.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use hiro_testkit::{Lack, League, PATIENCE, Stage, until, wine_lacks};

use crate::pairing::{gateway_url, pair};

const PAGE: &str = include_str!("../../../hirocli/API.md");

/// The agent, until it is dropped.
struct Agent(Child);

impl Agent {
    /// Starts the program of the documentation, and waits until it listens.
    fn start(league: &League, stage: &Stage) -> Self {
        let (_, example) = PAGE.split_once("```python\n").unwrap();
        let script = stage.path("agent.py");
        fs::write(&script, example.split_once("```").unwrap().0).unwrap();
        let mut command = Command::new("python3");
        command.arg(&script).arg(league.workspace()).stdout(Stdio::piped());
        let mut agent = Self(command.spawn().unwrap());
        let mut said = String::new();
        BufReader::new(agent.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said.trim_end(), "listening");
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _collected = self.0.wait();
    }
}

#[test]
fn messages_reach_the_agent_of_the_documentation_and_the_echo_only_when_it_has_gone() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let (league, stage) = (League::that_is_up(), Stage::new());
    let device = pair(&league);
    let mut session = device.log_in(&gateway_url(&league));
    let agent = Agent::start(&league, &stage);
    let id = session.say("hello");
    session.hear_receipt(&id);
    assert_eq!(session.hear_text(), "olleh");
    drop(agent);
    // When the server notices that is its own affair, and an answer may come after the receipt of what is said next.
    until("the echo to answer again", PATIENCE, || {
        let id = session.say("and now");
        session.hear_until_receipt(&id).iter().any(|said| said == "[echo] and now").then_some(())
    });
}
