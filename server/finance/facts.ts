import type { Tx } from '../db.ts'
import { type Fact, lockFacts, writeFacts } from './queries.ts'

export type { Fact, FactKind } from './queries.ts'

/**
 * Records what a transition owes, once for each (shop, source, kind), however often it is told. Told another amount, the
 * fact follows while it is not posted; after that the difference is a fact of its own. Give each key once.
 */
export async function recordFacts(tx: Tx, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return
  await lockFacts(tx, facts)
  await writeFacts(tx, facts)
}
