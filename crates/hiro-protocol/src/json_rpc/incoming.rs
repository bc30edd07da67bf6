//! Tells what an incoming frame is: notification, request or response, or nothing that JSON-RPC knows.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{ErrorObject, Id, Notification, Request, Response};

/// A frame from the other side.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// To be done.
    Notification(Notification),
    /// To be done and answered.
    Request(Request),
    /// The answer to something that was asked.
    Response(Response),
}

/// Why a frame is none of JSON-RPC's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidFrame {
    /// The text is no JSON.
    #[error("the frame is not json")]
    NotJson {
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// The JSON is an array, a number, …
    #[error("the frame is not an object")]
    NotAnObject,
    /// Neither a call nor an answer.
    #[error("the frame has neither a method nor a result nor an error")]
    Purposeless,
    /// Methods are named by text.
    #[error("the method is not a string")]
    MethodNotText,
    /// Params by position are not used here.
    #[error("the params of `{method}` are not an object")]
    ParamsNotAnObject {
        /// Whose they are.
        method: String,
    },
    /// Neither text nor whole number nor null.
    #[error("the id is neither a string nor a whole number")]
    InvalidId,
    /// An error without a code.
    #[error("the error of the response has not the shape of one")]
    InvalidError {
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl Incoming {
    /// Reads a text frame.
    ///
    /// # Errors
    /// Why it is none of JSON-RPC's; the connection is none the worse for it.
    pub fn parse(frame: &str) -> Result<Self, InvalidFrame> {
        let value = serde_json::from_str(frame).map_err(|source| InvalidFrame::NotJson { source })?;
        let Value::Object(mut fields) = value else {
            return Err(InvalidFrame::NotAnObject);
        };
        let id = take_id(&mut fields)?;
        match fields.remove("method") {
            Some(Value::String(method)) => call(method, id, &mut fields),
            Some(_) => Err(InvalidFrame::MethodNotText),
            None => response(id, &mut fields).map(Self::Response),
        }
    }
}

fn call(method: String, id: Option<Id>, fields: &mut Map<String, Value>) -> Result<Incoming, InvalidFrame> {
    let params = match fields.remove("params") {
        Some(Value::Object(params)) => params,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(InvalidFrame::ParamsNotAnObject { method }),
    };
    Ok(match id {
        Some(id) => Incoming::Request(Request { id, method, params }),
        None => Incoming::Notification(Notification { method, params }),
    })
}

fn response(id: Option<Id>, fields: &mut Map<String, Value>) -> Result<Response, InvalidFrame> {
    let outcome = match (fields.remove("result"), fields.remove("error")) {
        (None, None) => return Err(InvalidFrame::Purposeless),
        (result, None | Some(Value::Null)) => Ok(result.unwrap_or(Value::Null)),
        (_, Some(error)) => Err(serde_json::from_value::<ErrorObject>(error)
            .map_err(|source| InvalidFrame::InvalidError { source })?),
    };
    Ok(Response { id, outcome })
}

fn take_id(fields: &mut Map<String, Value>) -> Result<Option<Id>, InvalidFrame> {
    match fields.remove("id") {
        None | Some(Value::Null) => Ok(None),
        Some(id) => serde_json::from_value(id).map(Some).map_err(|_| InvalidFrame::InvalidId),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_null_id_makes_a_notification() {
        let frame = r#"{"jsonrpc":"2.0","method":"channel.event","params":{"event":"x"},"id":null}"#;
        let Incoming::Notification(call) = Incoming::parse(frame).unwrap() else {
            panic!("not a notification")
        };
        assert_eq!(call.params["event"], "x");
    }

    #[test]
    fn a_response_with_both_fields_means_the_one_that_is_not_null() {
        let outcome = |frame: &str| match Incoming::parse(frame).unwrap() {
            Incoming::Response(response) => response.outcome,
            other => panic!("not a response: {other:?}"),
        };
        assert_eq!(outcome(r#"{"result":{"ok":true},"error":null,"id":"a"}"#), Ok(json!({"ok": true})));
        let error =
            outcome(r#"{"result":null,"error":{"code":-32603,"message":"no"},"id":"a"}"#).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (-32603, "no"));
    }

    #[test]
    fn missing_or_null_params_are_an_empty_object() {
        for frame in [r#"{"method":"m","id":1}"#, r#"{"method":"m","id":1,"params":null}"#] {
            let Incoming::Request(request) = Incoming::parse(frame).unwrap() else { panic!("not a request") };
            assert!(request.params.is_empty());
        }
    }

    #[test]
    fn what_is_no_frame_says_why() {
        let table = [
            ("{", "the frame is not json"),
            ("[1]", "the frame is not an object"),
            ("{}", "the frame has neither a method nor a result nor an error"),
            (r#"{"method":1}"#, "the method is not a string"),
            (r#"{"method":"m","params":[1]}"#, "the params of `m` are not an object"),
            (r#"{"method":"m","id":1.5}"#, "the id is neither a string nor a whole number"),
            (r#"{"error":"no","id":1}"#, "the error of the response has not the shape of one"),
        ];
        for (frame, expected) in table {
            assert_eq!(Incoming::parse(frame).unwrap_err().to_string(), expected);
        }
    }
}
