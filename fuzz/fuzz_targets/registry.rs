//! The file that says which gateways there are, written by whatever version: what is read survives a rewrite to the last
//! unknown key, and no entry leads to a port or an instance that isn't there.

#![no_main]

use hirogateway::registry::Registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(registry) = serde_json::from_slice::<Registry>(bytes) else { return };
    let rewritten = serde_json::to_vec_pretty(&registry).expect("a registry can be written");
    assert_eq!(serde_json::from_slice::<Registry>(&rewritten).expect("and read again"), registry);
    if let Ok(entry) = registry.resolve(None, None) {
        assert!(registry.instances.values().any(|known| known == entry), "it was made up");
    }
    for (name, entry) in &registry.instances {
        assert_eq!(registry.get(name).ok(), Some(entry));
        assert!(entry.listen_port().map_or(true, |port| i64::from(port) == entry.port && port > 0));
    }
});
