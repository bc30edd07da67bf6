//! Changes what a workspace is called, whether it is the default, who its gateway is and who is its server.

use hirogateway::InstanceName;
use hirogateway::runtime::RuntimeChoice;
use serde::Serialize;

use super::resolve;
use super::setup::check_gateway_url;
use crate::Error;
use crate::context::Context;
use crate::workspace::{WorkspaceConfig, registry};

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name; the folder stays where it is.
    pub name: Option<InstanceName>,
    /// It becomes the one that is meant when none is named.
    pub make_default: bool,
    /// Another gateway, from the next start on.
    pub gateway_url: Option<String>,
    /// Another server, from the next start on.
    pub runtime: Option<RuntimeChoice>,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkspaceChanged {
    /// The workspace.
    pub id: String,
    /// What it is called now.
    pub name: String,
    /// Whether it is the default one now.
    pub is_default: bool,
    /// Its name is new.
    pub renamed: bool,
    /// It has become the default one.
    pub default_changed: bool,
    /// Its gateway is new.
    pub gateway_updated: bool,
    /// Its server is another one from the next start on.
    pub runtime_updated: bool,
}

/// Changes a workspace.
///
/// # Errors
/// There is no such workspace or it has no configuration, the name is another one's, an address is none, or a file can't
/// be understood or written. What comes before that in the list of [`Changes`] is done.
pub fn change(context: &Context, named: &str, changes: &Changes) -> Result<WorkspaceChanged, Error> {
    changes.gateway_url.as_deref().map_or(Ok(()), check_gateway_url)?;
    let entry = resolve(context, Some(named))?;
    let was_default = registry::load(&context.data)?.default_workspace == entry.id;
    let new_name = changes.name.as_ref().filter(|name| name.as_str() != entry.name);
    if let Some(name) = new_name {
        registry::rename(&context.data, &entry.id, name)?;
    }
    if changes.make_default && !was_default {
        registry::set_default(&context.data, &entry.id)?;
    }
    let gateway_updated = match &changes.gateway_url {
        Some(url) => update_gateway(&entry.path, url)?,
        None => false,
    };
    let runtime_updated = match &changes.runtime {
        Some(runtime) if *runtime != RuntimeChoice::load(&entry.path)? => {
            runtime.save(&entry.path)?;
            true
        }
        _ => false,
    };
    Ok(WorkspaceChanged {
        name: new_name.map_or(entry.name, |name| name.as_str().to_owned()),
        id: entry.id,
        is_default: was_default || changes.make_default,
        renamed: new_name.is_some(),
        default_changed: changes.make_default && !was_default,
        gateway_updated,
        runtime_updated,
    })
}

/// A workspace that was never set up has no gateway to change.
fn update_gateway(folder: &std::path::Path, url: &str) -> Result<bool, Error> {
    WorkspaceConfig::load(folder)?;
    WorkspaceConfig::update(folder, |config| {
        let is_news = config.gateway_url != url;
        url.clone_into(&mut config.gateway_url);
        is_news
    })
}
