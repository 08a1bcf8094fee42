import Type, { type Static } from 'typebox'
import { wholeScope } from '../../core/access/actor.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { shopsWithTask } from '../../core/tasks/tasks.ts'
import { sharedMs } from '../../lib/clock.ts'
import { receiversOfSeveral } from '../shipments/merge-queries.ts'
import type { MergeSettings } from '../shipments/merge-rules.ts'
import { compareReceiversTask } from './ask-receivers.ts'
import { mergeOrders } from './merge.ts'
import { firstHash } from './merge-suggest.ts'

export const mergeParams = Type.Object(
  {
    /** Minutes that a group waits, after its latest payment, for further orders of the buyer. */
    waitMinutes: Type.Integer({ default: 10, minimum: 0, maximum: 10_080 }),
    acrossShops: Type.Boolean({ default: false }),
    sameNick: Type.Boolean({ default: false }),
    withoutNotes: Type.Boolean({ default: false }),
    withoutShort: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
)

const batchSize = 500

/**
 * 自动合单: merges open orders to one receiver where no rule prevents it. Orders with an edit lock, and orders that have ever been taken out of
 * a merged shipment, are skipped.
 */
export async function autoMerge({
  db,
  params,
  actor,
  signal,
  progress,
}: Pick<RunContext<Static<typeof mergeParams>>, 'db' | 'params' | 'actor' | 'signal' | 'progress'>): Promise<
  Partial<RunCounts>
> {
  const { waitMinutes, ...wants } = params
  const settings: MergeSettings = {
    ...wants,
    leaveApart: true,
    askFirst: new Set(await shopsWithTask(db, compareReceiversTask)),
    paidBefore: new Date(sharedMs() - waitMinutes * 60_000),
  }
  const counts = { seen: 0, updated: 0 }
  for (let from: number | null = firstHash; from !== null; ) {
    signal.throwIfAborted()
    const page = { from, limit: batchSize, scope: wholeScope }
    const found: Awaited<ReturnType<typeof receiversOfSeveral>> = await receiversOfSeveral(db, page)
    from = found.next
    const ids = found.rows.flatMap((row) => row.ids)
    if (ids.length === 0) continue
    const outcomes = await db
      .transaction()
      .execute((tx) => mergeOrders(tx, ids, { actor, scope: wholeScope }, settings))
    counts.seen += outcomes.length
    counts.updated += outcomes.filter(({ done }) => done).length
    progress(counts)
  }
  return counts
}
