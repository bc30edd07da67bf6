//! What a `hiro.toml` means, and what is said of one that means nothing.

use std::fs;
use std::path::Path;

use super::Project;
use crate::error::with_causes;
use crate::services::{Ready, RestartPolicy};

fn load(folder: &Path, text: &str) -> Result<Project, String> {
    let file = folder.join("hiro.toml");
    fs::write(&file, text).unwrap();
    let project = Project::load(&file, &|name| (name == "PORT").then(|| "8080".to_owned()));
    let shown = file.display().to_string();
    project.map_err(|error| with_causes(&error).replace(&shown, "hiro.toml"))
}

#[test]
fn every_key_is_understood_and_what_is_not_written_has_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
[services.web]
command = ["./web", "--port", "${PORT}"]
uv = "py"
directory = "site"
env = { MODE = "quiet", ADDRESS = "127.0.0.1:${PORT}" }
env_file = ".env"
ready = "http://127.0.0.1:${PORT}/health"
ready_timeout = 5
stop_grace = 2
restart = "on-failure"
after = ["db"]

[services.db]
command = ["redis-server"]

[services.worker]
module = "worker.main"
args = ["--fast"]
uv = "py"

[services.job]
script = "job.py"
uv = "py"
"#;
    let project = load(folder.path(), text).unwrap();
    let web = &project.services["web"];
    assert_eq!(web.command, ["./web", "--port", "8080"]);
    assert_eq!(
        (web.uv.as_deref(), &web.directory),
        (Some(&*folder.path().join("py")), &folder.path().join("site"))
    );
    assert_eq!(
        (web.env["ADDRESS"].as_str(), web.env_file.clone()),
        ("127.0.0.1:8080", Some(folder.path().join(".env")))
    );
    assert_eq!(web.ready.to_string(), "http://127.0.0.1:8080/health");
    assert_eq!((web.ready_timeout.as_secs(), web.stop_grace.as_secs()), (5, 2));
    assert_eq!((web.restart, web.after.as_slice()), (RestartPolicy::OnFailure, &["db".to_owned()][..]));
    let db = &project.services["db"];
    assert_eq!(
        (&db.ready, &db.directory, db.restart),
        (&Ready::Started, &folder.path().to_owned(), RestartPolicy::Never)
    );
    assert_eq!((db.ready_timeout.as_secs(), db.stop_grace.as_secs()), (60, 10));
    assert_eq!(project.services["worker"].command, ["python", "-m", "worker.main", "--fast"]);
    let script = folder.path().join("job.py").display().to_string();
    assert_eq!(project.services["job"].command, ["python", &script]);
    assert_eq!(load(folder.path(), "").unwrap().services.len(), 0);
}

#[test]
fn python_runs_in_the_nearest_uv_workspace_unless_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[services.a]\nmodule = 'a'\n";
    let error = load(folder.path(), text).unwrap_err();
    assert_eq!(
        error,
        "`hiro.toml` line 1, column 11: service `a`: there is no uv workspace in the folder of this file or above it; \
         `uv` names one"
    );
    fs::write(folder.path().join("pyproject.toml"), "[tool.uv.workspace]\n").unwrap();
    let project = load(folder.path(), text).unwrap();
    assert_eq!(project.services["a"].uv.as_deref(), Some(folder.path()));
}

/// Text, and what is said of it.
const WRONG: &[(&str, &str)] = &[
    ("[services.a\n", "`hiro.toml` line 1, column 12: unclosed table, expected `]`"),
    (
        "[services.a]\ncommand = [\"a\"]\ncomand = 1\n",
        "`hiro.toml` line 3, column 1: unknown field `comand`, expected one of `command`, `module`, `script`, `args`, \
         `uv`, `directory`, `env`, `env_file`, `ready`, `ready_timeout`, `stop_grace`, `restart`, `after`",
    ),
    ("[service.a]\n", "`hiro.toml` line 1, column 2: unknown field `service`, expected `services`"),
    (
        "[services.a]\ncommand = \"a b\"\n",
        "`hiro.toml` line 2, column 11: invalid type: string \"a b\", expected a sequence",
    ),
    (
        "[services.a]\n",
        "`hiro.toml` line 1, column 11: service `a`: exactly one of `command`, `module` and `script` says what is run",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nargs = []\n",
        "`hiro.toml` line 1, column 11: service `a`: `args` goes with `module` or `script`; the words of a `command` are \
         its own",
    ),
    (
        "[services.a]\ncommand = []\n",
        "`hiro.toml` line 1, column 11: `command` of service `a`: it names no program",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nready = \"port:high\"\n",
        "`hiro.toml` line 3, column 9: `port:high` is no readiness: its port is no number from 1 to 65535",
    ),
    (
        "[services.a]\ncommand = [\"a\", \"${NONE}\"]\n",
        "`hiro.toml` line 2, column 17: the variable `NONE` is not set; `${NONE:-default}` would give it a default",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nrestart = \"often\"\n",
        "`hiro.toml` line 3, column 11: unknown variant `often`, expected one of `never`, `on-failure`, `always`",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nstop_grace = 4000\n",
        "`hiro.toml` line 3, column 14: `stop_grace` of service `a`: it is not from 0 to 3600 seconds",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nready_timeout = -1\n",
        "`hiro.toml` line 3, column 17: invalid value: integer `-1`, expected u64",
    ),
    (
        "[services.a]\ncommand = [\"a\"]\nenv = { HIRO_LAUNCH_ID = \"1\" }\n",
        "`hiro.toml` line 3, column 9: `env` of service `a`: `HIRO_LAUNCH_ID` belongs to the launch itself",
    ),
    (
        "[services.\"../a\"]\ncommand = [\"a\"]\n",
        "`hiro.toml` line 1, column 11: invalid instance name `../a`: it contains a path separator",
    ),
];

#[test]
fn what_is_wrong_is_said_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in WRONG {
        assert_eq!(load(folder.path(), text).unwrap_err(), *expected, "{text}");
    }
}

#[test]
fn a_file_that_is_too_long_or_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path(), &"#".repeat(300_000)).unwrap_err();
    assert_eq!(error, "could not read `hiro.toml`: it is longer than 262144 bytes");
    let file = folder.path().join("hiro.toml");
    fs::write(&file, [0xff, 0xfe]).unwrap();
    assert!(Project::load(&file, &|_| None).is_err());
}

#[test]
fn the_page_names_every_key_and_its_example_and_the_one_that_runs_are_understood() {
    let page = include_str!("../../../SERVICES.md");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pyproject.toml"), "[tool.uv.workspace]\n").unwrap();
    let error = load(folder.path(), "[services.a]\nunknown = 1\n").unwrap_err();
    let (_, keys) = error.split_once("expected one of ").unwrap();
    for key in keys.split(", ") {
        assert!(page.contains(&format!("\n| {key} |")), "{key}");
    }
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert_eq!(load(folder.path(), example).unwrap().services.len(), 2);
    let project = load(folder.path(), include_str!("../../../../../examples/web-app/hiro.toml")).unwrap();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["db", "web", "worker"]);
    assert_eq!(project.services["web"].ready.to_string(), "http://127.0.0.1:8000/health");
}
