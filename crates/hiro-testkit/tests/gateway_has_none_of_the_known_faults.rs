//! What was found wrong with starting, stopping and the files of the Python gateway is not wrong here.
//!
//! Shown elsewhere: a port that is taken and a child that dies at once (`gateway_says_how_it_ended`), two starts and two
//! foregrounds (`gateway_is_one_process`), the command without words (`gateway_command_line`), corrupt registries, one bad
//! configuration and purged folders (`gateway_files_stay_whole`), a log folder in the background
//! (`gateway_tells_what_it_does`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use hiro_testkit::{DESKTOP_KEY, Home, Lack, PATIENCE, free_port, until, wine_lacks};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

fn folder(home: &Home) -> PathBuf {
    home.data("hirogate").join("instances").join("home")
}

fn connect(port: u16) -> tungstenite::WebSocket<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    tungstenite::client(format!("ws://127.0.0.1:{port}/"), stream).unwrap().0
}

/// `slow_start`: a start gives up, and the gateway comes up all the same. Here one that waits for a reader of its log.
#[cfg(unix)]
#[test]
fn a_start_that_gives_up_leaves_no_gateway_that_comes_up_later() {
    let home = Home::new();
    let port = home.create_gateway("home");
    let log = folder(&home).join("logs/gateway.log");
    fs::create_dir(folder(&home).join("logs")).unwrap();
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    let refused = home.run("hirogate", &["start", "--timeout", "1"]);
    assert!(refused.failure(1).contains("was not ready in time and was ended"), "{refused:?}");
    assert_eq!(home.gateway("home")["state"], "crashed");
    // Whoever still waited would go on now, and find that nobody else has the port.
    let reader = fs::OpenOptions::new().read(true).write(true).open(&log).unwrap();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    drop(reader);
    fs::remove_file(&log).unwrap();
    home.run("hirogate", &["start"]).success();
}

/// `slow_start`, the other half: on a busy machine a start is patient.
#[test]
fn a_start_on_a_busy_machine_waits_until_the_gateway_is_ready() {
    let home = Home::new();
    let port = home.create_gateway("home");
    let busy = AtomicBool::new(true);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while busy.load(Ordering::Relaxed) {
                    std::hint::spin_loop()
                }
            });
        }
        let started = home.run("hirogate", &["start"]);
        busy.store(false, Ordering::Relaxed);
        started.success();
    });
    TcpStream::connect(("127.0.0.1", port)).unwrap();
}

/// `odd_pids`: -1 is everybody, 0 is the caller's own group, and a number beyond all is an overflow.
#[test]
fn what_is_no_pid_is_never_a_running_gateway_and_a_stop_signals_nobody() {
    let home = Home::new();
    home.create_gateway("home");
    for text in ["-1", "0", "99999999999", "4_2", "+7", "", "１２"] {
        fs::write(folder(&home).join("gateway.pid"), text).unwrap();
        let row = home.gateway("home");
        assert_eq!((&row["state"], &row["pid"]), (&json!("crashed"), &Value::Null), "{text:?}");
        assert!(home.run("hirogate", &["stop"]).success().starts_with("Gateway is not running."), "{text:?}");
        assert!(!folder(&home).join("gateway.pid").exists(), "{text:?}");
    }
}

/// `stop_too_early`: a client ignores the goodbye, the stop is told as done, and the process lives on.
#[test]
fn when_a_stop_returns_the_port_is_free_whatever_the_clients_do() {
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let mut deaf = connect(port);
    deaf.read().unwrap();
    let half_open = TcpStream::connect(("127.0.0.1", port)).unwrap();
    home.run("hirogate", &["stop"]).success();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(!folder(&home).join("gateway.pid").exists());
    drop((deaf, half_open));
}

/// `sigstopped`: a suspended gateway is told as stopped, and its port stays taken.
#[cfg(unix)]
#[test]
fn when_the_stop_of_a_suspended_gateway_returns_its_port_is_free() {
    use rustix::process::{Pid, Signal, kill_process};

    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let pid = i32::try_from(home.gateway("home")["pid"].as_i64().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::STOP).unwrap();
    // A stop wakes it: whether it still obeys before the grace is over is a matter of luck.
    let stopped = home.run("hirogate", &["stop", "--grace", "0"]);
    assert!(stopped.success().starts_with(&format!("Gateway stopped (was PID {pid}).")), "{stopped:?}");
    assert_eq!(home.gateway("home")["state"], "stopped");
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

/// `stale_state`: after a crash and a start, the desktop of before is told as connected.
#[test]
fn a_gateway_that_was_killed_and_started_again_knows_of_no_desktop() {
    let home = Home::new();
    home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let state = folder(&home).join("state.json");
    let pid = home.gateway("home")["pid"].as_u64().unwrap();
    hiro_testkit::kill(u32::try_from(pid).unwrap());
    until("the crash to show", PATIENCE, || (home.gateway("home")["state"] == "crashed").then_some(()));
    fs::write(
        &state,
        r#"{"desktop_connected": true, "last_connected": "2026-01-02T03:04:05+00:00", "x": [1]}"#,
    )
    .unwrap();
    assert_eq!(home.gateway("home")["desktop_connected"], false);
    home.run("hirogate", &["start"]).success();
    let told = until("the start to be told", PATIENCE, || {
        let told: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
        (told["desktop_connected"] == false).then_some(told)
    });
    assert_eq!((&told["last_connected"], &told["x"]), (&json!("2026-01-02T03:04:05+00:00"), &json!([1])));
}

/// `partial_reads`: most readers of a file that is being written see it empty.
#[test]
fn a_reader_never_sees_half_a_registry_or_half_a_pid_file() {
    let home = Home::new();
    home.create_gateway("home");
    home.create_gateway("other");
    let registry = home.data("hirogate").join("registry.json");
    let pid_file = folder(&home).join("gateway.pid");
    let writing = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0_u32;
            while writing.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&registry);
                // Windows refuses to open a file in the moment in which it is replaced.
                let read: Option<Value> = text.ok().map(|text| serde_json::from_str(&text).unwrap());
                assert!(read.is_none_or(|read| read["instances"].as_object().unwrap().len() == 2));
                if let Ok(text) = fs::read_to_string(&pid_file) {
                    text.parse::<u32>().unwrap();
                }
                reads += 1;
            }
            reads
        });
        for name in ["other", "home", "other", "home", "other", "home"] {
            home.run("hirogate", &["instance", "set-default", name]).success();
            home.run("hirogate", &["restart", "home"]).success();
        }
        writing.store(false, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}

/// Rows with a traceback are no CSV, and a bare connection leaves one of them.
#[test]
fn every_row_of_a_log_is_csv_for_python_whatever_peers_send() {
    if wine_lacks(Lack::Python) {
        return;
    }
    const READ: &str = "import csv, sys\n\
        rows = list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))\n\
        assert all(len(row) == 5 for row in rows), [row for row in rows if len(row) != 5]\n\
        [float(row[0]) for row in rows[1:]]\n\
        assert len(rows) == sum(1 for _ in open(sys.argv[1], encoding='utf-8'))\n\
        print(len(rows))";
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start", "--verbose"]).success();
    drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
    TcpStream::connect(("127.0.0.1", port)).unwrap().write_all(b"\"nonsense\",\r\n\n").unwrap();
    for text in ["{", "[]", r#"{"type":"auth_response","auth_mode":"a,\"b\"\n\r\u001b[2Jc"}"#] {
        let mut socket = connect(port);
        socket.send(text.into()).unwrap();
        while socket.read().is_ok() {}
    }
    home.run("hirogate", &["stop"]).success();
    let log = folder(&home).join("logs/gateway.log");
    let read = Command::new("python3").args(["-c", READ]).arg(&log).output().unwrap();
    assert!(read.status.success(), "{read:?}: {}", fs::read_to_string(&log).unwrap());
    assert!(String::from_utf8_lossy(&read.stdout).trim().parse::<u32>().unwrap() > 3);
}

/// Unknown keys are lost at the next write, and a rewrite by one side changes the file for the other.
#[test]
fn what_python_writes_is_read_here_and_what_is_written_here_is_what_python_would_write() {
    if wine_lacks(Lack::Python) {
        return;
    }
    const WRITE: &str = r#"if True:
        import json, pathlib, sys
        data, key, port = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        folder = data / "instances" / "home"
        folder.mkdir(parents=True)
        def write(path, value):
            path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
        strange = {"nested": {"list": [1, 2.5, None, True, "ü"], "empty": {}, "none": []}, "big": 2**63}
        entry = {"name": "home", "path": str(folder), "host": "127.0.0.1", "port": port, "of_an_entry": strange}
        write(data / "registry.json",
              {"default_instance": "home", "instances": {"home": entry}, "of_a_registry": strange})
        write(folder / "config.json",
              {"desktop_public_key": key, "log_dir": "", "autostart_method": "none", "of_a_config": strange})
        write(folder / "state.json", {"desktop_connected": False, "last_connected": None, "last_auth_error": None,
                                      "of_a_state": strange})"#;
    const SAME: &str = r#"if True:
        import json, pathlib, sys
        for file in map(pathlib.Path, sys.argv[1:]):
            text = file.read_text(encoding="utf-8")
            assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False), text"#;
    let home = Home::new();
    let (data, port) = (home.data("hirogate"), free_port());
    let python = |script: &str, arguments: &[&std::ffi::OsStr]| {
        let output = Command::new("python3").args(["-c", script]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    python(WRITE, &[data.as_os_str(), DESKTOP_KEY.as_ref(), port.to_string().as_ref()]);
    let files =
        [data.join("registry.json"), folder(&home).join("config.json"), folder(&home).join("state.json")];
    let read = || files.each_ref().map(|file| fs::read_to_string(file).unwrap());
    let written = read();
    home.run("hirogate", &["start"]).success();
    connect(port).read().unwrap();
    home.run("hirogate", &["stop"]).success();
    home.run("hirogate", &["instance", "set-default", "home"]).success();
    home.run("hirogate", &["instance", "update", "home", "--desktop-pubkey", DESKTOP_KEY]).success();
    assert_eq!(read(), written, "a rewrite that changes nothing changes not one byte");
    home.create_gateway("other");
    home.run("hirogate", &["instance", "update", "home", "--log-dir", "elsewhere", "--metrics-port", "9"])
        .success();
    let all = files.iter().map(|file| file.as_os_str()).collect::<Vec<_>>();
    python(SAME, &all);
    let registry: Value = serde_json::from_str(&read()[0]).unwrap();
    let config: Value = serde_json::from_str(&read()[1]).unwrap();
    let strange =
        json!({"nested": {"list": [1, 2.5, null, true, "ü"], "empty": {}, "none": []}, "big": 1_u64 << 63});
    assert_eq!((&registry["of_a_registry"], &config["of_a_config"]), (&strange, &strange));
    assert_eq!(registry["instances"]["home"]["of_an_entry"], strange);
}
