import type { TradeBrief, TradeItem } from '../../connectors/connector.ts'
import type { PlatformList, Window } from '../../connectors/lists.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import { parkItems } from '../trades/ingest.ts'
import { fetchDirect } from './download-direct.ts'
import { noteFresh, noteShown } from './lateness.ts'
import { countMissed, type ListCounts, type ListRun, readList, skip } from './list-run.ts'
import { queueTrades } from './queue-queries.ts'

/**
 * Downloads one window of trades. Newer ones go into the download queue; on platforms without it, to the staged trades. Throws if a page
 * was not stored, and then the cursor does not move.
 */
export async function downloadWindow(
  run: ListRun,
  list: PlatformList<TradeItem>,
  window: Window,
  total: ListCounts,
): Promise<void> {
  await readList({ run, list, total }, window, (items) => storePage({ run, list, total }, window, items))
}

async function storePage(
  { run, list, total }: { run: ListRun; list: PlatformList<TradeItem>; total: ListCounts },
  window: Window,
  items: readonly TradeItem[],
): Promise<void> {
  const { db, opened } = run
  const shopId = opened.shop.id
  const briefs = items.filter((item) => item.kind === 'brief')
  const bad = items.filter((item) => item.kind === 'bad')
  if (bad.length > 0)
    await db
      .transaction()
      .execute((tx) => parkItems(tx, opened.deps.ring, { shopId, kind: 'trade', items: bad }))
  total.parked += bad.length
  noteShown(
    run.sighting,
    briefs.map(({ modifiedAt }) => modifiedAt),
  )
  const numbers = items.filter((item) => item.kind === 'id')
  if (numbers.length > 0)
    await fetchDirect(
      // A mall's window is of the time in which it posted, and its documents may be older.
      list.numbersOnly ? run : { ...run, sighting: undefined },
      numbers.map(({ tid }) => knownByNumber(tid, window.from)),
      total,
      { changedBefore: window.to },
    )
  if (opened.connector.trades.path === 'direct') return fetchDirect(run, briefs, total)
  const counts = await db.transaction().execute((tx) => queueTrades(tx, shopId, briefs, opened.deps.ring))
  noteFresh(run.sighting, counts.earliest)
  total.created += counts.created
  total.updated += counts.updated
  // The detail task starts now, before the rest of the list is read.
  if (counts.created + counts.updated > 0) await wakeTask(db, 'trade_detail', shopId)
  countMissed(total, counts.missed)
  skip(total, 'same', counts.same)
  skip(total, 'processed', counts.processed)
}

/** A trade of which the list gives only the number. It changed after `since`. */
const knownByNumber = (tid: string, since: Date): TradeBrief => ({
  kind: 'brief',
  tid,
  modifiedAt: since,
  createdAt: null,
  platformStatus: '',
  type: 'other',
  buyerNick: '',
  receiverName: '',
  paymentFen: null,
})
