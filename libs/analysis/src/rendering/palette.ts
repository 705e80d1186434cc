/** How text is emphasised. The command line supplies terminal colours; without any, text stays plain. */
export interface Palette {
  good(text: string): string;
  bad(text: string): string;
  unsure(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

const same = (text: string): string => text;

export const PLAIN: Palette = { good: same, bad: same, unsure: same, strong: same, dim: same };
