//! What a project makes of the services that are defined already. Pure.

use indexmap::IndexMap;

use super::Project;
use crate::services::store::namesake;
use crate::services::{Definition, ServiceError, order};

/// What there is to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// They are new.
    pub added: Vec<String>,
    /// They are defined differently now: what runs has to end before.
    pub changed: Vec<String>,
    /// The project has them no more: what runs has to end, and they go.
    pub removed: Vec<String>,
    /// All services of the workspace as they will be, in groups in the order of their starts.
    pub groups: Vec<Vec<String>>,
}

/// Compares what is defined in the workspace with what the project says. Without a project nothing changes.
///
/// # Errors
/// A name is another project's service, or one that was added by hand; a service comes after one that is not there; or
/// several come after each other.
pub fn plan(defined: &IndexMap<String, Definition>, project: Option<&Project>) -> Result<Plan, ServiceError> {
    let (mut plan, mut after) = (Plan::default(), defined.clone());
    if let Some(project) = project {
        let is_own = |definition: &Definition| definition.project.as_ref() == Some(&project.file);
        let gone = |(name, definition): &(&String, &Definition)| {
            is_own(definition) && !project.services.contains_key(*name)
        };
        plan.removed = defined.iter().filter(gone).map(|(name, _)| name.clone()).collect();
        after.retain(|name, _| !plan.removed.contains(name));
        for (name, definition) in &project.services {
            match namesake(&after, name) {
                Some((taken, other)) if taken != name || !is_own(other) => {
                    return Err(ServiceError::Exists { name: taken.clone(), owner: other.project.clone() });
                }
                Some((_, before)) if definition.differs_from(before) => plan.changed.push(name.clone()),
                Some(_) => {}
                None => plan.added.push(name.clone()),
            }
            after.insert(name.clone(), definition.clone());
        }
    }
    plan.groups = order::groups(&after)?;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/project/hiro.toml";

    fn definition(word: &str, project: Option<&str>) -> Definition {
        let definition = Definition::new(vec![word.to_owned()], "/".into());
        Definition { project: project.map(Into::into), ..definition }
    }

    fn defined(all: &[(&str, Definition)]) -> IndexMap<String, Definition> {
        all.iter().map(|(name, definition)| ((*name).to_owned(), definition.clone())).collect()
    }

    #[test]
    fn only_what_differs_is_changed_and_what_is_gone_is_removed() {
        let own = |word| definition(word, Some(FILE));
        let by_hand = definition("z", None);
        let before =
            defined(&[("same", own("a")), ("other", own("b")), ("gone", own("c")), ("mine", by_hand)]);
        let services = defined(&[("same", own("a")), ("other", own("B")), ("new", own("d"))]);
        let plan = plan(&before, Some(&Project { file: FILE.into(), services })).unwrap();
        let names = [plan.added, plan.changed, plan.removed].concat();
        assert_eq!(names, ["new", "other", "gone"]);
        assert_eq!(plan.groups, [["same", "other", "mine", "new"]]);
    }

    #[test]
    fn a_name_that_is_anothers_is_refused_with_its_owner() {
        let services = defined(&[("db", definition("a", Some(FILE)))]);
        let project = Project { file: FILE.into(), services };
        let refused = |name: &str, owner| {
            let defined = defined(&[(name, definition("a", owner))]);
            plan(&defined, Some(&project)).unwrap_err().to_string()
        };
        let other = refused("db", Some("/other/hiro.toml"));
        assert_eq!(other, "there is a service `db` already, from `/other/hiro.toml`");
        assert_eq!(refused("db", None), "there is a service `db` already, from `hiro service add`");
        assert_eq!(refused("DB", None), "there is a service `DB` already, from `hiro service add`");
    }

    #[test]
    fn without_a_project_everything_stays_and_is_put_in_order() {
        let first = Definition { after: vec!["b".into()], ..definition("a", None) };
        let defined = defined(&[("a", first), ("b", definition("b", None))]);
        let plan = plan(&defined, None).unwrap();
        assert_eq!(plan, Plan { groups: vec![vec!["b".into()], vec!["a".into()]], ..Plan::default() });
    }
}
