/** Answers by the question, the latest few. A question that is being answered is not asked twice. */
export class RecentAnswers<T> {
  private readonly answers = new Map<string, Promise<T>>();

  constructor(private readonly limit: number) {}

  has(question: string): boolean {
    return this.answers.has(question);
  }

  of(question: string, find: () => Promise<T>): Promise<T> {
    const known = this.answers.get(question);
    this.answers.delete(question);
    const found = known ?? find();
    this.answers.set(question, found);
    const oldest = this.answers.keys().next().value;
    if (this.answers.size > this.limit && oldest !== undefined) this.answers.delete(oldest);
    // A failure is no answer: the next one asks again
    if (known === undefined) found.catch(() => this.answers.get(question) === found && this.answers.delete(question));
    return found;
  }
}
