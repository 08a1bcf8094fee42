import { sql } from 'kysely'
import { tradeStatuses, tradeTypes } from '../server/connectors/connector.ts'
import type { Database } from '../server/db.ts'
import { type TradeTab, tradeSorts } from '../server/intake/contract.ts'
import { tradeReasons } from '../server/intake/lifecycle.ts'
import { dayMs } from '../server/lib/time.ts'
import { createRandom, type Random } from './random.ts'
import { worldNow } from './world.ts'

/** The values of one filter, as the screen sends them. */
export type Filters = Record<string, string>

export const sorts = tradeSorts.flatMap((sort) => [sort, `-${sort}`])

/** Every filter that the screen offers, with values that are common and values that are rare. */
export async function singleFilters(db: Database): Promise<Filters[]> {
  const one = (name: string, values: readonly string[]) => values.map((value) => ({ [name]: value }))
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
    ...periods().map(({ from, to }) => ({
      ...(from ? { paidFrom: from } : {}),
      ...(to ? { paidTo: to } : {}),
    })),
    ...one(
      'shipByTo',
      [-300, -30, -1, 0, 1, 2].map((days) => at(days)),
    ),
    ...(await searches(db)),
  ]
}

const at = (days: number) => new Date(worldNow.getTime() + days * dayMs).toISOString()

/** Today, yesterday, the last week, the last month, and days, weeks and months long ago. */
function periods(): { from?: string; to?: string }[] {
  return [
    { from: at(-0.5) },
    { from: at(-1.5), to: at(-0.5) },
    { from: at(-7) },
    { from: at(-30) },
    { from: at(-100), to: at(-99) },
    { from: at(-207), to: at(-200) },
    { from: at(-300), to: at(-270) },
    { to: at(-200) },
    { from: at(-200) },
  ]
}

/** What people type: numbers, phones, names, goods, each once common and once rare. */
async function searches(db: Database): Promise<Filters[]> {
  const some = await sql<{ tid: string }>`
    select tid from staged_trade where id % 4001 = 7 order by id limit 200`.execute(db)
  const tids = some.rows.map((row) => row.tid)
  return [
    { q: tids[0] ?? '' },
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
    { tids: tids.slice(0, 20).join(',') },
    { tids: tids.join(',') },
  ]
}

export type ListQuestion = { tab: TradeTab; sort: string; filters: Filters }

/** Each filter alone in each tab and order, and so many random combinations of three. */
export async function questions(db: Database, combinations: number): Promise<ListQuestion[]> {
  const random = createRandom(11)
  const alone = await singleFilters(db)
  const tabs: TradeTab[] = ['staged', 'blocked', 'history', 'processed', 'fetching']
  const all: ListQuestion[] = []
  for (const tab of tabs) {
    for (const filters of alone) {
      // The small tabs are asked in one order, the large ones in all.
      for (const sort of tab === 'fetching' || tab === 'processed' ? ['-paidAt'] : sorts)
        all.push({ tab, sort, filters })
    }
  }
  for (let made = 0; made < combinations; made += 1) {
    const tab = random.chance(0.6) ? 'staged' : random.pick(tabs)
    all.push({ tab, sort: random.pick(sorts), filters: threeOf(random, alone) })
  }
  return all
}

function threeOf(random: Random, alone: readonly Filters[]): Filters {
  let filters: Filters = {}
  while (groupsOf(filters) < 3) filters = { ...random.pick(alone), ...filters }
  return filters
}

/** From and to are one filter on the screen. */
function groupsOf(filters: Filters): number {
  return new Set(Object.keys(filters).map((name) => (name.startsWith('paid') ? 'paid' : name))).size
}
