"""Starts, watches and stops background processes by their PID files: a drop-in for `hiro_commons.process`."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Literal, NoReturn

_Path = str | PathLike[str]
_State = Literal["stopped", "starting", "ready", "stopping", "crashed", "unverifiable"]

__version__: str

class AlreadyRunningError(RuntimeError):
    """Another process of this instance lives; the message names it."""

class UnverifiableError(RuntimeError):
    """It can't be told whether the process runs: nothing was signalled and nothing removed."""

# How to start.

def find_workspace_root(start: _Path | None = None) -> Path | None:
    """The nearest folder from `start` upward that is a uv workspace; from this package's own file unless given."""

def uv_python_cmd(start: _Path | None = None) -> list[str]:
    """`uv run --directory <workspace root> python`. Raises FileNotFoundError where there is no workspace, or no uv."""

def spawn_detached(
    cmd: Sequence[_Path],
    env: Mapping[str, str] | None = None,
    stderr_log: _Path | None = None,
) -> None:
    """Starts a program that is detached from the caller; its stderr is appended to `stderr_log`."""

def wait_for_pid(
    base_path: _Path,
    pid_filename: _Path,
    *,
    timeout: float = 20.0,
    poll_interval: float = 0.15,
    stderr_log: _Path | None = None,
    legacy_command: Sequence[str] | None = None,
) -> int:
    """Waits until a process has announced itself and lives. Raises RuntimeError after `timeout` seconds."""

# Where the files are.

def pid_file(base_path: _Path, pid_filename: _Path) -> Path: ...
def channel_pid_file(base_path: _Path, channel_name: str, channels_dir: str = "channels") -> Path: ...

# What the child says of itself.

def write_pid(base_path: _Path, pid_filename: _Path, pid: int | None = None) -> None:
    """Announces the calling process, and says that it is ready. `pid` may only be None, 0 or the caller's own."""

def write_channel_pid(
    base_path: _Path, channel_name: str, pid: int | None = None, channels_dir: str = "channels"
) -> None:
    """`write_pid` for a channel's PID file: the channel plugin itself calls it."""

def announce(base_path: _Path, pid_filename: _Path, *, version: str = "") -> None:
    """Announces the calling process as one that is still starting."""

def ready(base_path: _Path, pid_filename: _Path) -> None:
    """Says that the calling process, announced before, does its job now."""

# What others may say of it.

def is_running(pid: int | None, create_time: float | None = None) -> bool:
    """Whether a live process bears the number, and started at `create_time` if that is given."""

def get_status(
    base_path: _Path, pid_filename: _Path, *, legacy_command: Sequence[str] | None = None
) -> _State:
    """What can be said of the instance."""

def read_pid(base_path: _Path, pid_filename: _Path) -> int | None: ...
def read_pid_record(base_path: _Path, pid_filename: _Path) -> tuple[int | None, float | None]: ...
def read_running_pid(
    base_path: _Path, pid_filename: _Path, *, legacy_command: Sequence[str] | None = None
) -> int | None:
    """The PID of the instance's live process, verified. Removes nothing."""

def read_channel_pid(base_path: _Path, channel_name: str, channels_dir: str = "channels") -> int | None: ...

# How to stop.

def stop_process(
    base_path: _Path,
    pid_filename: _Path,
    *,
    grace: float = 10.0,
    legacy_command: Sequence[str] | None = None,
) -> bool:
    """Stops the instance and waits until nothing of it is left. False if there was nothing to stop."""

def remove_pid(base_path: _Path, pid_filename: _Path) -> None:
    """Clears what a crashed process left. Raises AlreadyRunningError while it lives."""

def remove_channel_pid(base_path: _Path, channel_name: str, channels_dir: str = "channels") -> None:
    """Clears what a crashed channel plugin left."""

def kill_process(pid: int, *, include_tree: bool = False) -> NoReturn:
    """Always raises NotImplementedError: use `stop_process`, which verifies the process."""
