import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import { type Running, repeat } from '../../core/jobs/engine.ts'
import { writeStagedDemand } from '../../stock-sync/needs.ts'
import { demandReasons, demandStatuses } from '../lifecycle.ts'

/** Trades of one transaction. */
const batchSize = 2000

/**
 * Counts what staged trades will need, a moment after each change, so that shops do not show goods that were sold already.
 * Whoever stages, changes or removes a trade only notes its id (a trigger of 0034 does); who converts it ends its needs at once.
 */
export function startCountingDemand({
  db,
  log,
  everyMs = 1000,
}: {
  db: Database
  log: Logger
  everyMs?: number
}): Running {
  const stopping = new AbortController()
  const turn = async () => {
    while (!stopping.signal.aborted && (await countDemand(db)));
  }
  const counting = repeat(log, 'needs of staged trades', stopping.signal, everyMs, turn)
  return {
    async stop() {
      stopping.abort()
      await counting
    },
  }
}

/** Takes in some of the trades that changed. False: there were no more, or another process is at it. */
export function countDemand(db: Database): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const mine = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('needs of staged trades in ' || current_schema(), 0)) as mine`.execute(
      tx,
    )
    if (!mine.rows[0]?.mine) return false
    const ids = await takeDue(tx)
    if (ids.length === 0) return false
    await writeStagedDemand(tx, ids, demandedGoods(ids))
    return true
  })
}

/** What is read of these trades afterwards is at least as new as the change that noted them. */
async function takeDue(tx: Tx): Promise<string[]> {
  const due = await sql<{ id: Rows['staged_need_due']['tradeId'] }>`${preparedStatement}
    with due as (
      delete from staged_need_due where id in (select id from staged_need_due order by id limit ${batchSize}) returning trade_id
    )
    select distinct trade_id as id from due`.execute(tx)
  return due.rows.map(({ id }) => id)
}

/** For trades that were to be converted and were not: the counter looks at them once more. */
export async function enqueueDemandCount(tx: Tx, tradeIds: readonly string[]): Promise<void> {
  if (tradeIds.length === 0) return
  await sql`insert into staged_need_due (trade_id) select unnest(${[...tradeIds]}::bigint[])`.execute(tx)
}

/** The same lines as converting takes over. */
const demandedGoods = (ids: readonly string[]) => sql`
  select t.id as trade_id, t.shop_id, line ->> 'itemId' as item_id, line ->> 'skuId' as platform_sku_id,
    sum((line ->> 'quantity')::int)::int as quantity
  from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
  where t.id = any(${[...ids]}::bigint[]) and t.state = 'staged' and t.reason = any(${demandReasons}::text[])
    and (t.cod or t.status = any(${demandStatuses}::text[]))
    and line ->> 'refund' <> 'succeeded' and line ->> 'status' in ('paid', 'unpaid', 'partly_shipped')
    and (line ->> 'quantity')::int > 0
  group by 1, 2, 3, 4`
