"""Plays probes and events in real time, and notes what sockets, wires, drops and rules saw of them."""
import base64
import errno
import os
import selectors
import socket
import struct
import threading
import time

import packets
import ruletrace
from packets import is_six

SO_MARK, SO_TIMESTAMPNS, RCVBUFFORCE = 36, 35, 33
IP_TOS, IP_TTL, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR = 1, 2, 8, 10, 11
V6_HOPS, V6_MULTICAST_HOPS, V6_RECVERR, V6_ONLY, V6_RECVPKTINFO, V6_PKTINFO, V6_DONTFRAG, V6_TCLASS = 16, 18, 25, 26, 49, 50, 62, 67
IP, IP6 = socket.IPPROTO_IP, socket.IPPROTO_IPV6
ERRQUEUE, ETH_ALL, OUTGOING = 0x2000, 3, 4
ETHERTYPES = (0x0800, 0x0806, 0x86dd)
SNAP = 256


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def b64(data):
    return base64.b64encode(data).decode()


def place(address):
    """A socket's address without zone."""
    return {'ip': address[0].split('%')[0], 'port': address[1]}


def name_of(number):
    return errno.errorcode.get(number, str(number))


def endpoint(ip, port):
    """For bind and sendto; inside the namespace, for a zone is a device there."""
    if not is_six(ip):
        return (ip, port)
    ip, _, device = ip.partition('%')
    return (ip, port, 0, socket.if_nametoindex(device) if device else 0)


class Traffic:
    def __init__(self, spaces, drops):
        self.spaces, self.drops = spaces, drops
        self.selector = selectors.DefaultSelector()
        self.is_over = False
        self.silent = set()
        self.clients, self.maps = {}, {}
        self.packets, self.traces, self.dropped = [], [], []
        self.seen = {key: [] for key in ('icmp', 'datagrams', 'accepts', 'errors', 'sendErrors', 'replyErrors', 'connections', 'sent', 'events', 'broken')}
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        hurry(True)
        while not self.is_over:
            for key, _ in self.selector.select(.02):
                try:
                    while True:
                        key.data(key.fileobj)
                except BlockingIOError:
                    pass
                except (OSError, ValueError):
                    pass
            if self.drops:
                self.dropped += self.drops.poll()

    def register(self, s, handle):
        s.setblocking(False)
        self.selector.register(s, selectors.EVENT_READ, handle)

    def unregister(self, s):
        self.selector.unregister(s)
        s.close()

    def broken(self, probe, error):
        self.seen['broken'].append('%s: %s' % (probe['name'], error))

    # ---- who answers ----------------------------------------------------------------------------

    def serve(self, servers):
        for server in servers:
            machine, ip, port = server['machine'], server['ip'], server['port']
            with self.spaces.inside(machine):
                is_datagram = server['protocol'] == 'udp'
                s = socket.socket(socket.AF_INET6 if is_six(ip) else socket.AF_INET, socket.SOCK_DGRAM if is_datagram else socket.SOCK_STREAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0 if is_datagram else 1)
                if server['device']:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, server['device'].encode())
                if is_six(ip):
                    s.setsockopt(IP6, V6_ONLY, 0 if server['dual'] else 1)
                    s.setsockopt(IP6, V6_RECVPKTINFO, 1)
                if not is_six(ip) or server['dual']:
                    s.setsockopt(IP, IP_PKTINFO, 1)
                try:
                    s.bind(endpoint(ip, port))
                except OSError as error:
                    raise OSError(error.errno, '%s: a %s socket cannot be bound to %s port %d: %s' % (machine, server['protocol'], ip, port, os.strerror(error.errno)))
                if is_datagram:
                    s.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 4 << 20)
                    self.register(s, lambda s, m=machine, p=port: self.on_datagram(s, m, p))
                else:
                    s.listen(256)
                    self.register(s, lambda s, m=machine: self.on_accept(s, m))

    def hear_icmp(self, machine):
        r = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        r.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 4 << 20)
        self.register(r, lambda s: self.seen['icmp'].append([now(), machine, b64(s.recv(4096)[:SNAP])]))
        r = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        r.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 4 << 20)
        r.setsockopt(IP6, V6_RECVPKTINFO, 1)
        self.register(r, lambda s: self.on_icmp6(s, machine))

    def on_icmp6(self, s, machine):
        data, extra, _, peer = s.recvmsg(4096, 256)
        to = next((d[:16] for level, kind, d in extra if (level, kind) == (IP6, V6_PKTINFO)), b'\0' * 16)
        # such a socket does not show the header
        header = struct.pack('>IHBB', 6 << 28, len(data), packets.ICMP6, 0) + socket.inet_pton(socket.AF_INET6, place(peer)['ip']) + to
        self.seen['icmp'].append([now(), machine, b64((header + data)[:SNAP])])

    def local_end(self, extra):
        """Where a datagram was sent to, and what makes the answer come from there."""
        for level, kind, d in extra:
            if (level, kind) == (IP, IP_PKTINFO):
                _, specific, address = struct.unpack('=i4s4s', d[:12])
                return socket.inet_ntoa(address), (IP, IP_PKTINFO, struct.pack('=i4s4s', 0, specific if specific != address else address, b'\0' * 4))
            if (level, kind) == (IP6, V6_PKTINFO):
                ip = socket.inet_ntop(socket.AF_INET6, d[:16])
                source = b'\0' * 16 if d[0] == 0xff else d[:16]
                device = d[16:20] if d[0] == 0xff or d[:2] == b'\xfe\x80' else b'\0' * 4
                return ip, (IP6, V6_PKTINFO, source + device)
        return None, None

    def on_datagram(self, s, machine, port):
        data, extra, _, peer = s.recvmsg(65535, 256)
        ip, control = self.local_end(extra)
        self.note_datagram(machine, data, ip, port, peer)
        mark = packets.MARK.search(data[:SNAP])
        if not mark or mark.group(1) != b'Q' or int(mark.group(2)) in self.silent:
            return
        try:
            s.sendmsg([packets.answer(data)], [control], 0, peer)
        except OSError as error:
            self.seen['replyErrors'].append({'machine': machine, 'head': b64(data[:SNAP]), 'errno': name_of(error.errno)})

    def note_datagram(self, machine, data, ip, port, peer):
        self.seen['datagrams'].append({'at': now(), 'machine': machine, 'head': b64(data[:SNAP]), 'local': {'ip': ip, 'port': port}, 'peer': place(peer)})

    def on_accept(self, s, machine):
        connection, peer = s.accept()
        record = {'at': now(), 'machine': machine, 'local': place(connection.getsockname()), 'peer': place(peer), 'head': None}
        self.seen['accepts'].append(record)
        self.register(connection, lambda c: self.on_data(c, record))

    def on_data(self, connection, record):
        try:
            data = connection.recv(65535)
        except BlockingIOError:
            raise
        except OSError:
            data = b''
        if not data:
            self.unregister(connection)
            raise BlockingIOError
        if record['head'] is None:
            record['head'] = b64(data[:SNAP])
        mark = packets.MARK.search(base64.b64decode(record['head']))
        if mark and int(mark.group(2)) in self.silent:
            return
        try:
            connection.send(packets.answer(data))
        except OSError:
            pass

    # ---- who looks on ---------------------------------------------------------------------------

    def watch(self, is_traced):
        for machine, fd in self.spaces.fds.items():
            with self.spaces.inside(machine):
                s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_ALL))
                s.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 64 << 20)
                s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                self.register(s, lambda s, m=machine: self.on_packet(s, m))
                self.hear_icmp(machine)
                if is_traced:
                    self.trace(machine)
            if self.drops:
                self.drops.watch(os.fstat(fd).st_ino)

    def trace(self, machine):
        rules = ruletrace.rules()
        if not rules:
            return
        t = ruletrace.listen()
        self.register(t, lambda s: self.on_trace(s, machine))
        done = self.spaces.run(machine, ['nft', '-f', '-'], ruletrace.TABLES)
        if done['code']:
            raise RuntimeError('nft cannot trace: %s' % done['stderr'].strip())
        self.learn(machine)

    def learn(self, machine):
        """Handles of rules to their numbers, as they are now."""
        with self.spaces.inside(machine):
            known = {(family, table, handle): (number, is_reject) for family, table, _, handle, number, is_reject in ruletrace.rules()}
        self.maps.setdefault(machine, []).append((now(), known))

    def on_packet(self, s, machine):
        data, extra, _, address = s.recvmsg(SNAP, 64)
        if address[1] not in ETHERTYPES:
            return
        stamp = next((struct.unpack('=qq', d[:16]) for level, kind, d in extra if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)), (0, 0))
        self.packets.append((stamp[0] * 1000000000 + stamp[1], len(self.packets), machine, address[0], 'out' if address[2] == OUTGOING else 'in', address[2], address[1], data))

    def on_trace(self, s, machine):
        data, at = s.recv(1 << 16), now()
        self.traces += [(at, machine, event) for event in ruletrace.events(data)]

    # ---- who asks -------------------------------------------------------------------------------

    def client(self, probe):
        """The socket of a UDP or ICMP client; flows share one by machine, protocol, address and port."""
        six, source = is_six(probe['to']), probe['from']
        key = (probe['machine'], probe['protocol'], six, source, probe['port'])
        if key in self.clients:
            return self.clients[key]
        family, level = (socket.AF_INET6, IP6) if six else (socket.AF_INET, IP)
        is_udp = probe['protocol'] == 'udp'
        with self.spaces.inside(probe['machine']):
            s = socket.socket(family, socket.SOCK_DGRAM) if is_udp else socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
            if six:
                if is_udp:
                    s.setsockopt(IP6, V6_ONLY, 1)
                    s.setsockopt(IP6, V6_RECVPKTINFO, 1)
            else:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                s.setsockopt(IP, IP_PKTINFO, 1)
            s.setsockopt(level, V6_RECVERR if six else IP_RECVERR, 1)
            if is_udp:
                s.bind(endpoint(source or ('::' if six else '0.0.0.0'), probe['port'] or 0))
            elif source:
                s.bind(endpoint(source, 0))
        port = s.getsockname()[1] if is_udp else None
        self.register(s, lambda s, m=probe['machine']: self.on_client(s, m, port))
        self.clients[key] = s
        return s

    def on_client(self, s, machine, port):
        try:
            while True:
                data, extra, _, _ = s.recvmsg(4096, 512, ERRQUEUE)
                self.note_error(machine, data, extra)
        except BlockingIOError:
            pass
        try:
            data, extra, _, peer = s.recvmsg(65535, 256)
        except BlockingIOError:
            raise
        except OSError:
            return
        if port is not None:
            self.note_datagram(machine, data, self.local_end(extra)[0], port, peer)

    def note_error(self, machine, data, extra):
        for level, kind, d in extra:
            if (level, kind) not in ((IP, IP_RECVERR), (IP6, V6_RECVERR)):
                continue
            number, origin, icmp, code, _, info, _ = struct.unpack('=IBBBBII', d[:16])
            family = struct.unpack_from('=H', d, 16)[0] if len(d) >= 24 else 0
            offender = socket.inet_ntoa(d[20:24]) if family == socket.AF_INET else socket.inet_ntop(socket.AF_INET6, d[24:40]) if family == socket.AF_INET6 and len(d) >= 40 else None
            self.seen['errors'].append({'machine': machine, 'head': b64(data[:SNAP]), 'errno': name_of(number), 'origin': origin, 'type': icmp, 'code': code, 'info': info, 'offender': offender})

    def options(self, s, probe):
        six, is_tcp = is_six(probe['to']), probe['protocol'] == 'tcp'
        level = IP6 if six else IP
        if probe['ttl'] is not None or not is_tcp:
            s.setsockopt(level, V6_HOPS if six else IP_TTL, probe['ttl'] or -1)
            if six and not is_tcp:
                s.setsockopt(IP6, V6_MULTICAST_HOPS, probe['ttl'] or -1)
        s.setsockopt(level, V6_TCLASS if six else IP_TOS, probe['tos'])
        if not is_tcp:
            if six:
                s.setsockopt(IP6, V6_DONTFRAG, 1 if probe['df'] else 0)
            else:
                s.setsockopt(IP, IP_MTU_DISCOVER, 1 if probe['df'] else 0)
        if probe['mark'] or not is_tcp:
            s.setsockopt(socket.SOL_SOCKET, SO_MARK, probe['mark'])

    def source(self, probe):
        """The address that the kernel picks now; what the packet carries before any translation."""
        if probe['from']:
            return probe['from'].split('%')[0]
        six = is_six(probe['to'])
        with self.spaces.inside(probe['machine']), socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                if not six:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                    s.setsockopt(IP, IP_TOS, probe['tos'])
                s.setsockopt(socket.SOL_SOCKET, SO_MARK, probe['mark'])
                s.connect(endpoint(probe['to'], probe['toPort'] or 9))
                return place(s.getsockname())['ip']
            except OSError:
                return None

    def send(self, probe):
        record = {'flow': probe['flow'], 'index': probe['index'], 'at': now(), 'ip': self.source(probe), 'port': probe['port']}
        self.seen['sent'].append(record)
        if probe['kind'] == 'connect':
            thread = threading.Thread(target=self.connect, args=(probe, record), daemon=True)
            thread.start()
            return thread
        try:
            if probe['kind'] == 'raw':
                self.send_raw(probe, record)
            else:
                self.send_datagram(probe, record)
        except OSError as error:
            self.seen['sendErrors'].append({'flow': probe['flow'], 'index': probe['index'], 'errno': name_of(error.errno)})
        return None

    def send_datagram(self, probe, record):
        s = self.client(probe)
        self.options(s, probe)
        s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        is_udp = probe['protocol'] == 'udp'
        if is_udp:
            record['port'] = s.getsockname()[1]
        with self.spaces.inside(probe['machine']):
            to = endpoint(probe['to'], probe['toPort'] if is_udp else 0)
        s.sendto(packets.payload(probe) if is_udp else packets.echo(probe, False), to)

    def send_raw(self, probe, record):
        six = is_six(probe['to'])
        source = probe['from'] or record['ip'] or ('::' if six else '0.0.0.0')
        key = (probe['machine'], 'raw', six)
        with self.spaces.inside(probe['machine']):
            if key not in self.clients:
                s = self.clients[key] = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
                if not six:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            to = endpoint(probe['to'], 0)
        s = self.clients[key]
        s.setsockopt(socket.SOL_SOCKET, SO_MARK, probe['mark'])
        s.sendto(packets.packet(probe, source.split('%')[0]), to)

    def connect(self, probe, record):
        result = {'flow': probe['flow'], 'index': probe['index'], 'connect': None, 'echo': None, 'local': None, 'peer': None}
        try:
            self.talk(probe, record, result)
        except Exception as error:
            self.broken(probe, error)
        result['end'] = now()
        self.seen['connections'].append(result)

    def talk(self, probe, record, result):
        six = is_six(probe['to'])
        with self.spaces.inside(probe['machine']):
            s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.options(s, probe)
            s.bind(endpoint(probe['from'] or ('::' if six else '0.0.0.0'), probe['port'] or 0))
            record['port'] = s.getsockname()[1]
            s.settimeout(probe['connectTimeout'] / 1e6)
            result['connect'] = outcome(lambda: s.connect(endpoint(probe['to'], probe['toPort'])))
        if result['connect'] != 'ok':
            return s.close()
        result['local'], result['peer'] = place(s.getsockname()), place(s.getpeername())
        time.sleep(probe['hold'] / 1e6)
        data = packets.payload(probe)
        s.settimeout(probe['echoTimeout'] / 1e6)
        got = []
        result['echo'] = outcome(lambda: exchange(s, data, got))
        if result['echo'] == 'ok' and b''.join(got) != packets.answer(data):
            result['echo'] = 'short'
        if result['echo'] == 'ok':
            time.sleep(.008)
            s.shutdown(socket.SHUT_WR)
            s.settimeout(.15)
        if result['echo'] != 'ok' or outcome(lambda: s.recv(10)) != 'ok':
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return s.close()

    # ---- the play -------------------------------------------------------------------------------

    def play(self, plan):
        probes = plan['probes']
        self.silent = {p['flow'] for p in probes if p['isServerSilent']}
        for probe in probes:
            if probe['kind'] == 'datagram':
                try:
                    self.client(probe)
                except OSError as error:
                    self.broken(probe, 'its client cannot be bound: %s' % error)
        items = [(e['at'], 0, i, e) for i, e in enumerate(plan['events'])] + [(p['at'], 1, i, p) for i, p in enumerate(probes)]
        hurry(True)
        start, threads, latest = time.monotonic() + .02, [], 0
        for at, is_probe, _, item in sorted(items, key=lambda i: i[:3]):
            delay = start + at / 1e6 - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            latest = max(latest, -delay)
            if is_probe:
                threads.append(self.send(item))
            else:
                self.happen(item, time.monotonic() - start)
        for thread in threads:
            if thread:
                thread.join(60)
        end = plan['end'] if plan['end'] is not None else (time.monotonic() - start) * 1e6 + plan['settle']
        time.sleep(max(0, start + end / 1e6 - time.monotonic()))
        hurry(False)
        return self.finish(latest)

    def happen(self, event, at):
        for machine in event['machines']:
            done = self.spaces.run(machine, event['run'], event['stdin'])
            self.seen['events'].append({'at': event['at'], 'machine': machine, 'run': event['run'], 'code': done['code'], 'stderr': done['stderr'].strip()[:400], 'late': round(at * 1e6 - event['at'])})
            if machine in self.maps and ('tables' in event['run'] or 'nft' in event['run']):
                self.learn(machine)

    def finish(self, latest):
        for machine in self.maps:
            for family in ('ip', 'ip6'):
                self.spaces.run(machine, ['nft', 'delete', 'table', family, ruletrace.TABLE])
        time.sleep(.01)
        self.stop()
        offset = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        names = self.spaces.inodes
        return {
            **self.seen,
            'late': round(latest * 1e6),
            'packets': [[t, m, dev, way, kind, ether, b64(d)] for t, _, m, dev, way, kind, ether, d in sorted(self.packets, key=lambda p: p[:2])],
            'drops': [[t + offset, names[i], reason, function, b64(d)] for t, i, reason, function, d in self.dropped if i in names],
            'trace': [self.step(*t) for t in self.traces if t[2]['table'] != ruletrace.TABLE or t[2]['chain'] == 'out'],
        }

    def step(self, at, machine, event):
        number, is_reject = None, False
        if event['type'] == 'rule' and event['handle'] is not None:
            key = (event['family'], event['table'], event['handle'])
            maps = self.maps.get(machine, [])
            # (a rule may come or go while the packet is under way)
            fitting = [known for learnt, known in maps if learnt <= at][::-1] + [known for _, known in maps]
            number, is_reject = next((known[key] for known in fitting if key in known), (None, False))
        kept = {key: event[key] for key in ('family', 'table', 'chain', 'type', 'verdict', 'target', 'policy', 'id')}
        return {'at': at, 'machine': machine, **kept, 'hasHandle': event['handle'] is not None, 'number': number, 'isReject': is_reject, 'network': b64(event['network']), 'transport': b64(event['transport'])}

    def stop(self):
        self.is_over = True
        self.thread.join(3)
        if self.drops:
            self.dropped += self.drops.poll()
            for fd in self.spaces.fds.values():
                try:
                    self.drops.forget(os.fstat(fd).st_ino)
                except OSError:
                    pass
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        for s in self.clients.values():
            s.close()
        self.selector.close()


def hurry(is_urgent):
    """A probe that is late on a busy machine tells nothing; what is played needs little of it."""
    os.setpriority(os.PRIO_PROCESS, 0, -10 if is_urgent else 0)


def outcome(act):
    try:
        act()
        return 'ok'
    except TimeoutError as error:
        return 'timeout' if error.errno is None else name_of(error.errno)
    except OSError as error:
        return name_of(error.errno)


def exchange(s, data, got):
    s.sendall(data)
    while sum(map(len, got)) < len(data):
        piece = s.recv(65535)
        if not piece:
            return
        got.append(piece)
