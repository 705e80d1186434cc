"""Bytes of what the probes send: marked payloads, and whole packets for raw sockets."""
import re
import socket
import struct

MARK = re.compile(rb'W([QR])(\d{4})\.(\d{4})\|')
MARK_BYTES = 12
FLAG_DONT_FRAGMENT = 0x4000
EXTENSIONS = {'hop-by-hop': 0, 'routing': 43, 'fragment': 44, 'destination': 60}
PADDING = {0: b'\0\1\4\0\0\0\0', 60: b'\0\1\4\0\0\0\0', 43: b'\0\0\0\0\0\0\0'}
UDP, TCP, ICMP, ICMP6 = 17, 6, 1, 58


def is_six(address):
    return ':' in address


def payload(probe):
    """The bytes that the scenario asks for, then the mark by which the packet is known again, then zeros."""
    size = probe['payload']
    mark = b'WQ%04d.%04d|' % (probe['flow'], probe['index'])
    return (bytes(probe['prefix'][:max(0, size - MARK_BYTES)]) + mark).ljust(size, b'\0') if size else b''


def answer(data):
    return MARK.sub(lambda m: b'WR' + m.group(0)[2:], data, 1)


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(probe, is_complete):
    """An echo request; in IPv6 the kernel adds the checksum unless the packet must be `is_complete`."""
    kind = 128 if is_six(probe['to']) else 8
    head, data = struct.pack('>BBHHH', kind, 0, 0, probe['port'], probe['index'] + 1 & 0xffff), payload(probe)
    total = checksum(head + data) if kind == 8 and not is_complete else 0
    return head[:2] + struct.pack('>H', total) + head[4:] + data


def transport(probe, source, destination):
    """Protocol number and bytes, with the checksum over the pseudo header."""
    data = payload(probe)
    if probe['protocol'] == 'udp':
        number, at = UDP, 6
        segment = struct.pack('>HHHH', probe['port'], probe['toPort'], 8 + len(data), 0) + data
    elif probe['protocol'] == 'tcp':
        number, at = TCP, 16
        seq = probe['seq'] + 1000 * probe['index'] & 0xffffffff
        segment = struct.pack('>HHIIBBHHH', probe['port'], probe['toPort'], seq, probe['ack'], 5 << 4, probe['flags'], 64240, 0, 0) + data
    else:
        number, at = (ICMP6, 2) if is_six(probe['to']) else (ICMP, 2)
        segment = echo(probe, True)
    if number == ICMP:
        pseudo = b''
    elif len(source) == 16:
        pseudo = source + destination + struct.pack('>II', len(segment), number)
    else:
        pseudo = source + destination + struct.pack('>BBH', 0, number, len(segment))
    total = checksum(pseudo + segment)
    if number == UDP:
        total = total or 0xffff
    return number, segment[:at] + struct.pack('>H', total) + segment[at + 2:]


def packet(probe, source):
    """A whole IP packet."""
    to = probe['to'].split('%')[0]
    family = socket.AF_INET6 if is_six(to) else socket.AF_INET
    a, b = socket.inet_pton(family, source), socket.inet_pton(family, to)
    number, segment = transport(probe, a, b)
    ttl = probe['ttl'] or 64
    if family == socket.AF_INET:
        flags = FLAG_DONT_FRAGMENT if probe['df'] else 0
        return struct.pack('>BBHHHBBH4s4s', 0x45, probe['tos'], 20 + len(segment), 0, flags, ttl, number, 0, a, b) + segment
    extensions = b''
    for name in reversed(probe['extensions']):
        kind = EXTENSIONS[name]
        # the identification of an atomic fragment must not repeat
        body = PADDING.get(kind) or b'\0\0\0' + struct.pack('>I', 0x57000000 + (probe['flow'] << 8) + probe['index'])
        extensions, number = bytes([number]) + body + extensions, kind
    return struct.pack('>IHBB', 6 << 28 | probe['tos'] << 20, len(extensions) + len(segment), number, ttl) + a + b + extensions + segment
