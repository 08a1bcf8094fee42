import { sql } from 'kysely'
import { tradeStatuses, tradeTypes } from '../../server/connectors/connector.ts'
import type { Database } from '../../server/core/db/db.ts'
import { tradeReasons } from '../../server/intake/lifecycle.ts'
import { type TradeTab, tradeList } from '../../server/intake/trades/lists-contract.ts'
import { dayMs } from '../../server/lib/time.ts'
import { createRandom, type Random } from '../world/random.ts'
import { worldNow } from '../world/world.ts'

/** The values of filters, as the page sends them. */
export type Filters = Record<string, string>

export const sorts = tradeList.sorts.flatMap((sort) => [sort, `-${sort}`])

/** Returns one filter for each of these values. */
export const one = (name: string, values: readonly string[]): Filters[] =>
  values.map((value) => ({ [name]: value }))

/** Returns every filter of the page, with common and with rare values. */
export async function singleFilters(db: Database): Promise<Filters[]> {
  return [
    {},
    ...one('shop', ['1', '2', '4', '3,4']),
    ...one('status', [...tradeStatuses, 'paid,partly_shipped']),
    ...one('type', [...tradeTypes, 'presale,group_buy']),
    ...one('reason', [...tradeReasons, 'none', 'refund_open,platform_hold']),
    ...one('flag', ['0', '1', '3', '5', '1,2,3,4,5']),
    ...['hasMessage', 'hasMemo', 'hasRefund', 'cod', 'severalLines'].flatMap((name) =>
      one(name, ['true', 'false']),
    ),
    ...one('province', ['广东省', '浙江省', '青海省', '西藏自治区', '青海省,西藏自治区']),
    ...periods('paid'),
    ...one(
      'shipByTo',
      [-300, -30, -1, 0, 1, 2].map((days) => at(days)),
    ),
    ...(await searches(db)),
  ]
}

/** Returns the time `days` days after the present time of the generated data. */
export const at = (days: number) => new Date(worldNow.getTime() + days * dayMs).toISOString()

/** Returns filters on one time: today, yesterday, the last week and month, and days, weeks and months long ago. */
export function periods(name: string): Filters[] {
  const spans: { from?: number; to?: number }[] = [
    { from: -0.5 },
    { from: -1.5, to: -0.5 },
    { from: -7 },
    { from: -30 },
    { from: -100, to: -99 },
    { from: -207, to: -200 },
    { from: -300, to: -270 },
    { to: -200 },
    { from: -200 },
  ]
  return spans.map(({ from, to }) => ({
    ...(from === undefined ? {} : { [`${name}From`]: at(from) }),
    ...(to === undefined ? {} : { [`${name}To`]: at(to) }),
  }))
}

async function searches(db: Database): Promise<Filters[]> {
  const some = await sql<{ tid: string }>`
    select tid from staged_trade where id % 4001 = 7 order by id limit 200`.execute(db)
  const tids = some.rows.map((row) => row.tid)
  return [{ q: tids[0] ?? '' }, ...texts, { tids: tids.slice(0, 20).join(',') }, { tids: tids.join(',') }]
}

/** Texts that users search for: numbers, phones, names, goods, each with a common and a rare value. */
export const texts: readonly Filters[] = [
  { q: '2900000000000000000' },
  { q: '13812341234' },
  { q: '1234' },
  { q: '8888' },
  { q: '王伟' },
  { q: '欧阳无名' },
  { q: '四件套' },
  { q: '长绒棉' },
  { q: 'SY-10000-0' },
  { q: 'SY-20499-0' },
  { q: '第7款' },
]

export type ListQuestion = { tab: string; sort: string; filters: Filters }

/** Returns each filter alone, in each tab and sort order, and `combinations` random combinations of three. */
export async function questions(db: Database, combinations: number): Promise<ListQuestion[]> {
  const random = createRandom(11)
  const alone = await singleFilters(db)
  const tabs: TradeTab[] = ['staged', 'blocked', 'history', 'processed', 'fetching']
  const all: ListQuestion[] = []
  for (const tab of tabs) {
    for (const filters of alone) {
      // The small tabs are read in one sort order, the large ones in all.
      for (const sort of tab === 'fetching' || tab === 'processed' ? ['-paidAt'] : sorts)
        all.push({ tab, sort, filters })
    }
  }
  for (let made = 0; made < combinations; made += 1) {
    const tab = random.chance(0.6) ? 'staged' : random.pick(tabs)
    all.push({ tab, sort: random.pick(sorts), filters: someOf(random, alone, 3) })
  }
  return all
}

/** Combines `count` different filters. */
export function someOf(random: Random, alone: readonly Filters[], count: number): Filters {
  let filters: Filters = {}
  while (groupsOf(filters) < count) filters = { ...random.pick(alone), ...filters }
  return filters
}

/** The two limits of a range are one filter on the page. */
function groupsOf(filters: Filters): number {
  return new Set(Object.keys(filters).map((name) => name.replace(/(From|To)$/, ''))).size
}
