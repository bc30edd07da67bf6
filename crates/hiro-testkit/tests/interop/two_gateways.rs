//! Two implementations of one protocol: every case of the list is put to our gateway and to the published ones, over real
//! sockets, and where they differ a table says so and why.

use hiro_testkit::{Lack, wine_lacks};

use crate::cases::cases;
use crate::conversation::surprise;
use crate::gateways::{Gateway, Maker};

/// What the published gateways do instead, by the name of the case, and why ours does not.
const DIFFERENCES: [(&str, &str, &str); 0] = [];

#[test]
fn our_gateway_does_what_every_case_says() {
    let gateway = Gateway::start(Maker::Ours);
    let cases = cases();
    let surprises = cases.iter().enumerate().filter_map(|(number, case)| {
        surprise(&gateway, number, case).map(|surprise| format!("{}: {surprise}", case.name))
    });
    assert_eq!(surprises.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_published_gateway_0_2_0_does_the_same_but_for_what_the_table_says() {
    if wine_lacks(Lack::Python) {
        return;
    }
    differs_as_listed("0.2.0");
}

#[test]
fn the_published_gateway_0_1_3_does_the_same_but_for_what_the_table_says() {
    if wine_lacks(Lack::Python) {
        return;
    }
    differs_as_listed("0.1.3");
}

#[test]
fn every_difference_is_one_of_a_case_in_the_list() {
    let cases = cases();
    for (name, _, _) in DIFFERENCES {
        assert_eq!(cases.iter().filter(|case| case.name == name).count(), 1, "`{name}`");
    }
}

/// Both ways: no difference that isn't listed, and nothing listed that isn't one.
fn differs_as_listed(version: &'static str) {
    let gateway = Gateway::start(Maker::Published(version));
    let cases = cases();
    let wrong = cases.iter().enumerate().filter_map(|(number, case)| {
        let surprise = surprise(&gateway, number, case);
        eprintln!("DBG {version} {:?} {}: {surprise:?}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map(|d| d.as_secs() % 1000), case.name);
        let listed = DIFFERENCES.iter().find(|(name, _, _)| *name == case.name).map(|(_, instead, _)| *instead);
        (surprise.as_deref() != listed).then(|| format!("{}: {surprise:?}, listed {listed:?}", case.name))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{version}:\n{}", wrong.join("\n"));
}
