import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Linted {
  name: string;
  mustReport: string;
  reported: string[];
}

const fixtures = readdirSync(join(__dirname, 'fixtures')).length;
const linted = JSON.parse(
  execFileSync(process.execPath, [join(__dirname, 'lint-fixtures.mjs')], { encoding: 'utf8', maxBuffer: 1e8 }),
) as Linted[];
const isWrong = ({ mustReport }: Linted) => mustReport !== 'nothing';

describe('fences', () => {
  test('every fixture was linted', () => expect(linted).toHaveLength(fixtures));

  test.each(linted.filter(isWrong))('$name: $mustReport sees it', ({ mustReport, reported }) => {
    expect(reported).toEqual([mustReport]);
  });

  test.each(linted.filter((one) => !isWrong(one)))('$name: passes', ({ reported }) => {
    expect(reported).toEqual([]);
  });
});
