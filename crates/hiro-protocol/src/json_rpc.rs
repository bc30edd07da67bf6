//! JSON-RPC 2.0 as the server and its channel plugins speak it: one object per text frame, params always an object.
//!
//! Reading is lenient where the plugins of the Python packages need it: their notifications say `"id":null` and
//! their responses carry both `result` and `error`, one of them null. Writing is strict.

mod incoming;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use incoming::{Incoming, InvalidFrame};

/// The code of an error: nobody knows the method.
pub const METHOD_NOT_FOUND: i64 = -32601;

/// The code of an error: the method failed.
pub const INTERNAL_ERROR: i64 = -32603;

/// The names of the methods on the plugin port.
pub mod method {
    /// Plugin to server: who I am. Always the first frame.
    pub const REGISTER: &str = "channel.register";
    /// Server to plugin: your configuration.
    pub const CONFIGURE: &str = "channel.configure";
    /// Plugin to server: a message came in.
    pub const RECEIVE: &str = "channel.receive";
    /// Both ways: something happened.
    pub const EVENT: &str = "channel.event";
    /// Server to plugin: send this message.
    pub const SEND: &str = "channel.send";
    /// Server to plugin: finish; the socket is closed next.
    pub const STOP: &str = "channel.stop";
    /// Server to plugin, a request: are you well?
    pub const STATUS: &str = "channel.status";
}

/// What ties a response to its request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// A call that nobody answers.
///
/// ```
/// use hiro_protocol::json_rpc::{Notification, method};
/// use serde_json::Map;
///
/// let frame = Notification::new(method::STOP, Map::new()).to_frame();
/// assert_eq!(frame, r#"{"jsonrpc":"2.0","method":"channel.stop","params":{}}"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// What shall be done.
    pub method: String,
    /// With what.
    pub params: Map<String, Value>,
}

/// A call that is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Repeated in the answer.
    pub id: Id,
    /// What shall be done.
    pub method: String,
    /// With what.
    pub params: Map<String, Value>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The id of the request; none when the other side could not tell.
    pub id: Option<Id>,
    /// What came of it.
    pub outcome: Result<Value, ErrorObject>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorObject {
    /// [`METHOD_NOT_FOUND`], [`INTERNAL_ERROR`], or another of JSON-RPC's.
    pub code: i64,
    /// For people.
    #[serde(default)]
    pub message: String,
    /// For programs.
    #[serde(default)]
    pub data: Option<Value>,
}

impl Notification {
    /// A call of `method` that nobody answers.
    pub fn new(method: &str, params: Map<String, Value>) -> Self {
        Self { method: method.to_owned(), params }
    }

    /// The text frame.
    pub fn to_frame(&self) -> String {
        json!({"jsonrpc": "2.0", "method": self.method, "params": self.params}).to_string()
    }
}

impl Request {
    /// A call of `method`, to be answered under `id`.
    pub fn new(id: Id, method: &str, params: Map<String, Value>) -> Self {
        Self { id, method: method.to_owned(), params }
    }

    /// The text frame.
    pub fn to_frame(&self) -> String {
        json!({"jsonrpc": "2.0", "method": self.method, "params": self.params, "id": self.id}).to_string()
    }
}

impl Response {
    /// The answer to the request `id`.
    pub fn new(id: Id, outcome: Result<Value, ErrorObject>) -> Self {
        Self { id: Some(id), outcome }
    }

    /// The text frame: it has either a result or an error.
    pub fn to_frame(&self) -> String {
        match &self.outcome {
            Ok(result) => json!({"jsonrpc": "2.0", "result": result, "id": self.id}),
            Err(error) => json!({"jsonrpc": "2.0", "error": error, "id": self.id}),
        }
        .to_string()
    }
}

impl ErrorObject {
    /// Nobody knows `method`.
    pub fn method_not_found(method: &str) -> Self {
        Self { code: METHOD_NOT_FOUND, message: format!("Method not found: {method}"), data: None }
    }

    /// The method failed, for this reason.
    pub fn internal(reason: impl ToString) -> Self {
        Self { code: INTERNAL_ERROR, message: reason.to_string(), data: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_method_is_answered_as_the_python_server_answers_it() {
        let error = ErrorObject::method_not_found("X");
        assert_eq!(
            Response::new(Id::Number(4), Err(error)).to_frame(),
            r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found: X","data":null},"id":4}"#
        );
    }

    #[test]
    fn the_id_of_an_answer_keeps_the_type_of_the_question() {
        let answer = |id| Response::new(id, Ok(json!({"ok": true}))).to_frame();
        assert!(answer(Id::Number(1)).ends_with(r#""id":1}"#));
        assert!(answer(Id::Text("1".to_owned())).ends_with(r#""id":"1"}"#));
    }
}
