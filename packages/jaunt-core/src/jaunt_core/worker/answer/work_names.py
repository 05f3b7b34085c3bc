"""The names of what does work: reaches files, network, processes, people or time.

What is not listed counts as harmless: a right answer that is rejected costs more than a wrong one
that lands.
"""

from __future__ import annotations


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _each(module: str, names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for name in names.split())


BUILTIN_WORK = _names("open print input exec eval __import__ breakpoint exit quit")

PATHS = frozenset({"pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"}) | _each(
    "pathlib.Path", "cwd home"
)

CALLS_THAT_WORK = (
    _each("sys", "exit stdout.write stderr.write stdin.read stdin.readline stdin.readlines")
    | _each(
        "os",
        "system popen fork forkpty kill killpg abort _exit mkdir makedirs remove unlink rename "
        "renames replace rmdir removedirs listdir scandir walk chdir chmod chown open link symlink "
        "truncate startfile mkfifo posix_spawn posix_spawnp pipe execv execve execvp execl execlp "
        "spawnl spawnlp spawnv spawnvp spawnve",
    )
    | _each("subprocess", "run call check_call check_output Popen getoutput getstatusoutput")
    | _each("shutil", "copy copy2 copyfile copytree rmtree move make_archive unpack_archive chown")
    | _each("socket", "socket create_connection create_server getaddrinfo gethostbyname")
    | _each("socket", "gethostbyname_ex gethostbyaddr getfqdn")
    | _each("urllib.request", "urlopen urlretrieve")
    | _each("http.client", "HTTPConnection HTTPSConnection")
    | _each("requests", "get post put patch delete head options request")
    | _each("httpx", "get post put patch delete head options request stream")
    | _each("smtplib", "SMTP SMTP_SSL")
    | _each("ftplib", "FTP FTP_TLS")
    | _each("asyncio", "run create_subprocess_exec create_subprocess_shell open_connection")
    | _each("time", "sleep")
    | _each("logging", "basicConfig FileHandler debug info warning error exception critical log")
    | _each("logging.config", "dictConfig fileConfig")
    | _each("tempfile", "mkstemp mkdtemp NamedTemporaryFile TemporaryFile TemporaryDirectory")
    | _each("threading", "Timer.start Thread.start")
    | _each("_thread", "start_new_thread")
    | _each("runpy", "run_path run_module")
    | _each("getpass", "getpass")
    | _each("pprint", "pprint pp")
    | _each("traceback", "print_exc print_stack print_exception")
    | _each("webbrowser", "open open_new open_new_tab")
    | _each("unittest", "main")
    | _each("pytest", "main")
    | _each("doctest", "testmod testfile")
    | frozenset({"io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tarfile.open"})
    | frozenset(
        {"zipfile.ZipFile", "sqlite3.connect", "shelve.open", "dbm.open", "fileinput.input"}
    )
    | frozenset({"linecache.getline", "linecache.getlines", "numpy.load", "pandas.read_csv"})
)

METHODS_THAT_WORK = _names(
    "read_text read_bytes write_text write_bytes run_until_complete run_forever"
)
"""Methods that do work on whatever has them."""

_PATH_METHODS = _names(
    "open mkdir touch unlink rmdir rename replace iterdir glob rglob walk chmod symlink_to"
)
_STARTED = frozenset({"start", "run"})
METHODS_OF = {
    **dict.fromkeys(PATHS, _PATH_METHODS),
    "threading.Thread": _STARTED,
    "threading.Timer": _STARTED,
    "multiprocessing.Process": _STARTED,
    "socketserver.TCPServer": frozenset({"serve_forever", "handle_request"}),
    "http.server.HTTPServer": frozenset({"serve_forever", "handle_request"}),
    "concurrent.futures.ThreadPoolExecutor": frozenset({"submit", "map"}),
    "concurrent.futures.ProcessPoolExecutor": frozenset({"submit", "map"}),
    "requests.Session": _names("get post put patch delete head options request send"),
    "httpx.Client": _names("get post put patch delete head options request send"),
}
"""Methods that do work on what a class made."""
