//! Whatever a PID file says, only a verified process is signalled; the state says clearly what is wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use hiro_process::{CrashEvidence, Error, Identity, Instance, Pid, Record, State, get_status};
use hiro_testkit::{PuppetHandle, Stage, start, stop};

/// A live process that has nothing to do with the instance, and the instance's folder.
struct Scene {
    stage: Stage,
    instance: Instance,
    stranger: PuppetHandle,
    process: std::process::Child,
}

impl Scene {
    fn new() -> Self {
        let stage = Stage::new();
        let instance = stage.instance("home");
        let process = stage.stranger(&["name stranger"]);
        let stranger = stage.puppet("stranger");
        fs::create_dir_all(instance.folder()).unwrap();
        Self { stage, instance, stranger, process }
    }

    fn write(&self, pid_file: impl AsRef<[u8]>) {
        fs::write(self.instance.pid_file(), pid_file).unwrap();
    }

    fn doubt(&self) -> String {
        match get_status(&self.instance) {
            State::Unverifiable(doubt) => doubt.reason,
            other => panic!("{other:?}"),
        }
    }

    fn evidence(&self) -> CrashEvidence {
        match get_status(&self.instance) {
            State::Crashed(crash) => crash.evidence,
            other => panic!("{other:?}"),
        }
    }

    /// Neither a stop nor a start goes on, nothing is removed, and the stranger lives.
    fn refuses(mut self) {
        for error in [
            stop(&self.instance).unwrap_err(),
            start(&self.instance, &self.stage.ready_launch(&self.instance)).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Unverifiable { .. }), "{error}");
            assert!(error.hint().unwrap().contains("delete"), "{error}");
        }
        assert!(self.instance.pid_file().symlink_metadata().is_ok(), "nothing is removed");
        self.stranger_survives();
    }

    /// A stop clears the file, a start works, and the stranger lives.
    fn recovers(mut self) {
        stop(&self.instance).unwrap();
        assert_eq!(get_status(&self.instance), State::Stopped);
        start(&self.instance, &self.stage.ready_launch(&self.instance)).unwrap();
        assert_eq!(get_status(&self.instance).name(), "ready");
        stop(&self.instance).unwrap();
        self.stranger_survives();
    }

    fn stranger_survives(&mut self) {
        assert!(self.stranger.lives());
        self.stranger.try_tell("exit 0");
        self.process.wait().unwrap();
    }

    fn identity(&self) -> Identity {
        Identity::of(Pid::try_from(self.stranger.pid).unwrap()).unwrap().unwrap()
    }
}

#[test]
fn a_pid_written_by_hand_is_not_believed() {
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    assert!(scene.doubt().contains("nothing else says that it is this instance"), "{}", scene.doubt());
    scene.refuses();
}

#[test]
fn a_record_written_by_hand_is_not_believed_even_with_the_right_start_time() {
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    forge_record(&scene.instance, scene.identity());
    assert!(scene.doubt().contains("neither holds its lock nor bears its launch id"), "{}", scene.doubt());
    scene.refuses();
}

#[test]
fn a_number_that_another_process_bears_now_is_a_crash() {
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    let mut identity = serde_json::to_value(scene.identity()).unwrap();
    identity["start_time"] = 1.into();
    forge_record(&scene.instance, serde_json::from_value(identity).unwrap());
    assert_eq!(scene.evidence(), CrashEvidence::PidReused);
    scene.recovers();
}

#[test]
fn a_pid_file_older_than_the_process_that_bears_its_number_is_a_crash() {
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    let file = fs::File::options().append(true).open(scene.instance.pid_file()).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(60)).unwrap();
    // Wine and old Windows remove no file that somebody has open.
    drop(file);
    assert_eq!(scene.evidence(), CrashEvidence::PidReused);
    scene.recovers();
}

#[test]
fn what_is_no_pid_is_never_passed_to_the_system() {
    for text in ["-1", "0", "", "4_2", "+7", "99999999999", "47\0", "1 2"] {
        let scene = Scene::new();
        scene.write(text);
        assert_eq!(scene.evidence(), CrashEvidence::DamagedPidFile, "{text:?}");
        scene.recovers();
    }
}

#[test]
fn a_megabyte_of_digits_is_no_pid() {
    let scene = Scene::new();
    scene.write(vec![b'1'; 1 << 20]);
    assert_eq!(scene.evidence(), CrashEvidence::DamagedPidFile);
    scene.recovers();
}

#[test]
fn a_torn_record_is_ignored_and_its_pid_is_not_believed() {
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    forge_record(&scene.instance, scene.identity());
    let record = fs::read(scene.instance.record_file()).unwrap();
    fs::write(scene.instance.record_file(), &record[..record.len() / 2]).unwrap();
    assert_eq!(get_status(&scene.instance).name(), "unverifiable");
    scene.refuses();
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_pid_file_is_not_followed() {
    let scene = Scene::new();
    let target = scene.stage.path("elsewhere");
    fs::write(&target, scene.stranger.pid.to_string()).unwrap();
    std::os::unix::fs::symlink(&target, scene.instance.pid_file()).unwrap();
    assert!(scene.doubt().contains("symbolic link"), "{}", scene.doubt());
    scene.refuses();
    assert!(!target.exists(), "the stage is gone, and its folder with it");
}

#[test]
fn a_folder_in_place_of_the_pid_file_is_said_to_be_one() {
    let scene = Scene::new();
    fs::create_dir(scene.instance.pid_file()).unwrap();
    assert!(scene.doubt().contains("not a regular file"), "{}", scene.doubt());
    scene.refuses();
}

#[cfg(unix)]
#[test]
fn a_pid_file_of_another_user_is_not_believed() {
    if !rustix::process::geteuid().is_root() {
        // Without privilege no file can be given away; one that is root's already serves.
        let instance = Instance::new("/etc/passwd").unwrap();
        assert!(
            matches!(get_status(&instance), State::Unverifiable(doubt) if doubt.reason.contains("another user"))
        );
        return;
    }
    let scene = Scene::new();
    scene.write(scene.stranger.pid.to_string());
    std::os::unix::fs::chown(scene.instance.pid_file(), Some(65_534), None).unwrap();
    assert!(scene.doubt().contains("another user"), "{}", scene.doubt());
    scene.refuses();
}

/// As a record of somebody who may say it has it.
fn boot_id() -> String {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let boot_id = Record::read(&instance).unwrap().boot_id;
    stop(&instance).unwrap();
    boot_id
}

fn forge_record(instance: &Instance, identity: Identity) {
    let record = Record {
        schema: 1,
        pid: identity.pid,
        start_time: identity.start_time,
        start_time_epoch: identity.start_time.seconds_since_epoch().unwrap(),
        boot_id: boot_id(),
        launch_id: Some("forged".into()),
        launcher: None,
        phase: hiro_process::Phase::Ready,
        ready_on_exec: false,
        version: String::new(),
        stop_address: None,
        announced_at: 1.0,
        phase_at: 1.0,
        stderr_log: None,
        stderr_offset: 0,
        successor: None,
        predecessor: None,
    };
    fs::write(instance.record_file(), serde_json::to_vec(&record).unwrap()).unwrap();
}
