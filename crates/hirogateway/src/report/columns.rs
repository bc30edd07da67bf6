//! Rows of text under their headings, for people: aligned, and without a space at the end of a line.

/// The headings and the rows, each column as wide as its longest text. The last line ends with a line break, too.
///
/// ```
/// let text = hirogateway::report::columns(["NAME", "PID"], &[["home".into(), "1".into()]]);
/// assert_eq!(text, "NAME  PID\nhome  1\n");
/// ```
#[must_use]
pub fn columns<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let all = || std::iter::once(&headings).chain(rows);
    let widths: [usize; N] =
        std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default());
    all().map(|row| line(row, &widths)).collect()
}

fn line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let cells = row.iter().zip(widths).map(|(text, width)| format!("{text:width$}"));
    format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
}
