import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import { type Running, repeat } from '../../core/jobs/engine.ts'
import { writeStagedDemand } from '../../stock-sync/needs.ts'
import { demandReasons, demandStatuses } from '../lifecycle.ts'

/** The most changed trades of one transaction. */
const batchSize = 2000

/**
 * Counts the staged demand a moment after each change of a trade, so that shops do not offer sold goods. A trigger records the ids of
 * staged, changed and removed trades. Conversion deletes the demand itself.
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
  const counting = repeat(log, { name: 'needs of staged trades', signal: stopping.signal, everyMs }, turn)
  return {
    async stop() {
      stopping.abort()
      await counting
    },
  }
}

/** Processes one batch of changed trades. Returns false if there are no more, or if another process is doing it. */
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

/** Deletes and returns the recorded ids of changed trades. The trades are read after that, so no change is missed. */
async function takeDue(tx: Tx): Promise<string[]> {
  const due = await sql<{ id: Rows['staged_need_due']['tradeId'] }>`${preparedStatement}
    with due as (
      delete from staged_need_due where id in (select id from staged_need_due order by id limit ${batchSize}) returning trade_id
    )
    select distinct trade_id as id from due`.execute(tx)
  return due.rows.map(({ id }) => id)
}

/** Has the demand of these trades counted again, because a conversion deleted it but created no order. */
export async function enqueueDemandCount(tx: Tx, tradeIds: readonly string[]): Promise<void> {
  if (tradeIds.length === 0) return
  await sql`insert into staged_need_due (trade_id) select unnest(${[...tradeIds]}::bigint[])`.execute(tx)
}

/** The goods that these trades will need. It selects the same lines as conversion does. */
const demandedGoods = (ids: readonly string[]) => sql`
  select t.id as trade_id, t.shop_id, line ->> 'itemId' as item_id, line ->> 'skuId' as platform_sku_id,
    sum((line ->> 'quantity')::int)::int as quantity
  from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
  where t.id = any(${[...ids]}::bigint[]) and t.state = 'staged' and t.reason = any(${demandReasons}::text[])
    and (t.cod or t.status = any(${demandStatuses}::text[]))
    and line ->> 'refund' <> 'succeeded' and line ->> 'status' in ('paid', 'unpaid', 'partly_shipped')
    and (line ->> 'quantity')::int > 0
  group by 1, 2, 3, 4`
