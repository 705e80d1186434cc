import { isOwnedBy, ownerOf } from './owner.js';

it.each([
  { chain: 'KUBE-SERVICES', text: '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU', owner: 'kube-proxy Service/kube-system/kube-dns:dns' },
  { chain: 'KUBE-SVC-TCOU7JCQXEZGVUNU', text: '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns -> 10.244.1.2:53" -j KUBE-SEP-OEI77YH2OINZ54QQ', owner: 'kube-proxy Service/kube-system/kube-dns:dns' },
  { chain: 'KUBE-SEP-OEI77YH2OINZ54QQ', text: '-A KUBE-SEP-OEI77YH2OINZ54QQ -p udp -m comment --comment default/dns -m udp -j DNAT --to-destination 10.244.1.20:53', owner: 'kube-proxy Service/default/dns' },
  { chain: 'KUBE-EXT-TCOU7JCQXEZGVUNU', text: '-A KUBE-EXT-TCOU7JCQXEZGVUNU -m comment --comment "masquerade traffic for shop/web:http external destinations" -j KUBE-MARK-MASQ', owner: 'kube-proxy Service/shop/web:http' },
  { chain: 'PREROUTING', text: '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', owner: 'kube-proxy' },
  { chain: 'KUBE-FIREWALL', text: '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP', owner: 'kubelet' },
  { chain: 'CNI-HOSTPORT-DNAT', text: '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cbr0\\" id: \\"5f3a\\"" -m multiport --dports 443 -j CNI-DN-38e0b1ce0b1b6ba9d1eef', owner: 'portmap Container/5f3a' },
  { chain: 'cali-FORWARD', text: '-A cali-FORWARD -m comment --comment "cali:vjrMJCRpqwy5oRoX" -j MARK --set-xmark 0x0/0xe0000', owner: 'calico-node' },
  { chain: 'POSTROUTING', text: '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG', owner: 'flanneld' },
  { chain: 'DOCKER-USER', text: '-A DOCKER-USER -j RETURN', owner: 'docker' },
  { chain: 'FORWARD', text: '-A FORWARD -j ACCEPT', owner: null },
  { chain: 'KUBE-MY-OWN', text: '-A KUBE-MY-OWN -j ACCEPT', owner: null },
  { chain: 'INPUT', text: '-P INPUT DROP', owner: null },
])('$text', ({ chain, text, owner }) => {
  const found = ownerOf(chain, text);
  expect(found && [found.component, found.object].filter((word) => word !== null).join(' ')).toBe(owner);
});

it.each([
  { asked: 'kube-proxy', is: true },
  { asked: 'Service/default/dns', is: true },
  { asked: 'kube-proxy Service/default/dns', is: true },
  { asked: 'Service/default/other', is: false },
  { asked: 'kubelet', is: false },
])('$asked', ({ asked, is }) => {
  expect(isOwnedBy({ component: 'kube-proxy', object: 'Service/default/dns' }, asked)).toBe(is);
  expect(isOwnedBy(null, asked)).toBe(false);
});
