"""Which packets the kernel threw away, where and why: the raw tracepoint skb:kfree_skb.

A small BPF program, assembled here, copies of each freed IP packet: time, caller, reason, network namespace, and the
first bytes from the network header on. Offsets of structs and names of reasons come from the running kernel's BTF.
"""
import bisect
import ctypes
import mmap
import os
import struct

from spaces import check, libc

SYS_BPF = 321 if os.uname().machine == 'x86_64' else 280
MAP_CREATE, MAP_UPDATE, MAP_DELETE, PROG_LOAD, RAW_TRACEPOINT_OPEN = 0, 2, 3, 5, 17
MAP_HASH, MAP_RINGBUF, PROG_RAW_TRACEPOINT = 1, 27, 17
LOOKUP, KTIME, PROBE_READ, RINGBUF_OUTPUT = 1, 5, 113, 130
STRUCT, ENUM = 4, 6
PACKET = 184
EVENT = 40 + PACKET
RING = 1 << 22


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, max(len(attributes), 128))
    return check(libc.syscall(SYS_BPF, command, buffer, len(attributes)))


class Btf:
    """Just enough of Documentation/bpf/btf.rst: members of structs, values of enums."""

    EXTRA = {1: 4, 3: 12, 14: 4, 17: 4}
    PER_MEMBER = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}

    def __init__(self, path='/sys/kernel/btf/vmlinux'):
        with open(path, 'rb') as f:
            d = self.data = f.read()
        _, _, _, header, types_at, types_length, strings_at, _ = struct.unpack_from('<HBBIIIII', d, 0)
        self.strings = header + strings_at
        self.types, self.named = [None], {}
        at, end = header + types_at, header + types_at + types_length
        while at < end:
            name, info, size = struct.unpack_from('<III', d, at)
            kind, count = (info >> 24) & 31, info & 0xffff
            if kind in (STRUCT, ENUM):
                self.named.setdefault((kind, self.text(name)), len(self.types))
            self.types.append((kind, count, info >> 31, size, at + 12))
            at += 12 + self.EXTRA.get(kind, 0) + self.PER_MEMBER.get(kind, 0) * count

    def text(self, offset):
        at = self.strings + offset
        return self.data[at:self.data.index(b'\0', at)].decode()

    def plain(self, t):
        while self.types[t][0] in (8, 9, 10, 11, 18):
            t = self.types[t][3]
        return t

    def member(self, t, wanted):
        _, count, has_bits, _, at = self.types[t]
        for i in range(count):
            name, inner, offset = struct.unpack_from('<III', self.data, at + 12 * i)
            offset = (offset & 0xffffff if has_bits else offset) // 8
            inner = self.plain(inner)
            if self.text(name) == wanted:
                return offset, inner
            if not self.text(name) and self.types[inner][0] in (STRUCT, 5):
                found = self.member(inner, wanted)
                if found:
                    return offset + found[0], found[1]
        return None

    def offset(self, name, *path):
        t, total = self.named[(STRUCT, name)], 0
        for field in path:
            step, t = self.member(t, field)
            total += step
        return total

    def values(self, name):
        _, count, _, _, at = self.types[self.named[(ENUM, name)]]
        return {value: self.text(n) for n, value in struct.iter_unpack('<Ii', self.data[at:at + 8 * count])}


class Assembler:
    def __init__(self):
        self.code = []

    def put(self, op, dst=0, src=0, off=0, imm=0):
        self.code.append(struct.pack('<BBhi', op, dst | src << 4, off, imm))

    def move(self, dst, src):
        self.put(0xbf, dst, src)

    def set(self, dst, value):
        self.put(0xb7, dst, 0, 0, value)

    def add(self, dst, value):
        self.put(0x07, dst, 0, 0, value)

    def call(self, function):
        self.put(0x85, imm=function)

    def map(self, dst, fd):
        self.put(0x18, dst, 1, 0, fd)
        self.put(0)

    def leave(self):
        self.put(0x95)

    def read(self, to, size, pointer, offset):
        """Stack at `to` = `size` bytes at register `pointer` + offset."""
        self.move(1, 10)
        self.add(1, to)
        self.set(2, size)
        self.move(3, pointer)
        self.add(3, offset)
        self.call(PROBE_READ)


def program(at, ring, watched):
    """r7: the packet, r8: the reason, r9: what is being followed. The event stands on the stack."""
    a, event, word = Assembler(), -EVENT, -EVENT - 8
    a.move(6, 1)
    a.put(0x79, 7, 6, 0)
    a.put(0x79, 8, 6, 16)
    a.set(0, 0)
    for k in range(word, 0, 8):
        a.put(0x7b, 10, 0, k)
    a.read(word, 2, 7, at['protocol'])
    a.put(0x69, 1, 10, word)
    a.put(0x15, 1, 0, 2, 0x0008)
    a.put(0x15, 1, 0, 1, 0xdd86)
    a.leave()
    a.put(0x79, 9, 6, 8)
    a.put(0x7b, 10, 9, event + 8)
    a.put(0x63, 10, 8, event + 16)
    a.call(KTIME)
    a.put(0x7b, 10, 0, event)
    for pointer, net, to in (('dev', 'dev_net', 24), ('sk', 'sk_net', 28)):
        a.read(word, 8, 7, at[pointer])
        a.put(0x79, 9, 10, word)
        a.read(word, 8, 9, at[net])
        a.put(0x79, 9, 10, word)
        a.read(event + to, 4, 9, at['inum'])
    a.map(1, watched)
    a.move(2, 10)
    a.add(2, event + 24)
    a.call(LOOKUP)
    a.put(0x55, 0, 0, 7, 0)
    a.map(1, watched)
    a.move(2, 10)
    a.add(2, event + 28)
    a.call(LOOKUP)
    a.put(0x55, 0, 0, 1, 0)
    a.leave()
    a.read(word, 8, 7, at['head'])
    a.put(0x79, 9, 10, word)
    a.set(0, 0)
    a.put(0x7b, 10, 0, word)
    a.read(word, 2, 7, at['network_header'])
    a.put(0x69, 1, 10, word)
    a.put(0x0f, 9, 1)
    a.read(event + 40, PACKET, 9, 0)
    a.map(1, ring)
    a.move(2, 10)
    a.add(2, event)
    a.set(3, EVENT)
    a.set(4, 0)
    a.call(RINGBUF_OUTPUT)
    a.set(0, 0)
    a.leave()
    return b''.join(a.code)


class Drops:
    def __init__(self):
        btf = Btf()
        at = {name: btf.offset('sk_buff', name) for name in ('head', 'network_header', 'protocol', 'dev', 'sk')}
        at.update(dev_net=btf.offset('net_device', 'nd_net', 'net'), sk_net=btf.offset('sock_common', 'skc_net', 'net'), inum=btf.offset('net', 'ns', 'inum'))
        self.reasons = {v: n.replace('SKB_DROP_REASON_', '') for v, n in btf.values('skb_drop_reason').items()}
        ring = bpf(MAP_CREATE, struct.pack('<IIIII', MAP_RINGBUF, 0, 0, RING, 0))
        self.watched = bpf(MAP_CREATE, struct.pack('<IIIII', MAP_HASH, 4, 4, 1024, 0))
        code = ctypes.create_string_buffer(program(at, ring, self.watched))
        license, log = ctypes.create_string_buffer(b'GPL'), ctypes.create_string_buffer(1 << 16)
        loaded = bpf(PROG_LOAD, struct.pack('<IIQQIIQII', PROG_RAW_TRACEPOINT, len(code) // 8, ctypes.addressof(code), ctypes.addressof(license), 1, len(log), ctypes.addressof(log), 0, 0))
        name = ctypes.create_string_buffer(b'kfree_skb')
        self.link = bpf(RAW_TRACEPOINT_OPEN, struct.pack('<QI', ctypes.addressof(name), loaded))
        self.consumer = mmap.mmap(ring, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0)
        self.producer = mmap.mmap(ring, mmap.PAGESIZE + 2 * RING, mmap.MAP_SHARED, mmap.PROT_READ, offset=mmap.PAGESIZE)
        with open('/proc/kallsyms') as f:
            rows = (line.split()[:3] for line in f)
            self.symbols = sorted((int(a, 16), n) for a, t, n in rows if t in 'tTwW')
        self.addresses = [a for a, _ in self.symbols]

    def watch(self, inode):
        key, value = ctypes.c_uint32(inode), ctypes.c_uint32(1)
        bpf(MAP_UPDATE, struct.pack('<IIQQQ', self.watched, 0, ctypes.addressof(key), ctypes.addressof(value), 0))

    def forget(self, inode):
        key = ctypes.c_uint32(inode)
        bpf(MAP_DELETE, struct.pack('<IIQ', self.watched, 0, ctypes.addressof(key)))

    def symbol(self, address):
        i = bisect.bisect_right(self.addresses, address) - 1
        return self.symbols[i][1] if i >= 0 else hex(address)

    def poll(self):
        """(monotonic ns, inode, reason, function, bytes) of all since the last poll."""
        out = []
        at = struct.unpack_from('<Q', self.consumer, 0)[0]
        while at < struct.unpack_from('<Q', self.producer, 0)[0]:
            place = mmap.PAGESIZE + (at & (RING - 1))
            length = struct.unpack_from('<I', self.producer, place)[0]
            if length & 0x80000000:
                break
            size = length & 0x3fffffff
            if not length & 0x40000000:
                event = self.producer[place + 8:place + 8 + size]
                time, caller, reason, _, by_device, by_socket = struct.unpack_from('<QQIIII', event, 0)
                out.append((time, by_device or by_socket, self.reasons.get(reason, str(reason)), self.symbol(caller), event[40:]))
            at += (size + 15) // 8 * 8
            struct.pack_into('<Q', self.consumer, 0, at)
        return out
