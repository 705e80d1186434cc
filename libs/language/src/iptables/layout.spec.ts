import { layoutOf } from './layout.js';
import { OP_UNMODELLED_MATCH, OP_UNMODELLED_TARGET } from './opcode.js';

test.each([4, 6] as const)('what is not modelled carries its word (IPv%s)', (family) => {
  for (const opcode of [OP_UNMODELLED_MATCH, OP_UNMODELLED_TARGET]) expect(layoutOf(family)[opcode]).toEqual([{ at: 1, relocation: 'word' }]);
});
