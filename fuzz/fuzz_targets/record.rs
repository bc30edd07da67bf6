//! What a process says of itself in the file beside its PID file: it is a record or it isn't, and a record reads the same
//! when it is written again.

#![no_main]

use hiro_process::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(record) = Record::parse(bytes) else { return };
    assert!(record.schema == 1 && record.pid.get() > 0, "{record:?}");
    assert_eq!(record.identity().pid, record.pid);
    let _any_number_is_a_time = record.announced();
    let rewritten = serde_json::to_vec(&record).expect("a record can be written");
    assert_eq!(Record::parse(&rewritten), Some(record));
});
