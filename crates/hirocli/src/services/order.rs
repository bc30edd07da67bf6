//! In which order services are started: each after those that it names. Pure.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::{Definition, ServiceError};

/// The services in groups: those of a group come after services of earlier groups only, and may be started at the same
/// time. The reverse is the order in which they are stopped.
///
/// # Errors
/// One comes after a service that is not there, or several come after each other; the error names them.
pub fn groups(services: &IndexMap<String, Definition>) -> Result<Vec<Vec<String>>, ServiceError> {
    check_names(services)?;
    let mut waiting: BTreeMap<&str, &Definition> =
        services.iter().map(|(name, definition)| (name.as_str(), definition)).collect();
    let (mut done, mut groups) = (BTreeSet::new(), Vec::new());
    while !waiting.is_empty() {
        let is_free =
            |definition: &Definition| definition.after.iter().all(|name| done.contains(name.as_str()));
        let group: Vec<&str> = services
            .keys()
            .map(String::as_str)
            .filter(|name| waiting.get(name).is_some_and(|it| is_free(it)))
            .collect();
        if group.is_empty() {
            return Err(ServiceError::Cycle { names: cycle(&waiting) });
        }
        for name in &group {
            waiting.remove(name);
        }
        done.extend(group.iter().copied());
        groups.push(group.into_iter().map(str::to_owned).collect());
    }
    Ok(groups)
}

fn check_names(services: &IndexMap<String, Definition>) -> Result<(), ServiceError> {
    for (name, definition) in services {
        if let Some(missing) = definition.after.iter().find(|after| !services.contains_key(*after)) {
            let known = services.keys().cloned().collect();
            return Err(ServiceError::AfterUnknown { name: name.clone(), after: missing.clone(), known });
        }
    }
    Ok(())
}

/// The names along one cycle, the first again at the end. Every one that waits comes after another that waits.
fn cycle(waiting: &BTreeMap<&str, &Definition>) -> Vec<String> {
    let next =
        |name: &str| waiting[name].after.iter().map(String::as_str).find(|after| waiting.contains_key(after));
    let mut way: Vec<&str> = Vec::new();
    let mut here = waiting.keys().next().copied();
    while let Some(name) = here {
        if let Some(begin) = way.iter().position(|seen| *seen == name) {
            way.drain(..begin);
            way.push(name);
            break;
        }
        way.push(name);
        here = next(name);
    }
    way.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(all: &[(&str, &[&str])]) -> IndexMap<String, Definition> {
        let one = |(name, after): &(&str, &[&str])| {
            let after = after.iter().map(|name| (*name).to_owned()).collect();
            let definition = Definition::new(vec!["true".into()], "/".into());
            ((*name).to_owned(), Definition { after, ..definition })
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn each_comes_after_those_that_it_names_and_no_later_than_it_must() {
        let all = services(&[("web", &["worker", "db"]), ("db", &[]), ("worker", &["db"]), ("mail", &[])]);
        assert_eq!(groups(&all).unwrap(), [vec!["db", "mail"], vec!["worker"], vec!["web"]]);
        assert_eq!(groups(&IndexMap::new()).unwrap(), [] as [Vec<String>; 0]);
    }

    #[test]
    fn a_cycle_is_named_along_its_way() {
        let all = services(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])]);
        let error = groups(&all).unwrap_err();
        assert_eq!(error.to_string(), "services come after each other: `b` → `c` → `b`");
        let own = groups(&services(&[("a", &["a"])])).unwrap_err();
        assert_eq!(own.to_string(), "services come after each other: `a` → `a`");
    }

    #[test]
    fn a_service_that_is_not_there_is_named_with_those_that_are() {
        let error = groups(&services(&[("web", &["bd"]), ("db", &[])])).unwrap_err();
        assert_eq!(error.to_string(), "`web` comes after `bd`, which is no service (there are: `web`, `db`)");
    }
}
