//! What the tools about gateways do.

use hiro_process::StopOptions;
use hirogateway::InstanceName;
use hirogateway::registry::{DEFAULT_HOST, NewInstance};
use hirogateway::service::{Setup, StartRequest};
use serde_json::json;

use super::{Outcome, told};
use crate::server::toolbox::Call;

pub(in crate::server::toolbox) fn status(call: &Call<'_>) -> Outcome {
    let name = call.name("instance")?;
    Ok(json!(call.home.gateways.get_status(name.as_ref().map(InstanceName::as_str)).map_err(told)?))
}

pub(in crate::server::toolbox) fn start(call: &Call<'_>) -> Outcome {
    let name = call.name("instance")?;
    let request = StartRequest { verbose: call.is_on("verbose")?, ..StartRequest::default() };
    let name = name.as_ref().map(InstanceName::as_str);
    Ok(json!(call.home.gateways.start_instance(name, &request, &mut |_, _| {}).map_err(told)?))
}

pub(in crate::server::toolbox) fn stop(call: &Call<'_>) -> Outcome {
    let name = call.name("instance")?;
    let name = name.as_ref().map(InstanceName::as_str);
    Ok(json!(call.home.gateways.stop_instance(name, &StopOptions::default()).map_err(told)?))
}

pub(in crate::server::toolbox) fn setup(call: &Call<'_>) -> Outcome {
    let instance = NewInstance {
        name: call.required_name("name")?,
        host: call.some_text("host")?.unwrap_or(DEFAULT_HOST).to_owned(),
        port: call.port("port")?.unwrap_or_default().into(),
        path: call.folder("path")?,
    };
    let key = call.text("desktop_public_key")?.unwrap_or_default();
    let (log_dir, make_default) = (call.folder("log_dir")?, call.is_on("make_default")?);
    let setup = Setup { log_dir, make_default, ..Setup::new(instance, key) };
    Ok(json!(call.home.gateways.setup_instance(setup).map_err(told)?))
}

pub(in crate::server::toolbox) fn teardown(call: &Call<'_>) -> Outcome {
    let (name, purge) = (call.name("instance")?, call.is_on("purge")?);
    let name = name.as_ref().map(InstanceName::as_str);
    Ok(json!(call.home.gateways.teardown_instance(name, purge).map_err(told)?))
}
