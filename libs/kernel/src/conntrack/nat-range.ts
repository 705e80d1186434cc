/** struct nf_nat_range2: what a NAT rule asks for. One object is filled anew for every rule. */
export class NatRange {
  /** RANGE_*. */
  flags = 0;
  /** Address handles. */
  minAddress = 0;
  maxAddress = 0;
  minPort = 0;
  maxPort = 0;
  /** The first port of the range that RANGE_PROTO_OFFSET shifts. */
  basePort = 0;

  clear(): void {
    this.flags = 0;
    this.minAddress = 0;
    this.maxAddress = 0;
    this.minPort = 0;
    this.maxPort = 0;
    this.basePort = 0;
  }
}
