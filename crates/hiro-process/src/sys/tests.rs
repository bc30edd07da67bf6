//! What every platform's part has to keep, whatever it is made of.

use super::{LifeLock, life_lock_holder};
use crate::evidence::LockWitness;
use crate::pid::Pid;

#[test]
fn two_parts_of_one_process_can_not_both_hold_the_lock_and_looking_does_not_drop_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.pid.lock");
    assert_eq!(life_lock_holder(&path).unwrap(), LockWitness::Free);
    let held = LifeLock::acquire(&path).unwrap().unwrap();
    assert!(LifeLock::acquire(&path).unwrap().is_none());
    assert_eq!(life_lock_holder(&path).unwrap(), LockWitness::Held(Some(Pid::current())));
    drop(held);
    assert_eq!(life_lock_holder(&path).unwrap(), LockWitness::Free);
}
