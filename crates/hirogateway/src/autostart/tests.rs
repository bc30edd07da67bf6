//! What is settled without anything being registered: data that are not this user's own are refused on every system.

use std::cell::Cell;
use std::convert::Infallible;

use super::*;

/// No login looks for data there.
const DATA: &str = "/nowhere/hirogate";

const OF_OTHERS: [&str; 3] = ["schtasks", "elevated", "of a later version"];

fn subject(command: &[OsString]) -> Subject<'_> {
    Subject { app: "hirogate", target: "home", command, option: "--instance", data: Path::new(DATA) }
}

/// The label that is recorded is always the one that is told.
fn settle(method: &str, wish: Option<bool>) -> Standing {
    let recorded = Cell::new(method.to_owned());
    let record = |method: &str| {
        recorded.set(method.to_owned());
        Ok::<(), Infallible>(())
    };
    let Ok(standing) = subject(&["/opt/hirogate".into()]).settle(method, wish, record);
    assert_eq!(recorded.take(), standing.method);
    standing
}

#[test]
fn what_nobody_asked_for_stays_as_it_is() {
    for method in ["", "skipped", "failed", "none"].into_iter().chain(OF_OTHERS) {
        assert_eq!(settle(method, None), Standing::unregistered(method));
    }
}

#[test]
fn data_that_only_this_shell_knows_are_not_registered_and_the_label_says_that_it_failed() {
    let standing = settle("skipped", Some(true));
    assert_eq!((standing.method.as_str(), standing.registered), (FAILED, false));
    let error = standing.trouble.check("home").unwrap_err();
    assert!(error.to_string().ends_with("and these are in `/nowhere/hirogate`"), "{error}");
    assert!(error.hint().unwrap().contains("`HIROGATE_DATA_DIR`"));
}

#[test]
fn a_registration_of_this_program_that_can_not_be_taken_away_keeps_its_label() {
    let standing = settle(METHOD, Some(false));
    assert_eq!((standing.method.as_str(), standing.removed), (METHOD, false));
    assert!(standing.trouble.failed);
}

#[test]
fn what_another_program_has_registered_is_never_said_to_be_removed_or_replaced() {
    for method in OF_OTHERS {
        for wish in [true, false] {
            let standing = settle(method, Some(wish));
            let said = (standing.method.as_str(), standing.registered, standing.removed);
            assert_eq!(said, (method, false, false));
            assert!(standing.trouble.failed, "it was asked for, and is not done");
        }
        let command = ["/opt/hirogate".into()];
        let standing = subject(&command).forget(method, |_| Ok::<(), Infallible>(()));
        let note = standing.trouble.note().unwrap();
        assert!(note.contains(&format!("by another program, as `{method}`")), "{note}");
        assert_eq!(note.contains("\nhint: "), method != "of a later version");
    }
}

#[test]
fn nothing_is_taken_away_where_nothing_was_registered() {
    for method in ["skipped", "none", ""] {
        assert_eq!(settle(method, Some(false)), Standing::unregistered(method));
    }
    assert_eq!(settle(FAILED, Some(false)), Standing::unregistered("skipped"));
}
