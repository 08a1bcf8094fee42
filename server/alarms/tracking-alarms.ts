import { sql } from 'kysely'
import type { TrackState } from '../connectors/traces-contract.ts'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import { countCap } from '../core/lists/list-table.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { hourMs } from '../lib/time.ts'
import { type LateRows, lateRows } from './alarm-queries.ts'
import { type Asked, alarmOf, figure } from './alarm-words.ts'

/** Platforms fine a shipment that no courier scans within a day as 虚假发货. */
const uncollectedMs = 24 * hourMs
/** A parcel that is not scanned for so long is probably lost. */
const stuckMs = 72 * hourMs

/**
 * Returns parcels in these states whose last scan (without one: their leaving) is at least `ageMs` old, the oldest first. The deliveries of
 * a merged shipment are one parcel, which its first delivery names.
 */
function parcelsIn(
  db: Database,
  scope: Scope,
  { states, ageMs }: { states: readonly TrackState[]; ageMs: number },
): Promise<LateRows> {
  const seesAll = scope.shops === 'all' && scope.warehouses === 'all'
  return lateRows(
    db,
    sql`
      -- The limit comes before the scope: a user with few shops may get fewer rows, but the query never reads all rows.
      select distinct on (t.courier, t.waybill_no) d.id, d.no, t.at from (
        select r.* from unnest(${[...states]}::text[]) s (state) cross join lateral (
          select delivery_id, shop_id, warehouse_id, courier, waybill_no, coalesce(moved_at, left_at) as at from parcel_track
          where state = s.state and coalesce(moved_at, left_at) < now() - ${ageMs}::float8 * interval '1 millisecond'
            and next_at is not null and asked_at is not null
          order by coalesce(moved_at, left_at), delivery_id limit ${countCap * (seesAll ? 2 : 4)}
        ) r
      ) t join delivery d on d.id = t.delivery_id and d.status = 'shipped'
      where ${scopeSql(scope, sql.ref('t.shop_id'))} and ${warehouseSql(scope, sql.ref('t.warehouse_id'))}
      order by t.courier, t.waybill_no, d.id limit ${countCap + 1}`,
  )
}

type Kind = {
  kind: 'parcels_uncollected' | 'parcels_stuck' | 'parcels_problem' | 'parcels_returning'
  tone: 'bad' | 'warn'
  states: readonly TrackState[]
  ageMs: number
  title: LocalizedText
  detail: LocalizedText
}

const kinds: readonly Kind[] = [
  {
    ...{ kind: 'parcels_uncollected', tone: 'bad', states: ['unknown'], ageMs: uncollectedMs },
    title: { zh: '个包裹发货 24 小时没揽收', en: 'shipped a day ago and not collected' },
    detail: {
      zh: '平台会判虚假发货，催快递来揽，或撤销发货',
      en: 'the platform will fine them: have the courier come, or undo the shipping',
    },
  },
  {
    ...{ kind: 'parcels_problem', tone: 'bad', states: ['problem'], ageMs: 0 },
    title: { zh: '个包裹派送异常', en: 'with a problem at the courier' },
    detail: { zh: '联系快递和买家', en: 'talk to the courier and the buyer' },
  },
  {
    ...{ kind: 'parcels_stuck', tone: 'warn', ageMs: stuckMs },
    states: ['collected', 'in_transit', 'out_for_delivery'],
    title: { zh: '个包裹 3 天没动', en: 'not scanned for three days' },
    detail: { zh: '可能丢件，问快递', en: 'they may be lost: ask the courier' },
  },
  {
    ...{ kind: 'parcels_returning', tone: 'warn', states: ['returning'], ageMs: 0 },
    title: { zh: '个包裹在退回', en: 'on their way back' },
    detail: { zh: '到了要收货，问买家要不要再发', en: 'receive them, and ask the buyers' },
  },
]

/** Returns the alarms about parcels on their way: not collected, without a scan, with a problem, on their way back. */
export async function trackingAlarms({ db, scope }: Asked) {
  const alarms: ReturnType<typeof alarmOf> = []
  for (const { kind, tone, states, ageMs, title, detail } of kinds) {
    const rows = await parcelsIn(db, scope, { states, ageMs })
    const some = figure(rows.count)
    alarms.push(
      ...alarmOf(rows, {
        ...{ kind, tone, detail, remedy: 'see_deliveries', act: { zh: '看包裹', en: 'See them' } },
        title: {
          zh: `${some} ${title.zh}`,
          en: `${some} ${rows.count === 1 ? 'parcel' : 'parcels'} ${title.en}`,
        },
        to: `/deliveries?tab=shipped&ids=${rows.ids.join(',')}`,
      }),
    )
  }
  return alarms
}
