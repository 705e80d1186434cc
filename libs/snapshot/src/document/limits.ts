/** What a document may be at most; more is a mistake or an attack, and is refused before it costs anything. */
export const DOCUMENT_DEPTH_LIMIT = 100;
/** YAML values that aliases add to a document: a few anchors make a bomb of a thousand million. */
export const ALIASED_VALUES_LIMIT = 100_000;
/** Above this many faults of one document the rest is left unsaid. */
export const ISSUES_PER_DOCUMENT_LIMIT = 100;
