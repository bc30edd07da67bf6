//! What the server that keeps an instance running adds to its row.

use std::collections::BTreeMap;

use hirogateway::report::InstanceReport;
use serde_json::json;

use crate::server::ChildAccount;

/// Adds what is known of the child: `restarts`, `next_start_at`, `gave_up`, `last_crash` and, where there are any,
/// `offences`. Why it is given up on is what is wrong with it, too.
pub(super) fn add(report: &mut InstanceReport, accounts: &BTreeMap<String, ChildAccount>) {
    let Some(account) = accounts.get(&report.name) else { return };
    report.other.insert("restarts".to_owned(), json!(account.restarts));
    report.other.insert("next_start_at".to_owned(), json!(account.next_start_at));
    report.other.insert("gave_up".to_owned(), json!(account.gave_up));
    report.other.insert("last_crash".to_owned(), json!(account.last_crash));
    if !account.offences.is_empty() {
        report.other.insert("offences".to_owned(), json!(account.offences));
    }
    if let Some(reason) = &account.gave_up {
        report.add_error(format!("given up on after {reason}"));
    }
}
