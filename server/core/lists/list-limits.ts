/**
 * Limits that decide how a list is read, and never which rows it has: costs in microseconds, bytes and rows, chosen for tables of hundreds of
 * thousands of rows and more.
 */
export const limits = {
  /** If looking rows up in the facet index costs less, this is done without reading along the sort first. */
  rare: 20_000,
  /**
   * Reading along the sort stops after each of these costs. They are the costs of 1,000 and of 20,000 rows without conditions; with
   * conditions each row costs more, so fewer rows are read.
   */
  firstStep: 1500,
  secondStep: 30_000,
  /**
   * The last step within a range that follows from another time. It is larger, because the first match may come only after the rows of some
   * days.
   */
  nearStep: 120_000,
  /** At most this many rows whose times are far apart are read in addition to a page. */
  far: 20_000,
  /** The cost of reading along the sort for the rows that lack its time. */
  lacking: 5000,
  /** A count stops earlier if counting further costs more. */
  count: 8000,
  /** All parts of a query are counted in one pass only if that is estimated to cost at most this. */
  pass: 30_000,
  /** Counting reads along an index at first, up to this cost. If these rows are too few, a sample of the table decides how to count. */
  soon: 30_000,
  /** At most this many rows of a combination of kinds are all read. */
  fewOfKinds: 20_000,
  /** A sample reads about this many bytes of the table (500 pages). */
  sampleBytes: 4_096_000,
}

/** Lowers every limit to this share, so that a smaller table is read in the same ways. */
export function lowerLimits(share: number): void {
  for (const [name, limit] of Object.entries(limits)) Object.assign(limits, { [name]: limit * share })
}
