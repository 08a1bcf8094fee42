import { sql } from 'kysely'
import { tradeTypes } from '../../server/connectors/connector.ts'
import { couriers } from '../../server/connectors/couriers.ts'
import type { Database } from '../../server/core/db/db.ts'
import { orderList, refundStates } from '../../server/orders/list/lists-contract.ts'
import { offPlatformOrigins } from '../../server/orders/order/lifecycle.ts'
import { createRandom } from '../world/random.ts'
import { at, type Filters, type ListQuestion, one, periods, someOf, texts } from './list-queries.ts'

const orderTabs = Object.keys(orderList.tabs)
const sorts = orderList.sorts.flatMap((sort) => [sort, `-${sort}`])

const yesOrNo = [
  'held',
  'differs',
  'short',
  'unmatched',
  'urgent',
  'problem',
  'locked',
  'planned',
  'hasMessage',
  'hasMemo',
  'cod',
  'severalLines',
]

/** Returns every filter of the page, with common and with rare values. */
export async function orderFilters(db: Database): Promise<Filters[]> {
  return [
    {},
    ...one('shop', ['1', '2', '6', '5,6']),
    ...one('flag', ['0', '1', '3', '5', '1,2,3,4,5']),
    ...one('refund', [...refundStates, 'open,succeeded']),
    ...yesOrNo.flatMap((name) => one(name, ['true', 'false'])),
    ...one('origin', [...offPlatformOrigins, 'manual,import']),
    ...one('courier', [...couriers.map(({ code }) => code), 'SF,ZTO', 'UC,ZJS']),
    ...one('warehouse', ['1', '2', '3', '2,3', '99']),
    ...one('type', [...tradeTypes, 'presale,group_buy']),
    ...one('province', ['广东省', '浙江省', '青海省', '西藏自治区', '青海省,西藏自治区']),
    ...periods('paid'),
    ...periods('created'),
    ...['shipBy', 'shipAfter'].flatMap((name) => one(`${name}To`, [-300, -30, -1, 0, 1, 2, 10].map(at))),
    ...(await searches(db)),
  ]
}

async function searches(db: Database): Promise<Filters[]> {
  const some = await sql<{ id: string; no: string; tid: string; own: boolean }>`
    select id, no, tid, origin <> 'trade' as own from sales_order where id % 4001 = 7 order by id limit 1000`.execute(
    db,
  )
  const tids = some.rows.map((row) => row.tid)
  const own = await sql<{ tid: string }>`
    select tid from sales_order where origin in ('manual', 'import', 'copy', 'reship') limit 1`.execute(db)
  return [
    { q: tids[0] ?? '' },
    { q: some.rows[0]?.no ?? '' },
    { q: own.rows[0]?.tid ?? '' },
    ...texts,
    { tids: tids.slice(0, 20).join(',') },
    { tids: tids.slice(0, 200).join(',') },
    { ids: some.rows.map(({ id }) => id).join(',') },
  ]
}

/** Returns each filter alone, in each tab and sort order, and random combinations: `combinations` of three, half as many of five. */
export function orderQuestions(alone: readonly Filters[], combinations: number): ListQuestion[] {
  const random = createRandom(17)
  const all: ListQuestion[] = []
  for (const tab of orderTabs)
    for (const filters of alone) for (const sort of sorts) all.push({ tab, sort, filters })
  for (const [count, times] of [
    [3, combinations],
    [5, combinations / 2],
  ] as const)
    for (let made = 0; made < times; made += 1)
      all.push({
        tab: random.pick(orderTabs),
        sort: random.pick(sorts),
        filters: someOf(random, alone, count),
      })
  return all
}

/** Returns pages far down: in lists of millions of rows, and in the middle of filtered lists. */
export function deepQuestions(size: number): (ListQuestion & { depth: number; step: number })[] {
  const whole = ['completed', 'all', 'unconfirmed'].flatMap((tab) =>
    sorts.map((sort) => ({ tab, sort, filters: {}, depth: size / 10, step: 100_000 })),
  )
  const filtered = [
    { shop: '2' },
    { hasMemo: 'true' },
    { flag: '1,2,3,4,5', shop: '2,3' },
    { courier: 'UC', province: '青海省' },
    { q: '四件套' },
  ].flatMap((filters) =>
    ['completed', 'unconfirmed'].flatMap((tab) =>
      sorts.map((sort) => ({ tab, sort, filters, depth: 20_000, step: 2000 })),
    ),
  )
  return [...whole, ...filtered]
}
