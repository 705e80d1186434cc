import { parseSockets } from './index.js';

describe('sockets.txt', () => {
  const text = `udp UNCONN 0      0      0.0.0.0:8472 0.0.0.0:*
tcp LISTEN 0      256        [::]:8080    [::]:*
tcp LISTEN 0      4096          *:10250       *:*    users:(("kubelet",pid=1,fd=2))
udp UNCONN 0      0      10.0.0.1%eth0:68 0.0.0.0:*
tcp ESTAB  0      0      10.0.0.1:80 10.0.0.2:4000
`;
  it('is read', () => {
    const { value, issues } = parseSockets(text, 'sockets.txt');
    expect(issues).toEqual([]);
    expect(value).toEqual([
      { protocol: 'udp', family: 4, address: '0.0.0.0', isDualStack: false, device: null, port: 8472, process: null },
      { protocol: 'tcp', family: 6, address: '::', isDualStack: false, device: null, port: 8080, process: null },
      { protocol: 'tcp', family: 6, address: '*', isDualStack: true, device: null, port: 10250, process: 'kubelet' },
      { protocol: 'udp', family: 4, address: '10.0.0.1', isDualStack: false, device: 'eth0', port: 68, process: null },
    ]);
  });

  it('names a broken line', () => {
    expect(parseSockets('tcp LISTEN 0 128 nonsense 0.0.0.0:*\n', 's.txt').issues).toEqual([expect.objectContaining({ line: 1, word: 'nonsense' })]);
  });
});
