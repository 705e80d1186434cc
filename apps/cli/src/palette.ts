import type { Palette } from '@worldline/analysis';
import pico from 'picocolors';
import type { Terminal } from './terminal.js';

export function paletteOf(terminal: Terminal): Palette {
  const { green, red, yellow, bold, dim } = pico.createColors(terminal.isColoured);
  return { good: green, bad: red, unsure: yellow, strong: bold, dim };
}
