import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { NotNull, Row } from '../../core/db/rows.ts'
import { endActionsByHand } from '../../core/outbox/actions.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { changeAction } from './change-outbox.ts'

/** The waybills that a platform shows for a trade: at least one. */
export type ShownWaybills = { shopId: string; tid: string; waybills: readonly string[] }

/** Returns those of the trades whose platform shows a former waybill, as far as we know (改运单). */
export async function tradesWithFormer(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
): Promise<Set<string>> {
  const found = await sql<Row<'delivery', 'tid'>>`
    select distinct tid from delivery where shown_waybill <> '' and shop_id = ${shopId} and tid = any(${[...tids]}::text[])`.execute(
    tx,
  )
  return new Set(found.rows.map(({ tid }) => tid))
}

type Seen = NotNull<Row<'delivery', 'actionId'>> & Row<'delivery', 'id' | 'waybillNo'> & { shown: string[] }

/**
 * A person changed waybills on the platform, after it refused our change or a person took that over. A change that the platform shows now is done, and
 * a delivery remembers another waybill that the platform shows alone. A change that is on its way ends by itself.
 */
export async function takeShownWaybills(tx: Tx, trades: readonly ShownWaybills[]): Promise<void> {
  const found = await sql<Seen>`
    select d.id, d.waybill_no as "waybillNo", d.action_id as "actionId", t.shown
    from ${unnestRows('n', trades, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['tid', 'text', (row) => row.tid],
      ['list', 'jsonb', (row) => JSON.stringify(row.waybills.map((no) => no.toUpperCase()))],
    ])}
    cross join lateral (select array(select jsonb_array_elements_text(n.list)) as shown) t
    join delivery d on d.shop_id = n.shop_id and d.tid = n.tid
    where d.status = 'shipped' and d.shown_waybill <> '' and d.shown_waybill <> all(t.shown) and d.write_back in ('failed', 'manual')
      and d.action_id is not null
    order by d.id`.execute(tx)
  const [done, other] = [
    found.rows.filter(({ waybillNo, shown }) => shown.includes(waybillNo)),
    found.rows.filter(({ waybillNo, shown }) => !shown.includes(waybillNo) && shown.length === 1),
  ]
  await endActionsByHand(
    tx,
    [changeAction],
    { ids: done.map(({ actionId }) => actionId), state: 'forced', reason: '平台已显示新运单' },
    { actor: systemActor, scope: wholeScope },
  )
  await writeOther(
    tx,
    other.map(({ id, shown: [no = ''] }) => ({ id, no })),
  )
}

/** The courier of such a waybill is not known, so that of the former one stays. */
async function writeOther(tx: Tx, rows: readonly { id: string; no: string }[]): Promise<void> {
  await sql`
    update delivery t set shown_waybill = d.no
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['no', 'text', (row) => row.no],
    ])}
    where t.id = d.id and t.shown_waybill <> '' and t.write_back in ('failed', 'manual')`.execute(tx)
}
