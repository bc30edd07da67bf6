//! What the server wants of a plugin: a JSON-RPC call, understood.

use hiro_protocol::json_rpc::{ErrorObject, method};
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value};

/// One call of the server.
#[derive(Debug, PartialEq)]
pub(crate) enum Order {
    Configure { config: Map<String, Value> },
    Send { message: Box<UnifiedMessage> },
    Event { event: String, data: Map<String, Value> },
    Stop,
    Status,
}

impl Order {
    /// Understands a call, or says as JSON-RPC does why not.
    pub(crate) fn parse(method: &str, mut params: Map<String, Value>) -> Result<Self, ErrorObject> {
        match method {
            method::CONFIGURE => Ok(Self::Configure { config: object(&mut params, "config")? }),
            method::SEND => serde_json::from_value(Value::Object(params))
                .map(|message| Self::Send { message: Box::new(message) })
                .map_err(ErrorObject::internal),
            method::EVENT => {
                let event = match params.remove("event") {
                    Some(Value::String(event)) if !event.is_empty() => event,
                    _ => return Err(ErrorObject::internal("channel.event requires params.event")),
                };
                Ok(Self::Event { event, data: object(&mut params, "data")? })
            }
            method::STOP => Ok(Self::Stop),
            method::STATUS => Ok(Self::Status),
            unknown => Err(ErrorObject::method_not_found(unknown)),
        }
    }
}

fn object(params: &mut Map<String, Value>, key: &str) -> Result<Map<String, Value>, ErrorObject> {
    match params.remove(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(value)) => Ok(value),
        Some(_) => Err(ErrorObject::internal(format!("params.{key} must be an object"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(method: &str, params: Value) -> Result<Order, ErrorObject> {
        let Value::Object(params) = params else { panic!("params are objects") };
        Order::parse(method, params)
    }

    #[test]
    fn a_configuration_without_content_is_an_empty_one() {
        assert_eq!(parse("channel.configure", json!({})), Ok(Order::Configure { config: Map::new() }));
    }

    #[test]
    fn calls_that_make_no_sense_are_errors_and_nothing_worse() {
        let table = [
            ("channel.dance", json!({}), -32601),
            ("channel.send", json!({"content": []}), -32603),
            ("channel.event", json!({"data": {}}), -32603),
            ("channel.event", json!({"event": "x", "data": [1]}), -32603),
            ("channel.configure", json!({"config": 7}), -32603),
        ];
        for (method, params, code) in table {
            assert_eq!(parse(method, params).unwrap_err().code, code, "{method}");
        }
    }
}
