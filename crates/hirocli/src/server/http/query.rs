//! What stands behind the question mark, and what is wrong with it in the words of the Python server. Pure.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::answer::problem;

/// The parameters of a query; of one that is there twice the last.
pub(super) type Query = HashMap<String, String>;

/// A number between 0 and `most`; more is cut down.
pub(super) fn number(query: &Query, key: &str, default: u64, most: u64) -> Result<u64, Value> {
    let Some(text) = query.get(key) else { return Ok(default) };
    match text.trim().parse::<i64>() {
        Ok(number) if number >= 0 => Ok(number.unsigned_abs().min(most)),
        Ok(_) => {
            let message = "Input should be greater than or equal to 0";
            Err(problem("greater_than_equal", json!(["query", key]), message, &json!(text)))
        }
        Err(_) => {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            Err(problem("int_parsing", json!(["query", key]), message, &json!(text)))
        }
    }
}

/// A switch, off unless it is set.
pub(super) fn switch(query: &Query, key: &str) -> Result<bool, Value> {
    let Some(text) = query.get(key) else { return Ok(false) };
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => {
            let message = "Input should be a valid boolean, unable to interpret input";
            Err(problem("bool_parsing", json!(["query", key]), message, &json!(text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::from_iter([("x".to_owned(), text.to_owned())])
    }

    #[test]
    fn numbers_have_a_default_and_a_limit_and_must_be_numbers() {
        assert_eq!(number(&Query::new(), "x", 7, 9), Ok(7));
        assert_eq!(number(&query("99999"), "x", 7, 9), Ok(9));
        assert_eq!(number(&query("abc"), "x", 7, 9).unwrap_err()["type"], "int_parsing");
        assert_eq!(number(&query("-1"), "x", 7, 9).unwrap_err()["loc"], json!(["query", "x"]));
    }

    #[test]
    fn switches_are_words() {
        assert_eq!(switch(&Query::new(), "x"), Ok(false));
        assert_eq!(switch(&query("1"), "x"), Ok(true));
        assert_eq!(switch(&query("maybe"), "x").unwrap_err()["type"], "bool_parsing");
    }
}
