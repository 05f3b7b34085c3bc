"""The names of calls that do work: reach files, network, processes, people or time.

What is not listed counts as harmless: a right answer that is rejected costs more than a wrong one
that lands.
"""

from __future__ import annotations


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _in(module: str, names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for name in names.split())


BUILTIN_WORK = _names("open print input exec eval __import__ breakpoint exit quit")

PATHS = frozenset({"pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"}) | _in(
    "pathlib.Path", "cwd home"
)

CALLS_THAT_WORK = (
    _in("sys", "exit stdout.write stderr.write stdin.read stdin.readline stdin.readlines")
    | _in(
        "os",
        "system popen fork forkpty kill killpg abort _exit mkdir makedirs remove unlink rename "
        "renames replace rmdir removedirs listdir scandir walk chdir chmod chown open link symlink "
        "truncate startfile mkfifo posix_spawn posix_spawnp pipe execv execve execvp execl execlp "
        "spawnl spawnlp spawnv spawnvp spawnve",
    )
    | _in("subprocess", "run call check_call check_output Popen getoutput getstatusoutput")
    | _in("shutil", "copy copy2 copyfile copytree rmtree move make_archive unpack_archive chown")
    | _in("socket", "socket create_connection create_server getaddrinfo gethostbyname")
    | _in("socket", "gethostbyname_ex gethostbyaddr getfqdn")
    | _in("urllib.request", "urlopen urlretrieve")
    | _in("http.client", "HTTPConnection HTTPSConnection")
    | _in("requests", "get post put patch delete head options request")
    | _in("httpx", "get post put patch delete head options request stream")
    | _in("smtplib", "SMTP SMTP_SSL")
    | _in("ftplib", "FTP FTP_TLS")
    | _in("asyncio", "run create_subprocess_exec create_subprocess_shell open_connection")
    | _in("logging", "basicConfig FileHandler debug info warning error exception critical log")
    | _in("logging.config", "dictConfig fileConfig")
    | _in("tempfile", "mkstemp mkdtemp NamedTemporaryFile TemporaryFile TemporaryDirectory")
    | _in("threading", "Timer.start Thread.start")
    | _in("runpy", "run_path run_module")
    | _in("pprint", "pprint pp")
    | _in("traceback", "print_exc print_stack print_exception")
    | _in("webbrowser", "open open_new open_new_tab")
    | _in("doctest", "testmod testfile")
    | _names("io.open codecs.open gzip.open bz2.open lzma.open tarfile.open zipfile.ZipFile")
    | _names("sqlite3.connect shelve.open dbm.open fileinput.input numpy.load pandas.read_csv")
    | _names("linecache.getline linecache.getlines time.sleep _thread.start_new_thread")
    | _names("getpass.getpass unittest.main pytest.main")
)

METHODS_THAT_WORK = _names(
    "read_text read_bytes write_text write_bytes run_until_complete run_forever"
)
"""Methods that do work whatever object they belong to."""

_PATH_METHODS = _names(
    "open mkdir touch unlink rmdir rename replace iterdir glob rglob walk chmod symlink_to"
)
_STARTING = frozenset({"start", "run"})
METHODS_OF = {
    **dict.fromkeys(PATHS, _PATH_METHODS),
    "threading.Thread": _STARTING,
    "threading.Timer": _STARTING,
    "multiprocessing.Process": _STARTING,
    "socketserver.TCPServer": frozenset({"serve_forever", "handle_request"}),
    "http.server.HTTPServer": frozenset({"serve_forever", "handle_request"}),
    "concurrent.futures.ThreadPoolExecutor": frozenset({"submit", "map"}),
    "concurrent.futures.ProcessPoolExecutor": frozenset({"submit", "map"}),
    "requests.Session": _names("get post put patch delete head options request send"),
    "httpx.Client": _names("get post put patch delete head options request send"),
}
"""Methods that do work on instances of a class."""
