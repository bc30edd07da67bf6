//! However many commands meet, there is never more than one process, and nothing stays behind.

use std::collections::HashSet;
use std::thread;

use hiro_process::{Error, Instance, Launch, StartOptions, State, get_status, restart_instance};
use hiro_testkit::{Stage, announce, free_port, start, stop};

#[test]
fn fifty_starts_at_once_give_one_process_and_49_times_already_running() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let launch = stage.ready_launch(&instance);
    let started: Vec<_> = thread::scope(|scope| {
        let starts: Vec<_> = (0..50).map(|_| scope.spawn(|| start(&instance, &launch).unwrap())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert_eq!(started.iter().filter(|started| !started.already_running).count(), 1);
    assert_eq!(started.iter().map(|started| started.identity.pid).collect::<HashSet<_>>().len(), 1);
    assert_eq!(stage.living(), [started[0].identity.pid.get()]);
    stop(&instance).unwrap();
}

/// Every puppet serves the same port, so that a second one alive at the same time fails to start.
#[test]
fn fifty_random_commands_at_once_never_give_two_and_leave_nothing() {
    let rounds = std::env::var("HIRO_STRESS_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    let stage = Stage::new();
    let instance = stage.instance("home");
    let port = free_port();
    let launch = stage.launch(&instance, &[&announce(&instance), &format!("serve {port}"), "ready"]);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..rounds {
        let commands: Vec<u64> = (0..50).map(|_| random.next() % 3).collect();
        thread::scope(|scope| {
            for command in commands {
                let (instance, launch) = (&instance, &launch);
                scope.spawn(move || carry_out(command, instance, launch).unwrap());
            }
        });
        stop(&instance).unwrap();
        assert_eq!(get_status(&instance), State::Stopped, "round {round}");
        assert_eq!(stage.living(), [0_u32; 0], "round {round}");
        assert_eq!(leftovers(&instance), [""; 0], "round {round}");
    }
}

fn carry_out(command: u64, instance: &Instance, launch: &Launch) -> Result<(), Error> {
    match command {
        0 => start(instance, launch).map(drop),
        1 => stop(instance).map(drop),
        _ => restart_instance(instance, launch, &StartOptions::default(), &mut |_| {}).map(drop),
    }
}

/// What a stopped instance must not leave: anything but its locks and its log.
fn leftovers(instance: &Instance) -> Vec<String> {
    let kept = ["gateway.pid.lock", "gateway.pid.control", "stderr.log"];
    std::fs::read_dir(instance.folder())
        .expect("the instance's folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !kept.contains(&name.as_str()))
        .collect()
}

/// xorshift64: repeatable, and random enough to mix commands.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn a_second_foreground_process_is_refused_with_the_pid_of_the_first_which_stays_manageable() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut first_process = stage.stranger(&["name first", &announce(&instance), "ready"]);
    let mut first = stage.puppet("first");
    assert_eq!(first.tell("ping"), "pong");
    let mut second_process = stage.stranger(&["name second"]);
    let mut second = stage.puppet("second");
    let answer = second.tell(&announce(&instance));
    assert!(answer.contains(&format!("already running (PID {})", first.pid)), "{answer}");
    assert_eq!(get_status(&instance).run().unwrap().identity.pid.get(), first.pid);
    let already = start(&instance, &stage.ready_launch(&instance)).unwrap();
    assert_eq!((already.already_running, already.identity.pid.get()), (true, first.pid));
    stop(&instance).unwrap();
    first.wait_for_end();
    assert!(second.lives());
    drop((second, stage));
    first_process.wait().unwrap();
    second_process.wait().unwrap();
}
