//! The body of a request, and what is wrong with it in the words of the Python server. Pure but for the reading of it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer::{detail, problem, unprocessable};

/// No body is larger.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The fields of the object that a body is.
#[derive(Debug)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let headers = request.headers().clone();
        match Bytes::from_request(request, state).await {
            Ok(body) => fields(&headers, &body).map(Self).map_err(|problem| unprocessable(&problem)),
            Err(refused) => Err(detail(refused.status(), &refused.body_text())),
        }
    }
}

/// Whether the next server shall have the admin pages; false unless the body says so.
///
/// The error is one entry of the list of problems that the client gets.
pub(super) fn admin(fields: &Map<String, Value>) -> Result<bool, Value> {
    match fields.get("admin") {
        None => Ok(false),
        Some(Value::Bool(admin)) => Ok(*admin),
        Some(other) => {
            Err(problem("bool_type", json!(["body", "admin"]), "Input should be a valid boolean", other))
        }
    }
}

fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Value> {
    if body.is_empty() {
        return Err(problem("missing", json!(["body"]), "Field required", &Value::Null));
    }
    if !is_json(headers) {
        return Err(no_object(&json!(String::from_utf8_lossy(body))));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(no_object(&other)),
        Err(error) => {
            let place = json!(["body", offset(body, &error)]);
            let mut problem = problem("json_invalid", place, "JSON decode error", &json!({}));
            problem["ctx"] = json!({"error": error.to_string()});
            Err(problem)
        }
    }
}

/// What says nothing of its type is taken for JSON, as is any type whose name ends so.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let lines = body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1)
}

fn no_object(input: &Value) -> Value {
    let message = "Input should be a valid dictionary or object to extract fields from";
    problem("model_attributes_type", json!(["body"]), message, input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restart(headers: &HeaderMap, body: &str) -> Result<bool, Value> {
        fields(headers, body.as_bytes()).and_then(|fields| admin(&fields))
    }

    fn parse(body: &str) -> Result<bool, Value> {
        restart(&HeaderMap::new(), body)
    }

    #[test]
    fn an_empty_object_means_no_admin_pages() {
        assert_eq!(parse("{}"), Ok(false));
        assert_eq!(parse(r#"{"admin": true}"#), Ok(true));
    }

    #[test]
    fn every_problem_has_a_type_and_a_place() {
        let table = [
            ("", "missing", json!(["body"])),
            ("{", "json_invalid", json!(["body", 0])),
            ("{\n x", "json_invalid", json!(["body", 3])),
            ("[1]", "model_attributes_type", json!(["body"])),
            (r#"{"admin": 7}"#, "bool_type", json!(["body", "admin"])),
        ];
        for (body, kind, place) in table {
            let problem = parse(body).unwrap_err();
            assert_eq!((&problem["type"], &problem["loc"]), (&json!(kind), &place), "{body}");
        }
    }

    #[test]
    fn a_body_that_says_it_is_plain_text_is_not_taken_for_json() {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "text/plain".parse().unwrap())]);
        assert_eq!(restart(&headers, "{}").unwrap_err()["type"], "model_attributes_type");
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap())]);
        assert_eq!(restart(&headers, "{}"), Ok(false));
    }
}
