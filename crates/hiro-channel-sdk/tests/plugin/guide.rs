//! The guide shows the example, word for word, and the example is as short as the guide says.

const GUIDE: &str = include_str!("../../GUIDE.md");
const EXAMPLE: &str = include_str!("../../examples/lines.rs");

#[test]
fn the_guide_shows_the_example_word_for_word() {
    assert!(GUIDE.contains(&format!("```rust,no_run\n{EXAMPLE}```\n")));
}

#[test]
fn the_example_has_no_more_than_fifty_lines_of_code() {
    let code = EXAMPLE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//!"));
    assert_eq!(code.count(), 50);
}
