import type { RunMachine } from '../network.js';
import { ScriptRun, type CommandResult } from './script-run.js';

/** Words and input of every command that a script came to, and what it was stopped by. */
function play(script: string, stdin: string | null = null): { ran: string[]; wakes: number[]; issues: string[] } {
  const ran: string[] = [];
  const wakes: number[] = [];
  const execute = (_: RunMachine, words: readonly string[], input: string): CommandResult => {
    ran.push(input === '' ? words.join(' ') : `${words.join(' ')} < ${input.trim()}`);
    return { exitCode: words[0] === 'bad' ? 1 : 0, output: `${words[0]} said\n`, error: '', issues: [] };
  };
  const run = new ScriptRun({} as RunMachine, script, stdin, { said: 'event', file: 'scenario.yaml' });
  run.proceed(0, execute);
  while (!run.hasEnded) {
    wakes.push(run.wakeAt);
    run.proceed(run.wakeAt, execute);
  }
  return { ran, wakes, issues: run.issues.map(({ word }) => word ?? '') };
}

it.each([
  { name: 'one after the other', script: 'a; b\nc', ran: ['a', 'b', 'c'] },
  { name: 'only after success, or failure', script: 'bad && a; good || b; bad || c', ran: ['bad', 'good', 'bad', 'c'] },
  { name: 'after success turned round', script: '! bad && a', ran: ['bad', 'a'] },
  { name: 'what one says goes to the next', script: 'a | b; c', ran: ['a', 'b < a said', 'c'] },
  { name: 'after the text that echo makes', script: 'echo x | a', ran: ['a < x'] },
  { name: 'with the input of the event', script: 'a', stdin: 'text', ran: ['a < text'] },
  { name: 'with a file whose text the event has', script: 'a < rules', stdin: 'text', ran: ['a < text'] },
  { name: 'with nothing', script: 'a < /dev/null', stdin: 'text', ran: ['a'] },
  { name: 'after a while', script: 'a; sleep 0.2; b', ran: ['a', 'b'], wakes: [200_000] },
  { name: 'after a while that a failure brought', script: 'bad || sleep 1 | b', ran: ['bad', 'b'], wakes: [1_000_000] },
  { name: 'not with a file that nobody has, nor after it', script: 'a; b < rules; c', ran: ['a'], issues: ['rules'] },
  { name: 'not at all where a word is left to the shell', script: 'a $(b)', ran: [], issues: ['$(b)'] },
])('commands run $name', ({ script, stdin, ran, wakes = [], issues = [] }) => {
  expect(play(script, stdin ?? null)).toEqual({ ran, wakes, issues });
});
