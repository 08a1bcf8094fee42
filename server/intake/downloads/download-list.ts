import { createHash } from 'node:crypto'
import type { BadItem, Page, TradeBrief, TradePage, Window } from '../../connectors/connector.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import { callShop } from '../../shops/calls.ts'
import { parkItems } from '../trades/ingest.ts'
import { fetchDirect } from './download-direct.ts'
import { type ListCounts, type ListRun, skip } from './list-run.ts'
import { queueTrades } from './queue-queries.ts'
import { readWindow } from './windows.ts'

/**
 * Downloads one window of trades. Newer ones go into the download queue; on platforms without it, to the staged trades. Throws if a page
 * was not stored, and then the cursor does not move.
 */
export async function downloadWindow(
  run: ListRun,
  window: Window,
  by: 'modified' | 'created',
  total: ListCounts,
): Promise<void> {
  const list = (asked: Window, page: Page): Promise<TradePage> =>
    callShop(run.opened, (connector, call) => {
      run.signal.throwIfAborted()
      const source = by === 'created' ? connector.trades.listCreated : connector.trades.listChanged
      return (source ?? connector.trades.listChanged)(call, asked, page)
    })
  const counts = await readWindow(
    list,
    window,
    { pageSize: run.opened.connector.limits.pageSize, key: itemKey },
    (items) => storePage(run, items, total),
  )
  total.pages += counts.pages
  total.seen += counts.seen
}

/**
 * Returns a key that identifies an item of a list, even an unreadable one. The trade number is the last choice, because a trade may have
 * several refunds.
 */
export function itemKey(item: {
  kind: string
  tid?: string
  refundId?: string
  id?: string | null
  raw?: string
}): string {
  const raw = () =>
    createHash('sha256')
      .update(item.raw ?? '')
      .digest('hex')
  return item.refundId ?? item.tid ?? item.id ?? raw()
}

async function storePage(
  run: ListRun,
  items: readonly (TradeBrief | BadItem)[],
  total: ListCounts,
): Promise<void> {
  const { db, opened } = run
  const shopId = opened.shop.id
  const briefs = items.filter((item) => item.kind === 'brief')
  const bad = items.filter((item) => item.kind === 'bad')
  await db
    .transaction()
    .execute((tx) => parkItems(tx, opened.deps.ring, { shopId, kind: 'trade', items: bad }))
  total.parked += bad.length
  if (opened.connector.trades.path === 'direct') return fetchDirect(run, briefs, total)
  const counts = await db.transaction().execute((tx) => queueTrades(tx, shopId, briefs, opened.deps.ring))
  total.created += counts.created
  total.updated += counts.updated
  // The detail task starts now, before the rest of the list is read.
  if (counts.created + counts.updated > 0) await wakeTask(db, 'trade_detail', shopId)
  skip(total, 'same', counts.same)
  skip(total, 'processed', counts.processed)
}
