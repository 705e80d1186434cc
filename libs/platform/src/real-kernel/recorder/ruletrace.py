"""nft's trace events and rule lists, straight from nfnetlink (include/uapi/linux/netfilter/nf_tables.h)."""
import socket
import struct

NETFILTER, SOL_NETLINK, ADD_MEMBERSHIP, RCVBUFFORCE = 12, 270, 1, 33
GROUP_TRACE = 9
NEWRULE, GETRULE, TRACE = (10 << 8) | 6, (10 << 8) | 7, (10 << 8) | 17
FAMILIES = {2: 'ip', 10: 'ip6', 7: 'bridge'}
VERDICTS = {0: 'drop', 1: 'accept', 2: 'stolen', 3: 'queue', 4: 'repeat', 0xffffffff: 'continue', 0xfffffffe: 'break', 0xfffffffd: 'jump', 0xfffffffc: 'goto', 0xfffffffb: 'return'}
TABLE = 'worldline_trace'


def table(family, traced):
    """What makes the kernel trace every packet of this family before the first rule sees it."""
    body = ' '.join('%s meta nftrace set 1;' % match for match in traced)
    chain = ' chain %s { type filter hook %s priority -399; policy accept; %s }\n'
    return 'table %s %s {\n%s%s}\n' % (family, TABLE, chain % ('pre', 'prerouting', body), chain % ('out', 'output', body))


TABLES = table('ip', ['ip protocol { udp, tcp, icmp }']) + table('ip6', ['meta l4proto { udp, tcp }', 'icmpv6 type { 1-4, 128, 129, 137 }'])


def attributes(data, at=0, end=None):
    end = len(data) if end is None else end
    while at + 4 <= end:
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4:
            return
        yield kind & 0x3fff, data[at + 4:at + length]
        at += (length + 3) & ~3


def text(data):
    return data.rstrip(b'\0').decode() if data is not None else None


def number(data, form='>I'):
    return struct.unpack(form, data)[0] if data is not None else None


def messages(data):
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from('=IH', data, at)
        if length < 16:
            return
        yield kind, data[at + 16:at + length]
        at += (length + 3) & ~3


def listen():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER)
    s.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 16 << 20)
    s.bind((0, 0))
    s.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, GROUP_TRACE)
    return s


def events(data):
    for kind, body in messages(data):
        if kind != TRACE:
            continue
        a = dict(attributes(body, 4))
        verdict = dict(attributes(a[5])) if 5 in a else {}
        yield {
            'family': FAMILIES.get(body[0], str(body[0])),
            'table': text(a.get(1)),
            'chain': text(a.get(2)),
            'handle': number(a.get(3), '>Q'),
            'type': {1: 'policy', 2: 'return', 3: 'rule'}.get(number(a.get(4))),
            'verdict': VERDICTS.get(number(verdict.get(1))),
            'target': text(verdict.get(2)),
            'policy': VERDICTS.get(number(a.get(16))),
            'id': number(a.get(6), '=I'),
            'network': a.get(8, b''),
            'transport': a.get(9, b''),
        }


def is_reject(expressions):
    for _, expression in attributes(expressions):
        a = dict(attributes(expression))
        name = text(a.get(1))
        if name == 'reject' or name == 'target' and text(dict(attributes(a.get(2, b''))).get(1)) == 'REJECT':
            return True
    return False


def rules():
    """[family, table, chain, handle, number in its chain, is REJECT] of the namespace of the calling thread."""
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER)
    s.bind((0, 0))
    out, counts = [], {}
    for family in FAMILIES:
        s.send(struct.pack('=IHHII', 20, GETRULE, 0x301, 1, 0) + struct.pack('=BBH', family, 0, 0))
        is_done = False
        while not is_done:
            for kind, body in messages(s.recv(1 << 18)):
                is_done = kind in (2, 3)
                if kind != NEWRULE:
                    continue
                a = dict(attributes(body, 4))
                chain = (FAMILIES[family], text(a[1]), text(a[2]))
                counts[chain] = counts.get(chain, 0) + 1
                out.append([*chain, number(a[3], '>Q'), counts[chain], is_reject(a.get(4, b''))])
    s.close()
    return out
