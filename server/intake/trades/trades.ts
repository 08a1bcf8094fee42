import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { addTradeEvents } from '../event-queries.ts'
import { type TradeState, tradeEvents } from '../lifecycle.ts'
import {
  deleteTrades,
  lockStagedTrades,
  requestRefetch,
  type StagedRow,
  setProcessed,
} from './pool-queries.ts'

/**
 * 移除: deletes trades. An event keeps user and time, and the next list run requests the trade again. A detail that is being fetched is
 * dropped. Converted and processed trades cannot be removed.
 */
export function removeTrades(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return act(tx, ids, by, {
    event: 'removed',
    from: ['fetching', 'staged'],
    write: (rows) => deleteTrades(tx, rows, by.actor.name),
  })
}

/** 已处理: marks trades processed. Downloads do not change them until a person undoes it. */
export function processTrades(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return act(tx, ids, by, {
    event: 'processed',
    from: tradeEvents.process.from,
    write: (rows) => setProcessed(tx, rows, by.actor.name),
  })
}

/** Undoes 已处理: the trade is fetched again and staged as it is on the platform now. */
export function unprocessTrades(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return act(tx, ids, by, {
    event: 'unprocessed',
    from: tradeEvents.unprocess.from,
    write: (rows) => requestRefetch(tx, rows, by.actor.name),
  })
}

const alreadyCodes: Record<TradeState, string> = {
  fetching: 'fetching',
  staged: 'already_staged',
  converted: 'already_converted',
  processed: 'already_processed',
}

async function act(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  step: { event: string; from: readonly TradeState[]; write: (rows: readonly StagedRow[]) => Promise<void> },
): Promise<Outcome[]> {
  const { event, from, write } = step
  const held = new Map((await lockStagedTrades(tx, ids, scope)).map((row) => [row.id, row]))
  const allowed = [...held.values()].filter((row) => from.includes(row.state))
  if (allowed.length > 0) {
    await write(allowed)
    for (const [shopId, rows] of Map.groupBy(allowed, (row) => row.shop_id)) {
      await addTradeEvents(
        tx,
        shopId,
        rows.map((row) => ({ tid: row.tid, event })),
        actor,
      )
    }
  }
  return ids.map((id) => {
    const row = held.get(id)
    if (!row) return { id, done: false, ...notFound({ zh: '交易', en: 'Trade' }) }
    if (from.includes(row.state)) return { id, done: true }
    const ref = row.state === 'processed' ? row.state_by : row.order_no
    return { id, done: false, code: alreadyCodes[row.state], ...(ref ? { ref } : {}) }
  })
}
