//! Whom a frame is for, read from the text of its `target_device_id` as the Python package reads it: what counts as
//! false there addresses everyone else, and what can't be a name addresses nobody.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Everyone,
    One(String),
    Nobody,
}

impl Target {
    /// The one peer that is meant.
    pub(super) fn into_name(self) -> Option<String> {
        match self {
            Self::One(name) => Some(name),
            Self::Everyone | Self::Nobody => None,
        }
    }

    pub(super) fn read(json: Option<&str>) -> Self {
        let Some(json) = json else { return Self::Everyone };
        match serde_json::from_str(json) {
            Ok(Value::Null | Value::Bool(false)) => Self::Everyone,
            Ok(Value::Number(number)) if number.as_f64() == Some(0.0) => Self::Everyone,
            Ok(Value::String(name)) if name.is_empty() => Self::Everyone,
            Ok(Value::String(name)) => Self::One(name),
            _ => Self::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn what_python_takes_for_false_addresses_everyone_else() {
        for json in [None, Some("null"), Some("\"\""), Some("0"), Some("-0.0"), Some("false")] {
            assert_eq!(Target::read(json), Target::Everyone, "{json:?}");
        }
    }

    #[test]
    fn a_text_addresses_its_bearer_however_it_is_escaped() {
        assert_eq!(Target::read(Some(r#""\u0061""#)), Target::One("a".to_owned()));
    }

    #[test]
    fn what_can_not_be_a_name_addresses_nobody() {
        for json in ["true", "7", "NaN", "[]", "{}", "[\"a\"]", "1e999", r#""\ud800""#] {
            assert_eq!(Target::read(Some(json)), Target::Nobody, "{json}");
        }
    }
}
