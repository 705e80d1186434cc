import { CONF_SYSCTLS, CONF_COUNT, NEIGH_COUNT, NEIGH_SYSCTLS, NETNS_SYSCTLS, SYSCTL_TCP_SYN_RETRIES } from './registry.js';
import { SysctlState } from './sysctl-state.js';

function fresh(isFirst = true): SysctlState {
  const state = SysctlState.create(isFirst);
  ['lo', 'eth0', 'eth0.1'].forEach((name, position) => state.addInterface(position, name));
  return state;
}

describe('SysctlState', () => {
  it('names every key by its position', () => {
    expect(CONF_SYSCTLS).toHaveLength(CONF_COUNT);
    expect(NEIGH_SYSCTLS).toHaveLength(NEIGH_COUNT);
    expect(NETNS_SYSCTLS[SYSCTL_TCP_SYN_RETRIES].name4).toBe('net.ipv4.tcp_syn_retries');
  });

  // Each row was played on Linux 6.18: writes in order, then what is read
  const rows: { name: string; writes: [string, string][]; reads: [string, string][] }[] = [
    {
      name: 'ip_forward goes to default and every interface, and turns redirects off',
      writes: [['net.ipv4.ip_forward', '1']],
      reads: [
        ['net.ipv4.conf.all.forwarding', '1'],
        ['net.ipv4.conf.default.forwarding', '1'],
        ['net.ipv4.conf.eth0.forwarding', '1'],
        ['net.ipv4.conf.all.accept_redirects', '0'],
        ['net.ipv4.conf.eth0.accept_redirects', '1'],
      ],
    },
    {
      name: 'writing 1 over 1 repairs nothing in IPv4',
      writes: [['net.ipv4.ip_forward', '1'], ['net.ipv4.conf.eth0.forwarding', '0'], ['net.ipv4.ip_forward', '1']],
      reads: [['net.ipv4.conf.eth0.forwarding', '0']],
    },
    {
      name: '0 and 1 again does',
      writes: [['net.ipv4.ip_forward', '1'], ['net.ipv4.conf.eth0.forwarding', '0'], ['net.ipv4.ip_forward', '0'], ['net.ipv4.ip_forward', '1']],
      reads: [['net.ipv4.conf.eth0.forwarding', '1']],
    },
    {
      name: 'in IPv6 writing 1 over 1 does',
      writes: [['net.ipv6.conf.all.forwarding', '1'], ['net.ipv6.conf.eth0.forwarding', '0'], ['net.ipv6.conf.all.forwarding', '1']],
      reads: [['net.ipv6.conf.eth0.forwarding', '1'], ['net.ipv6.conf.default.forwarding', '1']],
    },
    {
      name: 'force_forwarding leaves default alone, disable_ipv6 does not',
      writes: [['net.ipv6.conf.all.force_forwarding', '1'], ['net.ipv6.conf.all.disable_ipv6', '1']],
      reads: [
        ['net.ipv6.conf.default.force_forwarding', '0'],
        ['net.ipv6.conf.eth0.force_forwarding', '1'],
        ['net.ipv6.conf.default.disable_ipv6', '1'],
        ['net.ipv6.conf.lo.disable_ipv6', '1'],
      ],
    },
    {
      name: 'default reaches interfaces whose value nobody has set',
      writes: [['net.ipv4.conf.eth0.rp_filter', '0'], ['net.ipv4.conf.default.rp_filter', '2']],
      reads: [['net.ipv4.conf.eth0.rp_filter', '0'], ['net.ipv4.conf.eth0/1.rp_filter', '2'], ['net/ipv4/conf/eth0.1/rp_filter', '2']],
    },
    {
      name: 'numbers of other bases and with more behind them',
      writes: [['net.ipv4.ip_default_ttl', '0x20'], ['net.ipv4.conf.eth0.rp_filter', '1 2'], ['net.ipv4.ip_local_port_range', '1000 2000']],
      reads: [['net.ipv4.ip_default_ttl', '32'], ['net.ipv4.conf.eth0.rp_filter', '1'], ['net.ipv4.ip_local_port_range', '1000\t2000']],
    },
  ];
  it.each(rows)('$name', ({ writes, reads }) => {
    const state = fresh();
    for (const [name, text] of writes) expect(state.set(name, text).status).toBe('ok');
    expect(reads.map(([name]) => [name, state.get(name)])).toEqual(reads);
  });

  it.each([
    ['net.ipv4.conf.eth9.rp_filter', '1', 'notFound'],
    ['net.ipv4.no_such_key', '1', 'notFound'],
    ['net.ipv4.ip_default_ttl', '300', 'invalid'],
    ['net.ipv4.conf.eth0.rp_filter', 'abc', 'invalid'],
    ['net.ipv4.ip_forward', '', 'invalid'],
    ['net.ipv4.ip_local_port_range', '2000 1000', 'invalid'],
    ['net.netfilter.nf_conntrack_max', '5', 'readOnly'],
    ['net.netfilter.nf_conntrack_count', '5', 'readOnly'],
  ] as const)('%s = %s in a pod: %s', (name, text, status) => {
    expect(fresh(false).set(name, text).status).toBe(status);
  });

  it('keeps what it does not model, and says so', () => {
    const state = fresh();
    expect(state.set('net.ipv4.tcp_rmem', '4096 131072 6291456')).toEqual({ status: 'ok', isModelled: false });
    expect(state.get('net.ipv4.tcp_rmem')).toBe('4096 131072 6291456');
  });

  it('forks', () => {
    const state = fresh();
    const twin = state.fork();
    state.set('net.ipv4.ip_forward', '1');
    expect(twin.get('net.ipv4.conf.eth0.forwarding')).toBe('0');
  });
});
