/** On the real kernel: only as root on Linux with the tools; skipped by name elsewhere. */
import { join, resolve } from 'node:path';
import { NamespacedKernel, recorderFolder, whyNotProvable } from '@worldline/platform/real-kernel';
import { carryOut } from '../program.js';
import { createTools } from '../tools.js';
import { NodeFiles } from '../adapters/index.js';

const ROOT = resolve(__dirname, '../../../..');
const TIMEOUT_MS = 60_000;
const why = whyNotProvable();

async function proved(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const terminal = { isColoured: false, isWatched: false, write: (text: string) => void (out += text), writeError: (text: string) => void (err += text) };
  const code = await carryOut(['prove', ...words], { terminal, tools: createTools(new NodeFiles(ROOT)), version: '0', root: ROOT });
  return { code, out, err };
}

if (why !== null) test.todo(`on the real kernel (skipped: ${why})`);
else
  describe('on the real kernel', () => {
    test('what the engine says of a pod that calls itself is what the kernel does', async () => {
      const { code, out, err } = await proved(['scenarios/hairpin-off/scenario.yaml']);
      expect({ err, out: out.trimEnd().split('\n').at(-1) }).toEqual({ err: '', out: expect.stringContaining('equal: 3 packets') });
      expect(code).toBe(0);
    }, TIMEOUT_MS);

    test('limits of the whole machine are left alone', async () => {
      const { code, err } = await proved(['scenarios/conntrack-table-full/scenario.yaml']);
      expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('net.netfilter.nf_conntrack_max = 256 cannot be set in a namespace of this machine') });
    }, TIMEOUT_MS);

    test('nothing is left of a recorder that was killed', async () => {
      const kernel = new NamespacedKernel(recorderFolder(ROOT));
      await kernel.create(['node/a']);
      const [asked] = await kernel.run([{ machine: 'node/a', command: 'ip link add d0 type veth peer name d1 && ip -br link show d0' }]);
      expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('d0') });
      kernel.kill();
      await expect(kernel.run([{ machine: 'node/a', command: 'true' }])).rejects.toThrow('the recorder ended (SIGKILL)');
    }, TIMEOUT_MS);

    test('a scenario that is not there is refused before anything is made', async () => {
      const { code, err } = await proved([join('scenarios', 'nothing.yaml')]);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('nothing.yaml') });
    });
  });
