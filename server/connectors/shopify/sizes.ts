/**
 * The most rows of a list in one answer. The text of the operations has them, and where a list has no pages, an answer with as many rows may have been cut.
 * `queries.test.ts` holds the operations below the points that a call may cost.
 */
export const sizes = {
  /** Refunds that an order shows in a list of orders, and by itself. */
  refundsInList: 8,
  refundsOfOrder: 30,
  /** The most that the platform names of an order. */
  refundsNamed: 250,
  parcelsOfOrder: 10,
  parcelsNamed: 100,
  /** A variety with the places where its goods lie costs 20 points. */
  levelsAtOnce: 40,
  goods: 100,
} as const
