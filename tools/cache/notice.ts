/** Which test notices that something is wrong with the cache: the name of the first whose cached run differs, nothing where none does. */
import { compareWithAndWithoutCache, type Question } from './comparison';
import { CASES, questionOfCase } from './cases';
import { drawMix } from './mix';

const MIXES = 40;

export async function main(): Promise<string | null> {
  for (const one of CASES) if (await isDifferent(questionOfCase(one))) return one.name;
  for (let seed = 1; seed <= MIXES; seed++) if (await isDifferent(drawMix(seed))) return `random mix ${seed}`;
  return null;
}

async function isDifferent(question: Question): Promise<boolean> {
  try {
    return (await compareWithAndWithoutCache(question)).difference !== null;
  } catch {
    return true;
  }
}
