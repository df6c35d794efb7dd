"""Programs that a measurement starts, and ends whatever happens; and Culvert among them, as a user starts it. One thread."""
import ctypes
import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STARTER = os.environ.get("CULVERT_STARTER", os.path.join(HERE, "..", "..", "app", "target", "culvert"))
LOAD = [sys.executable, os.path.join(HERE, "load.py")]
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


def _end_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def need(*commands):
    """Ends with a clear word where a command is missing. Administrators' commands lie in sbin, which a plain user's path may leave out."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [c for c in commands if not shutil.which(c)]
    if missing:
        sys.exit(f"missing: {' '.join(missing)} (on Debian: apt-get install openssh-server openssh-client curl iproute2 util-linux nginx-light wrk, or what is missing of them)")
    if not os.access(STARTER, os.X_OK):
        sys.exit(f"{STARTER}: missing (expected: built by ./dev build)")


class Processes:
    """A directory for files of this run, and all programs started in it. Use with 'with': at its end both are gone."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="culvert-bench")
        self.started = []
        # A SIGTERM ends us like Ctrl-C: by way of __exit__.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        self.stop(self.started[:])
        shutil.rmtree(self.directory, ignore_errors=True)

    def file(self, name, text=None):
        path = os.path.join(self.directory, name)
        if text is not None:
            with open(path, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
                f.write(text)
        return path

    def spawn(self, command, name, space=None, **how):
        """Starts a program, its talk in NAME.log; 'space' is a process whose network namespace it shall live in."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CULVERT_") and k not in ("EXPOSE_PORT", "AUTHORIZE_KEYS")}
        how.setdefault("stdin", subprocess.DEVNULL)
        with open(self.file(name + ".log"), "ab") as log:
            how.setdefault("stdout", log)
            process = subprocess.Popen(
                within(space, command), stderr=log, env=environment, cwd=self.directory, preexec_fn=_end_with_parent, **how
            )
        self.started.append(process)
        return process

    def stop(self, processes):
        """The last first: what was started later leans on what was started earlier."""
        for process in reversed(processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            self.started.remove(process)

    def log(self, name):
        with open(self.file(name + ".log"), errors="replace") as f:
            return f.read()

    def until(self, what, done, seconds=60):
        end = time.monotonic() + seconds
        while True:
            result = done()
            if result:
                return result
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {seconds} s")
            time.sleep(0.05)


def within(space, command):
    return command if space is None else ["nsenter", "-t", str(space), "-n", "--", *command]


def listens(address, port, space=None):
    """Whether a TCP port is open; asks by connecting, in the namespace of that process."""
    probe = f"import socket; socket.create_connection(({address!r}, {port}), 1)"
    return subprocess.run(within(space, [sys.executable, "-c", probe]), stderr=subprocess.DEVNULL).returncode == 0


class CulvertServer:
    """A server with TLS and keys on, in a namespace of its own or in ours, and its API."""

    def __init__(self, run, bridge="127.0.0.1", space=None, name="culvert"):
        self.run, self.space = run, space
        data = run.file(name + "-data")
        self.server = run.spawn(
            [STARTER, "server", "--http", "127.0.0.1:0", "--bridge", f"{bridge}:0", "--expose-host", "127.0.0.1", "--ports", "7400-7499",
             "--data", data, "--print-ready"],
            name + "-server", space, stdout=subprocess.PIPE, text=True)
        ready = self.server.stdout.readline().split()
        if not ready or ready[0] != "ready":
            raise RuntimeError("the server did not start:\n" + run.log(name + "-server"))
        self.processes = [self.server]
        self.words = dict(word.split("=", 1) for word in ready[1:])
        with open(os.path.join(data, "admin.key")) as f:
            key = f.read().strip()
        # Key and token go by file: an argument would show them to everybody on the machine.
        self.curl = run.file(name + "-curl", f'header = "Authorization: Bearer {key}"\n')

    def call(self, name, *options, **parameters):
        """What /api/NAME answers to a POST, or to a GET where curl's options say '--get'."""
        data = [word for parameter, value in parameters.items() for word in ("--data", f"{parameter}={value}")]
        answer = subprocess.run(
            within(self.space, ["curl", "--config", self.curl, "--silent", "--show-error", "--fail-with-body",
                                *options, f"http://{self.words['http']}/api/{name}", *data]),
            capture_output=True, text=True)
        if answer.returncode:
            raise RuntimeError(f"{name}: {answer.stdout}{answer.stderr}")
        return json.loads(answer.stdout)

    def stop(self):
        self.run.stop(self.processes)
        self.server.stdout.close()


class Culvert(CulvertServer):
    """A server and one agent, each in a namespace of its own or both in ours."""

    def __init__(self, run, targets, bridge="127.0.0.1", server_space=None, agent_space=None, datagrams=(), name="culvert"):
        """'targets' maps public ports, 7400 to 7499, to ports of 127.0.0.1 where the agent is; 'datagrams' are those for UDP."""
        begin = time.monotonic()
        super().__init__(run, bridge, server_space, name)
        exposes = ",".join(f"{'udp://' if public in datagrams else ''}127.0.0.1:{target}-{public}" for public, target in targets.items())
        answer = self.call("create", exposes=exposes, expire=-1)
        self.start_seconds = time.monotonic() - begin
        token = run.file(name + "-token", answer["join"] + "\n")
        self.processes.append(run.spawn(
            [STARTER, "agent", "--server", self.words["bridge"], "--token-file", token], name + "-agent", agent_space))


class Ssh:
    """OpenSSH's server and client with 'ssh -R', with keys of their own."""

    def __init__(self, run, targets, address="127.0.0.1", server_space=None, agent_space=None):
        self.run = run
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        host, user = run.file("ssh-host"), run.file("ssh-user")
        for key in (host, user):
            if not os.path.exists(key):
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        config = run.file("sshd.cfg", f"Port 6222\nListenAddress {address}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nStrictModes no\nPidFile none\n"
                                      "UsePAM no\nPermitRootLogin yes\nMaxSessions 1000\n")
        server = run.spawn([shutil.which("sshd"), "-D", "-f", config], "sshd", server_space)
        run.until("sshd", lambda: listens(address, 6222, server_space))
        ports = [word for public, target in targets.items() for word in ("-R", f"{public}:127.0.0.1:{target}")]
        client = run.spawn(
            ["ssh", "-N", "-F", "none", "-i", user, "-p", "6222", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "ExitOnForwardFailure=yes", *ports, f"{getpass.getuser()}@{address}"], "ssh", agent_space)
        self.processes = [server, client]

    def stop(self):
        self.run.stop(self.processes)
