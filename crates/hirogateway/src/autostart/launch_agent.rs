//! The text of a launch agent, as `man launchd.plist` has it: pure functions.

use super::entry::Entry;

/// What the labels of this project begin with.
const DOMAIN: &str = "com.hiroleague";

pub(super) fn label(entry: &Entry) -> String {
    format!("{DOMAIN}.{}", entry.name)
}

/// The command ends and leaves a process behind: without `AbandonProcessGroup` launchd would end that, too.
pub(super) fn text(entry: &Entry) -> String {
    let words: String = entry.words.iter().map(|word| format!("    {}\n", string(word))).collect();
    let label = string(&label(entry));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  {label}\n\
         \x20 <key>ProgramArguments</key>\n  <array>\n{words}  </array>\n\
         \x20 <key>RunAtLoad</key>\n  <true/>\n  <key>AbandonProcessGroup</key>\n  <true/>\n</dict>\n</plist>\n"
    )
}

fn string(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<string>{text}</string>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_runs_the_command_at_login_and_leaves_what_it_started_alone() {
        let words = ["/Users/ada/A & <B>/hirogate", "start", "--instance", "büro \"2\""];
        let words = words.map(str::to_owned).to_vec();
        let text = text(&Entry { name: "hirogate-büro".to_owned(), words });
        assert_eq!(
            text,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>com.hiroleague.hirogate-büro</string>
  <key>ProgramArguments</key>
  <array>
    <string>/Users/ada/A &amp; &lt;B&gt;/hirogate</string>
    <string>start</string>
    <string>--instance</string>
    <string>büro "2"</string>
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>AbandonProcessGroup</key>
  <true/>
</dict>
</plist>
"#
        );
    }
}
