//! What a gateway does can be read while it does it and afterwards: its log, its health, its metrics, and what is wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;

use hiro_testkit::{DESKTOP_KEY, Home, PATIENCE, free_port, kill, until};
use serde_json::{Value, json};

fn folder(home: &Home) -> PathBuf {
    home.data("hirogate").join("instances").join("home")
}

fn json(home: &Home, words: &[&str]) -> Value {
    let output = home.run("hirogate", words);
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The answer to one request: its status, and its body.
fn get(port: u16, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn page(port: u16, path: &str) -> (u16, String) {
    get(port, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
}

#[test]
fn a_log_is_csv_in_the_form_of_the_python_package_and_is_shown() {
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    home.run("hirogate", &["stop"]).success();
    let text = fs::read_to_string(folder(&home).join("logs/gateway.log")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("timestamp,level,module,message,extra"));
    let first = lines.next().unwrap();
    let extra = format!("instance=home url=ws://127.0.0.1:{port} version={}", env!("CARGO_PKG_VERSION"));
    assert!(first.ends_with(&format!(",INFO,FOREGROUND,listening,{extra}")), "{first}");
    assert!(lines.last().unwrap().ends_with(",INFO,FOREGROUND,stopped,"), "{text}");
    let shown = home.run("hirogate", &["logs", "-n", "1"]);
    assert!(shown.success().ends_with("] [INF] [FOREGROUND__] stopped\n"), "{shown:?}");
    let rows = home.run("hirogate", &["logs", "--json"]);
    let rows: Vec<Value> = rows.success().lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!((&rows[0]["message"], &rows[0]["extra"]), (&json!("listening"), &json!(extra)));
    assert!(rows[0]["timestamp"].is_f64() && rows.len() >= 3, "{rows:?}");
}

#[test]
fn a_log_is_followed_until_nobody_reads_it_any_more() {
    let home = Home::new();
    home.create_gateway("home");
    let mut logs = home.command("hirogate", &["logs", "--follow", "--json"]);
    let mut logs = logs.stdout(Stdio::piped()).spawn().unwrap();
    let mut rows = BufReader::new(logs.stdout.take().unwrap()).lines();
    home.run("hirogate", &["start"]).success();
    let mut next = || serde_json::from_str::<Value>(&rows.next().unwrap().unwrap()).unwrap();
    until("the start to be told", PATIENCE, || (next()["message"] == "listening").then_some(()));
    drop(rows);
    home.run("hirogate", &["restart"]).success();
    assert!(logs.wait().unwrap().success());
}

#[test]
fn a_log_folder_of_one_run_and_one_that_is_configured_are_both_obeyed_in_the_background() {
    let home = Home::new();
    home.create_gateway("home");
    let (once, always) = (home.folder().join("once"), home.folder().join("always"));
    home.run("hirogate", &["start", "--log-dir", "once"]).success();
    assert!(fs::read_to_string(once.join("gateway.log")).unwrap().contains("listening"));
    assert!(!folder(&home).join("logs").exists());
    let shown = home.run("hirogate", &["logs", "--log-dir", "once"]);
    assert!(shown.success().contains("listening"), "{shown:?}");
    let changed = json(&home, &["instance", "update", "home", "--log-dir", "always", "--json"]);
    assert_eq!(changed["log_dir"], json!(always));
    home.run("hirogate", &["restart", "--verbose"]).success();
    assert!(fs::read_to_string(always.join("gateway.log")).unwrap().contains("listening"));
    assert_eq!(home.gateway("home")["log_file"], json!(always.join("gateway.log")));
}

#[test]
fn a_log_is_put_aside_by_its_configured_size_and_every_file_begins_with_the_header() {
    let home = Home::new();
    home.create_gateway("home");
    let config = folder(&home).join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replacen('{', "{\"log_max_bytes\": 200, \"log_backups\": 2,", 1)).unwrap();
    for _ in 0..3 {
        home.run("hirogate", &["start"]).success();
        home.run("hirogate", &["stop"]).success();
    }
    let log = |suffix: &str| fs::read_to_string(folder(&home).join(format!("logs/gateway.log{suffix}"))).ok();
    for suffix in ["", ".1", ".2"] {
        assert!(log(suffix).unwrap().starts_with("timestamp,level,module,message,extra\n"), "{suffix}");
    }
    assert_eq!(log(".3"), None);
    let rows = home.run("hirogate", &["logs"]);
    assert!(rows.success().lines().count() > log("").unwrap().lines().count(), "{rows:?}");
}

#[test]
fn what_goes_wrong_before_there_is_a_log_is_on_stderr_and_shown_as_an_error() {
    let home = Home::new();
    home.create_gateway("home");
    fs::write(folder(&home).join("logs"), "in the way").unwrap();
    let refused = home.run("hirogate", &["start"]);
    assert!(refused.failure(1).contains("error: could not write the log `"), "{refused:?}");
    let shown = home.run("hirogate", &["logs", "--stderr"]);
    assert!(shown.success().contains("[ERR] [STDERR______] error: could not write the log `"), "{shown:?}");
}

#[test]
fn health_and_metrics_are_nowhere_until_a_port_is_given_and_then_on_this_machine_alone() {
    let home = Home::new();
    home.create_gateway("home");
    let port = free_port();
    home.run("hirogate", &["start"]).success();
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
    home.run("hirogate", &["restart", "--metrics-port", &port.to_string()]).success();
    let (status, health) = page(port, "/health");
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!((status, &health["ready"], &health["desktop_connected"]), (200, &json!(true), &json!(false)));
    assert_eq!((&health["instance"], &health["pid"]), (&json!("home"), &home.gateway("home")["pid"]));
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["uptime_seconds"].as_f64().unwrap() >= 0.0);
    let (status, metrics) = page(port, "/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("\nhirogate_ready 1\n") && metrics.contains("\nhirogate_desktop_connected 0\n"));
    assert!(
        metrics.contains("# TYPE hirogate_connections_accepted_total counter\n"),
        "the relay counts: {metrics}"
    );
    // The whole of 127.0.0.0/8 would be this machine, but nobody asked for more than one address.
    if cfg!(target_os = "linux") {
        TcpStream::connect(("127.0.0.2", port)).unwrap_err();
    }
    home.run("hirogate", &["restart"]).success();
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
}

#[test]
fn a_metrics_port_is_configured_for_good_and_one_that_is_taken_names_its_holder() {
    let home = Home::new();
    home.create_gateway("home");
    let port = free_port();
    let text = port.to_string();
    home.run("hirogate", &["instance", "update", "home", "--metrics-port", &text]).success();
    home.run("hirogate", &["start"]).success();
    assert_eq!(page(port, "/health").0, 200);
    home.run("hirogate", &["stop"]).success();
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = home.run("hirogate", &["start"]);
    assert!(refused.failure(1).contains(&format!("could not listen on `127.0.0.1:{port}`: ")), "{refused:?}");
    home.run("hirogate", &["instance", "update", "home", "--metrics-port", "0"]).success();
    home.run("hirogate", &["start"]).success();
}

#[test]
fn an_http_request_that_is_none_is_refused_and_an_endless_one_is_cut_off() {
    let home = Home::new();
    home.create_gateway("home");
    let port = free_port();
    home.run("hirogate", &["start", "--metrics-port", &port.to_string()]).success();
    assert_eq!(page(port, "/").0, 404);
    assert_eq!(page(port, "/metrics?and=more").0, 200);
    assert_eq!(get(port, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n").0, 405);
    assert_eq!(get(port, "nonsense\r\n\r\n").0, 400);
    let long = format!("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(20_000));
    assert_eq!(get(port, &long).0, 431);
    // As many as there is room for send half a request and then nothing: they are given up, and others served.
    let half: Vec<TcpStream> = (0..16)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"GET /health HT").unwrap();
            stream
        })
        .collect();
    assert_eq!(page(port, "/health").0, 200);
    drop(half);
}

#[test]
fn the_doctor_says_a_line_per_check_and_fails_where_one_fails() {
    let home = Home::new();
    home.create_gateway("home");
    let healthy = home.run("hirogate", &["doctor"]);
    for line in
        ["ok       gateways  registry: ", "ok       gateway:home  config: ", "ok       gateway:home  key: "]
    {
        assert!(healthy.success().contains(line), "{healthy:?}");
    }
    assert!(healthy.stdout.lines().all(|line| line.starts_with("ok ")), "{healthy:?}");
    home.run("hirogate", &["start"]).success();
    let own = home.run("hirogate", &["doctor", "home"]);
    assert!(own.success().contains("state: the gateway is ready, PID "), "{own:?}");
    let unknown = home.run("hirogate", &["doctor", "nobody"]);
    assert_eq!(unknown.failure(1), "error: Gateway instance 'nobody' not found.\n");
}

#[test]
fn the_doctor_finds_what_would_keep_a_gateway_from_starting() {
    let home = Home::new();
    let port = home.create_gateway("home");
    let found = |check: &str| -> Value {
        let output = home.run("hirogate", &["doctor", "--json"]);
        output.failure(1);
        let all: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(all["schema"], 1);
        let mut checks = all["checks"].as_array().unwrap().iter();
        checks.find(|found| found["check"] == check && found["outcome"] != "ok").cloned().unwrap()
    };
    let stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(found("port")["message"].as_str().unwrap().contains(&format!("port {port} is taken by")));
    drop(stranger);
    let config = folder(&home).join("config.json");
    let good = fs::read_to_string(&config).unwrap();
    fs::write(&config, r#"{"desktop_public_key": "AAAA"}"#).unwrap();
    assert!(found("key")["message"].as_str().unwrap().contains("a public key has 32 bytes, not 3"));
    let tls = good.replacen('{', r#"{"tls_cert": "missing.pem","#, 1);
    fs::write(&config, &tls).unwrap();
    assert!(found("tls")["message"].as_str().unwrap().contains("both `tls_cert` and `tls_key`"));
    fs::write(&config, "{").unwrap();
    assert!(found("config")["message"].as_str().unwrap().contains("config.json` is damaged at line 1"));
    fs::write(&config, &good).unwrap();
    fs::write(folder(&home).join("runtime.json"), r#"{"runtime": "uv", "workspace_dir": "nowhere"}"#)
        .unwrap();
    let uv = found("uv");
    assert!(uv["message"].as_str().unwrap().contains("no uv workspace at"), "{uv}");
    fs::remove_file(folder(&home).join("runtime.json")).unwrap();
    fs::write(folder(&home).join("gateway.pid"), "999999").unwrap();
    fs::write(folder(&home).join("state.json"), r#"{"desktop_connected": true}"#).unwrap();
    let state = found("state");
    assert!(state["message"].as_str().unwrap().starts_with("it has crashed: its process is gone"), "{state}");
    fs::write(home.data("hirogate").join("registry.json"), "{").unwrap();
    assert!(found("registry")["message"].as_str().unwrap().contains("registry.json` is damaged"));
}

#[test]
fn tls_that_can_not_be_used_is_one_line_of_the_doctor() {
    let home = Home::new();
    home.create_gateway("home");
    let config = folder(&home).join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    let tls = r#"{"tls_cert": "missing.pem", "tls_key": "missing.pem","#;
    fs::write(&config, text.replacen('{', tls, 1)).unwrap();
    let output = home.run("hirogate", &["doctor", "--json"]);
    output.failure(1);
    let all: Value = serde_json::from_str(&output.stdout).unwrap();
    let wrong = all["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == "failed");
    let wrong: Vec<&Value> = wrong.collect();
    assert!(wrong.len() == 1 && wrong[0]["check"] == "tls", "{wrong:?}");
    assert!(wrong[0]["message"].as_str().unwrap().contains("missing.pem"), "{wrong:?}");
    // What can't be used is asked for all the same.
    assert!(home.gateway("home")["url"].as_str().unwrap().starts_with("wss://"));
}

#[test]
fn the_table_names_the_log_of_a_gateway_that_is_well_and_stderr_of_one_that_has_crashed() {
    let home = Home::new();
    home.create_gateway("home");
    let log = || {
        let table = home.run("hirogate", &["status"]).stdout;
        let row = table.lines().nth(1).unwrap().to_owned();
        (home.gateway("home")["log"].clone(), row)
    };
    let own = folder(&home).join("logs").join("gateway.log");
    for words in [&["start"], &["stop"]] {
        home.run("hirogate", words).success();
        let (key, row) = log();
        assert!(key == json!(own) && row.ends_with(own.to_str().unwrap()), "{row}");
    }
    home.run("hirogate", &["start"]).success();
    kill(u32::try_from(home.gateway("home")["pid"].as_u64().unwrap()).unwrap());
    until("the crash to show", PATIENCE, || (home.gateway("home")["state"] == "crashed").then_some(()));
    let (key, row) = log();
    let stderr = folder(&home).join("stderr.log");
    assert!(key == json!(stderr) && row.ends_with(stderr.to_str().unwrap()), "{row}");
}

#[test]
fn a_gateway_that_other_machines_reach_without_tls_warns_in_its_log_and_so_does_the_doctor() {
    let home = Home::new();
    let port = free_port().to_string();
    let create = ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "--port", &port];
    home.run("hirogate", &[&create[..], &["--host", "0.0.0.0"]].concat()).success();
    home.run("hirogate", &["start"]).success();
    let log = home.run("hirogate", &["logs"]);
    assert!(log.success().contains("[WRN] [FOREGROUND__] other machines can connect"), "{log:?}");
    let examined = home.run("hirogate", &["doctor"]);
    assert!(
        examined.success().contains("warning  gateway:home  exposure: it listens on `0.0.0.0:"),
        "{examined:?}"
    );
    home.create_gateway("local");
    home.run("hirogate", &["start", "local"]).success();
    assert!(!home.run("hirogate", &["logs", "local"]).success().contains("[WRN]"));
}

#[cfg(unix)]
#[test]
fn the_doctor_finds_a_folder_that_others_can_write_into() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    home.create_gateway("home");
    fs::set_permissions(folder(&home), fs::Permissions::from_mode(0o777)).unwrap();
    let output = home.run("hirogate", &["doctor"]);
    output.failure(1);
    assert!(output.stdout.contains("failed   gateway:home  folder: others can write into `"), "{output:?}");
}
