//! Whatever the published command lines take about processes is taken here: commands, options, and their short forms. What
//! each does is shown elsewhere; a script that was written for them is not turned away.

use hiro_testkit::Home;

const HIRO: [&str; 34] = [
    "start -f --admin --metrics -W x",
    "start --foreground --no-admin --workspace x",
    "stop -W x",
    "restart -f --admin --metrics",
    "status -W x",
    "uninstall --purge",
    "workspaces list",
    "workspaces create x -p /x --set-default",
    "workspaces setup x -g ws://x -p 1 --skip-autostart --start-server --elevated-task",
    "workspaces setup --metrics --metrics-interval 2 --non-interactive",
    "workspaces setup --no-metrics",
    "workspaces remove x --purge -y",
    "workspaces set-default x",
    "workspaces update x -n y --set-default -g ws://x",
    "workspaces show x",
    "workspaces show",
    "workspaces teardown x --purge",
    "workspaces teardown",
    "channel list",
    "channel install x -p y -e",
    "channel setup x -c y --enable",
    "channel setup x --no-enable",
    "channel enable x",
    "channel disable x",
    "channel remove x -y",
    "channel status",
    "device add",
    "device list",
    "device revoke x",
    "logs search x",
    "logs tail",
    "metrics status",
    "metrics snapshot",
    "metrics live",
];

const HIROGATE: [&str; 13] = [
    "start -I x --log-dir y -f -v",
    "start --instance x --foreground --verbose",
    "stop -I x",
    "status -I x",
    "teardown -I x --purge --elevated-task",
    "instance list",
    "instance create x --desktop-pubkey k -p 1 -H 127.0.0.1 --path y --log-dir z --set-default",
    "instance create x --desktop-pubkey k --port 1 --host h --skip-autostart --elevated-task",
    "instance set-default x",
    "instance show",
    "instance show x",
    "instance remove x",
    "instance remove x --purge -y --elevated-task",
];

/// A word that is not known is an error before help is given.
fn assert_taken(home: &Home, program: &str, leading: &[&str], line: &str) {
    let words: Vec<&str> = leading.iter().copied().chain(line.split(' ')).chain(["--help"]).collect();
    let output = home.run(program, &words);
    assert!(output.status == 0 && output.stdout.contains("Usage:"), "{words:?}: {output:?}");
}

#[test]
fn every_line_of_hiro_is_taken() {
    let home = Home::new();
    for line in HIRO {
        assert_taken(&home, "hiro", &[], line);
    }
}

#[test]
fn every_line_of_hirogate_is_taken_by_both_programs() {
    let home = Home::new();
    for line in HIROGATE {
        assert_taken(&home, "hirogate", &[], line);
        assert_taken(&home, "hiro", &["gateway"], line);
    }
}

#[test]
fn what_nobody_knows_is_turned_away() {
    let home = Home::new();
    for line in ["start --no-such-option", "no-such-command"] {
        let words: Vec<&str> = line.split(' ').chain(["--help"]).collect();
        assert!(home.run("hiro", &words).failure(2).contains("no-such"), "{line}");
    }
}
