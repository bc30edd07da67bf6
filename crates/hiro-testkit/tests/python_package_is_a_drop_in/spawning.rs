//! Rule 1 and the detached spawn: how Python is started, and with what.

use std::fs;

use hiro_testkit::{PATIENCE, until};

use crate::scene::Scene;

const WORKSPACE: &str = "[project]\nname = 'here'\nversion = '0.1.0'\nrequires-python = '>=3.11'\n\
    [tool.uv]\npackage = false\n[tool.uv.workspace]\nmembers = []\n";

#[test]
fn the_pid_is_the_workers_and_not_that_of_uv_which_launched_it() {
    let mut scene = Scene::new();
    let root = scene.stage.path("workspace");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("pyproject.toml"), WORKSPACE).unwrap();
    scene.ask(&format!("uv = process.uv_python_cmd({root:?})"));
    assert_eq!(scene.ask("uv[1:]"), format!("['run', '--directory', '{}', 'python']", root.display()));
    let child = "program('child', \"process.write_pid(home, 'gateway.pid')\")[1:]";
    let told = scene.ask(&format!("process.spawn_detached([*uv, *{child}], stderr_log=home / 'stderr.log')"));
    assert_eq!(told, "None");
    let waited = scene.ask("process.wait_for_pid(home, 'gateway.pid', stderr_log=home / 'stderr.log')");
    let mut child = scene.stage.puppet("child");
    assert_eq!(waited, child.pid.to_string());
    assert_ne!(child.tell("os.getppid()"), scene.parent.pid.to_string(), "uv is in between");
    let prefix = child.tell("sys.prefix");
    assert!(prefix.starts_with(root.to_str().unwrap()), "{prefix}");
    assert_eq!(scene.ask("process.stop_process(home, 'gateway.pid')"), "True");
    child.wait_for_end();
    scene.end();
}

/// The first two of the published tests; the third is in `the_error_of_a_wait_has_the_last_lines_on_stderr`.
#[test]
fn the_command_is_uvs_with_a_workspace_above_the_package_and_an_error_without() {
    let mut scene = Scene::new();
    let without = scene.ask("process.uv_python_cmd()");
    assert!(without.starts_with("FileNotFoundError: no uv workspace"), "{without}");
    assert!(without.contains("[tool.uv.workspace]"), "{without}");
    assert_eq!(scene.ask("process.find_workspace_root()"), "None");
    let root = scene.stage.folder().to_owned();
    fs::write(root.join("pyproject.toml"), WORKSPACE).unwrap();
    let same = format!("process.find_workspace_root() == type(home)({root:?})");
    assert_eq!(scene.ask(&same), "True", "nothing is remembered, and what is given is a path");
    let expected = format!("['run', '--directory', '{}', 'python']", root.display());
    assert_eq!(scene.ask("process.uv_python_cmd()[1:]"), expected);
    scene.end();
}

#[test]
fn uv_goes_by_its_name_where_that_leads_to_it() {
    let mut scene = Scene::new();
    fs::write(scene.stage.path("pyproject.toml"), WORKSPACE).unwrap();
    let (one, other) = (scene.stage.path("one"), scene.stage.path("other"));
    for folder in [&one, &other] {
        fs::create_dir_all(folder).unwrap();
        fs::copy("/bin/sh", folder.join("uv")).unwrap();
    }
    scene.ask(&format!("os.environ.update(UV='', PATH={:?})", one.to_str().unwrap()));
    assert_eq!(scene.ask("process.uv_python_cmd()[0]"), "uv");
    let uv = other.join("uv");
    scene.ask(&format!("os.environ.update(UV={uv:?})"));
    assert_eq!(scene.ask("process.uv_python_cmd()[0]"), uv.to_str().unwrap());
    scene.end();
}

#[test]
fn a_broken_pyproject_on_the_way_is_named() {
    let mut scene = Scene::new();
    fs::write(scene.stage.path("pyproject.toml"), "[project\n").unwrap();
    let told = scene.ask("process.find_workspace_root(home)");
    assert!(told.starts_with("ValueError") && told.contains("pyproject.toml"), "{told}");
    scene.end();
}

#[test]
fn a_child_has_no_stdin_and_nothing_of_its_parents_debugger() {
    let mut scene = Scene::with_environment(&[("PYTHONPATH", "/debugger"), ("PYTHONUTF8", "0")]);
    for environment in ["None", "os.environ", "dict(os.environ, PYTHONPATH='/meant', MORE='1')"] {
        let spawn = format!("process.spawn_detached(program('child'), {environment}, home / 'stderr.log')");
        assert_eq!(scene.ask(&spawn), "None");
        let mut child = scene.stage.puppet("child");
        let seen =
            child.tell("os.environ.get('PYTHONPATH'), os.environ.get('MORE'), os.environ['PYTHONUTF8']");
        let expected =
            if environment.contains("meant") { "('/meant', '1', '0')" } else { "(None, None, '0')" };
        assert_eq!(seen, expected, "{environment}");
        assert_eq!(child.tell("sys.stdin.read() + os.environ['PYTHONIOENCODING']"), "utf-8");
    }
    scene.end();
}

#[test]
fn an_environment_that_is_given_is_the_whole_of_it() {
    let mut scene = Scene::with_environment(&[("SECRET", "1")]);
    let kept =
        "{name: os.environ[name] for name in ('PUPPET_ADDRESS', 'HIRO_PROCESS_PACKAGE', 'HIRO_TEST_HOME')}";
    let spawn = format!("process.spawn_detached(program('child'), {kept}, str(home / 'stderr.log'))");
    assert_eq!(scene.ask(&spawn), "None");
    let mut child = scene.stage.puppet("child");
    assert_eq!(child.tell("os.environ.get('SECRET'), os.environ['PYTHONUTF8']"), "(None, '1')");
    scene.end();
}

#[test]
fn stderr_goes_to_a_log_even_where_none_is_named() {
    let mut scene = Scene::new();
    let spawn = "process.spawn_detached(program('child', \"sys.exit('last words')\"))";
    assert_eq!(scene.ask(spawn), "None");
    let mut child = scene.stage.puppet("child");
    assert_eq!(child.tell("Path('~').expanduser().is_dir()"), "True");
    let logs = scene.stage.path("user/.hiro/logs");
    let log = fs::read_dir(logs).unwrap().next().unwrap().unwrap().path();
    assert!(log.to_str().unwrap().ends_with(".stderr.log"), "{log:?}");
    until("the last words", PATIENCE, || {
        fs::read_to_string(&log).ok().filter(|text| text.contains("last words"))
    });
    scene.end();
}

#[test]
fn what_can_not_be_run_is_an_error_of_the_original_kind() {
    let mut scene = Scene::new();
    for command in ["['no-such-program-anywhere']", "('/no/such/program', '-x')"] {
        let told = scene.ask(&format!("process.spawn_detached({command}, stderr_log=home / 'stderr.log')"));
        assert!(told.starts_with("FileNotFoundError") && told.contains("no"), "{told}");
    }
    assert!(scene.ask("process.spawn_detached([])").starts_with("ValueError"));
    assert!(scene.ask("process.spawn_detached('ls')").starts_with("TypeError"));
    scene.end();
}

#[test]
fn the_error_of_a_wait_has_the_last_lines_on_stderr() {
    let mut scene = Scene::new();
    scene.ask("(home / 'stderr.log').write_text('\\n'.join(f'line {i}' for i in range(45)))");
    let told =
        scene.ask("process.wait_for_pid(home, 'missing.pid', timeout=0, stderr_log=home / 'stderr.log')");
    let head = format!(
        "RuntimeError: Child process did not start within 0.0s (pid_file={}, last_pid=None)\\n\\nRecent stderr:\\n",
        scene.instance.folder().join("missing.pid").display()
    );
    let lines = told.strip_prefix(&head).unwrap_or_else(|| panic!("{told}"));
    let expected: Vec<String> = (5..45).map(|number| format!("line {number}")).collect();
    assert_eq!(lines.split("\\n").collect::<Vec<_>>(), expected);
    scene.end();
}

#[test]
fn a_wait_for_a_process_that_is_gone_names_it() {
    let mut scene = Scene::new();
    scene.ask("(home / 'gateway.pid').write_text(str(zombie()))");
    let told = scene.ask("process.wait_for_pid(home, 'gateway.pid', timeout=0.02)");
    assert!(told.starts_with("RuntimeError: Child process did not start within 0.02s"), "{told}");
    assert!(told.contains(&format!("last_pid={})", scene.text("gateway.pid"))), "{told}");
    scene.end();
}

#[test]
fn a_wait_lets_other_threads_work_and_ends_at_a_signal() {
    let mut scene = Scene::new();
    // The folder that the child makes is waited for, too.
    scene.ask("import threading");
    scene.ask("threading.Thread(target=process.write_pid, args=(home / 'new', 'own.pid')).start()");
    assert_eq!(scene.ask("process.wait_for_pid(home / 'new', 'own.pid') == os.getpid()"), "True");
    scene.ask("signal.signal(signal.SIGALRM, signal.default_int_handler)");
    scene.ask("signal.setitimer(signal.ITIMER_REAL, 0.2)");
    assert!(
        scene.ask("process.wait_for_pid(home, 'missing.pid', timeout=600)").starts_with("KeyboardInterrupt")
    );
    scene.end();
}
