"""Network namespaces that nobody else sees.

They have no names: this process holds them by file descriptors, so the kernel takes them away when it dies, however it
dies. It lives in a process and a mount namespace of its own: what it started dies with it, and what tools write below
/run (locks, names) is its own.
"""
import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys

NEWNS, NEWPID, NEWNET = 0x00020000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 2, 4, 16384, 1 << 18
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def mount(source, target, kind, flags):
    check(libc.mount(source and source.encode(), target.encode(), kind and kind.encode(), flags, None))


def die_with_parent(parent):
    """`parent`: its id before; it may have died before the kernel was asked to tell."""
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(3)


def isolate(parent):
    """Goes on in a child that is process 1 of its own namespace; the caller waits for it and ends as it ends."""
    die_with_parent(parent)
    check(libc.unshare(NEWNS | NEWPID | NEWNET))
    alive, held = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 127)
    os.close(held)
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    if select.select([alive], [], [], 0)[0]:
        os._exit(3)
    mount(None, '/', None, MS_REC | MS_PRIVATE)
    mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV)
    mount('tmpfs', '/run', 'tmpfs', MS_NOSUID | MS_NODEV)


class Spaces:
    """The machines of one stage, by name."""

    def __init__(self):
        self.fds = {}
        self.inodes = {}

    def create(self, names):
        home = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        try:
            for name in names:
                check(libc.unshare(NEWNET))
                fd = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
                self.fds[name] = fd
                self.inodes[os.fstat(fd).st_ino] = name
        finally:
            check(libc.setns(home, NEWNET))
            os.close(home)

    def path(self, name):
        """A path by which `ip link ... netns PATH` finds a machine."""
        return '/proc/%d/fd/%d' % (os.getpid(), self.fds[name])

    def close(self):
        for fd in self.fds.values():
            os.close(fd)
        self.fds, self.inodes = {}, {}

    @contextlib.contextmanager
    def inside(self, name):
        """The calling thread is in the machine, and so is what it starts."""
        home = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        check(libc.setns(self.fds[name], NEWNET))
        try:
            yield
        finally:
            check(libc.setns(home, NEWNET))
            os.close(home)

    def run(self, name, command, stdin=None, timeout=60):
        """A shell's command line (text) or words (list); `@NAME@` is the path of machine NAME."""
        resolve = self.resolve
        words = ['/bin/sh', '-c', resolve(command)] if isinstance(command, str) else [resolve(w) for w in command]
        with self.inside(name):
            done = subprocess.run(words, input=stdin and resolve(stdin), stdin=None if stdin is not None else subprocess.DEVNULL, text=True, errors='replace', capture_output=True, timeout=timeout)
        return {'code': done.returncode, 'stdout': done.stdout, 'stderr': done.stderr}

    def resolve(self, text):
        if '@' in text:
            for name in self.fds:
                text = text.replace('@%s@' % name, self.path(name))
        return text

    def sysctl(self, name, values):
        """Writes what is not so already. Returns what could not be written, or came out otherwise."""
        refused = []
        with self.inside(name):
            for key, value in values:
                path = '/proc/sys/' + key.replace('.', '/').replace('@', '.')
                try:
                    with open(path) as f:
                        now = f.read()
                    if now.split() == value.split():
                        continue
                    with open(path, 'w') as f:
                        f.write(value)
                except OSError as error:
                    refused.append([key, value, os.strerror(error.errno)])
        return refused
