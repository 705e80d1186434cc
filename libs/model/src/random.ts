/** The project's only source of randomness: xoshiro128** seeded by SplitMix32. Its state is four words, so a run can be forked. */
export class Random {
  private constructor(private readonly state: Int32Array) {}

  static fromSeed(seed: number): Random {
    const state = new Int32Array(4);
    let z = (seed ^ Math.floor(seed / 0x1_0000_0000)) | 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) | 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      state[i] = t ^ (t >>> 15);
    }
    return new Random(state);
  }

  /** A uniform unsigned 32-bit integer. */
  next(): number {
    const s = this.state;
    const s1 = s[1] as number;
    const m = Math.imul(s1, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s[2] = (s[2] as number) ^ (s[0] as number);
    s[3] = (s[3] as number) ^ s1;
    s[1] = s1 ^ (s[2] as number);
    s[0] = (s[0] as number) ^ (s[3] as number);
    s[2] = (s[2] as number) ^ t;
    const s3 = s[3] as number;
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A uniform integer below `bound` (1 to 2^32), without modulo bias. */
  below(bound: number): number {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let value = this.next();
    while (value >= limit) value = this.next();
    return value % bound;
  }

  fork(): Random {
    return new Random(this.state.slice());
  }
}
