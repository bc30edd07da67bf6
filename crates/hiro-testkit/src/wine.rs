//! What Wine does not do as Windows does: the one table. A test that meets one of its rows names it.

use std::path::Path;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// `GetExtendedTcpTable` names PID 0 for every listening port, so that the holder of a port can't be told.
    PortHolders,
    /// No registry that CI may use has CPython for Windows: what needs a real interpreter is left to real Windows, and
    /// `uv_gets_the_command_line_of_rule_1` runs the real `uv.exe` with a stand-in.
    Python,
    /// `GenerateConsoleCtrlEvent` fails with error 6 on a hidden console, with or without a display: a program behind the
    /// shim can't be asked to end there, only ended.
    ConsoleEvents,
    /// `pdh.dll` has no `PdhEnumObjectsW`, and Wine ends whoever calls it: a server that gathers figures does at the second
    /// look, because `sysinfo` asks there how busy the processors are.
    PerformanceCounters,
}

/// Whether this is a Windows program under Wine, where `lack` keeps a promise from being kept.
#[must_use]
pub fn wine_lacks(lack: Lack) -> bool {
    let _every_row_is_about_wine = lack;
    cfg!(windows) && Path::new(r"C:\windows\system32\winecfg.exe").exists()
}

/// Whether this system tells who holds a port: macOS does not, nor does Wine.
#[must_use]
pub fn tells_port_holders() -> bool {
    !cfg!(target_os = "macos") && !wine_lacks(Lack::PortHolders)
}

/// How a message calls the holder of a port that this test has taken; the program's name follows in parentheses.
#[must_use]
pub fn taken_by_this_test(port: u16) -> String {
    match tells_port_holders() {
        true => format!("port {port} is taken by PID {}", std::process::id()),
        false => format!("port {port} is taken by another program"),
    }
}
