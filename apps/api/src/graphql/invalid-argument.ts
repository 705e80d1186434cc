/** An argument of a query that the schema lets pass but that means nothing. */
export class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument';

  constructor(
    readonly argument: string,
    message: string,
  ) {
    super(message);
  }
}
