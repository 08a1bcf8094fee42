import type { BadItem } from '../../connectors/connector.ts'
import type { Tx } from '../../core/db/db.ts'
import { stageTrades } from '../refunds/stage-trades.ts'
import { lockTrades } from '../staged/trade-queries.ts'
import {
  type ArrivedTrade,
  type IngestCounts,
  parkItems,
  prepareTrades,
  rememberItems,
} from '../trades/ingest.ts'
import type { ListRun } from './list-run.ts'
import { shopFacts } from './shop-facts.ts'

type Details = {
  arrived: readonly ArrivedTrade[]
  bad: readonly BadItem[]
  /** The time of the database before they were requested. */
  fetchedAt: Date
  /** All trades that the transaction writes, `also` included: they are locked at once in one order. */
  tids: readonly string[]
}

/** Stages details that were requested without a claim, and parks what cannot be read. `also` runs in the same transaction with the counts. */
export async function stageDetails(
  { db, opened, actor }: Pick<ListRun, 'db' | 'opened' | 'actor'>,
  { arrived, bad, fetchedAt, tids }: Details,
  also: (tx: Tx, counts: IngestCounts) => Promise<void> = async () => {},
): Promise<IngestCounts> {
  const { ring } = opened.deps
  const shop = { id: opened.shop.id, facts: await shopFacts(db, opened.shop.id) }
  const prepared = prepareTrades(ring, shop, arrived)
  await rememberItems(db, shop.id, arrived)
  return db.transaction().execute(async (tx) => {
    await lockTrades(tx, shop.id, tids)
    const counts = await stageTrades(tx, ring, { shop, prepared, fetchedAt }, actor)
    await parkItems(tx, ring, { shopId: shop.id, kind: 'trade', items: bad })
    await also(tx, counts)
    return counts
  })
}
