//! `${NAME}` and `${NAME:-default}` in a text: replaced by variables of whoever reads the file. Pure.

/// The text with every variable replaced; `$${` stands for `${` itself.
pub(super) fn replace(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            whole.push_str(before);
            whole.push_str("${");
            rest = after;
            continue;
        }
        let (inside, after) = after.split_once('}').ok_or("`${` has no `}`")?;
        whole.push_str(before);
        whole.push_str(&value(inside, variable)?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

/// A variable that is empty counts as not set, as it does in shells.
fn value(inside: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Err(format!("`{}` is no name of a variable", name.escape_debug()));
    }
    let found = variable(name).filter(|value| !value.is_empty()).or_else(|| default.map(str::to_owned));
    found.ok_or_else(|| {
        format!("the variable `{name}` is not set; `${{{name}:-default}}` would give it a default")
    })
}

#[cfg(test)]
mod tests {
    use super::replace;

    fn replaced(text: &str) -> Result<String, String> {
        replace(text, &|name| match name {
            "PORT" => Some("8080".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_replaced_and_everything_else_stays() {
        let cases = [
            ("port:${PORT}", "port:8080"),
            ("${PORT}${PORT}", "80808080"),
            ("${NONE:-1}-${EMPTY:-a:-b}", "1-a:-b"),
            ("$PORT $${PORT} }", "$PORT ${PORT} }"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(replaced(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let told = "the variable `NONE` is not set; `${NONE:-default}` would give it a default";
        assert_eq!(replaced("a${NONE}").unwrap_err(), told);
        assert_eq!(replaced("${PORT").unwrap_err(), "`${` has no `}`");
        assert_eq!(replaced("${A B}").unwrap_err(), "`A B` is no name of a variable");
    }
}
