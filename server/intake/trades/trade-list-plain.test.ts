import { test } from 'node:test'
import { sql } from 'kysely'
import { tradeStatuses, tradeTypes } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { type Dice, dice } from '../../testing/dice.ts'
import { listsAsPlainly } from '../../testing/lists.ts'
import { tradeReasons } from '../lifecycle.ts'
import { aLine, aRefund, aTrade, type IntakeFixture, intakeFixture, stage, stageRefunds } from '../testing.ts'
import { type TradeFilter, tradeList } from './lists-contract.ts'
import { tradeQuery, tradeTable } from './trade-list.ts'
import { processTrades, unprocessTrades } from './trades.ts'

const day = 86_400_000
const newest = new Date('2026-11-20T00:00:00Z').getTime()
const provinces = ['浙江省', '西藏自治区', '新疆维吾尔自治区', '某地'] as const
const codes = ['A-1', 'B-2', 'C-3'] as const

function someTrade(random: Dice) {
  const status = random.pick(tradeStatuses)
  const createdAt = new Date(newest - random.int(120) * day - random.int(3) * 3_600_000)
  const paidAt =
    status === 'unpaid' || random.chance(0.1) ? null : new Date(createdAt.getTime() + random.int(2) * day)
  const one = aTrade()
  const hasMemo = random.chance(0.3)
  return aTrade({
    status,
    createdAt,
    modifiedAt: createdAt,
    paidAt,
    shipBy: random.chance(0.7) ? new Date(createdAt.getTime() + random.pick([2, 15]) * day) : null,
    type: random.pick(tradeTypes),
    cod: random.chance(0.2),
    flag: random.int(6),
    holds: random.chance(0.1) ? ['top_hold'] : [],
    buyerMessage: random.chance(0.3) ? '快' : '',
    sellerMemo: hasMemo ? '急' : '',
    receiver: { ...one.receiver, name: random.pick(['王伟', '李静']), province: random.pick(provinces) },
    lines: Array.from({ length: 1 + random.int(2) }, () => {
      const outerSkuId = random.pick(codes)
      return aLine({
        outerSkuId,
        refund: random.pick(['none', 'none', 'none', 'applied', 'succeeded'] as const),
      })
    }),
  })
}

async function aWorld(pool: IntakeFixture, random: Dice): Promise<void> {
  const trades = Array.from({ length: 400 }, () => someTrade(random))
  for (let from = 0; from < trades.length; from += 80) await stage(pool, ...trades.slice(from, from + 80))
  await stageRefunds(pool, ...trades.slice(0, 20).map((trade) => aRefund(trade)))
  const staged = await sql<{
    id: string
  }>`select id from staged_trade where state = 'staged' order by tid`.execute(pool.db)
  const ids = staged.rows.map(({ id }) => id)
  await pool.db.transaction().execute(async (tx) => {
    await convertTrades(
      tx,
      ids.filter((_, at) => at % 3 === 0),
      { actor: systemActor, scope: wholeScope },
    )
    await processTrades(tx, ids.filter((_, at) => at % 3 === 1).slice(0, 40), {
      actor: systemActor,
      scope: wholeScope,
    })
    await unprocessTrades(tx, ids.filter((_, at) => at % 3 === 1).slice(0, 10), {
      actor: systemActor,
      scope: wholeScope,
    })
  })
  // Some trades arrive again a month later: paid, refunded, shipped elsewhere.
  await stage(
    pool,
    ...trades
      .slice(50, 120)
      .map((trade) => ({ ...someTrade(random), tid: trade.tid, modifiedAt: new Date(newest) })),
  )
  // Staged at many different times, as over months.
  await sql`update staged_trade set state_at = coalesce(paid_at, ordered_at, state_at) + (id % 5) * interval '9 days'`.execute(
    pool.db,
  )
}

const at = (days: number) => new Date(newest - days * day).toISOString()

function someFilter(random: Dice, pool: IntakeFixture): TradeFilter {
  const some: Partial<Record<keyof TradeFilter, () => string>> = {
    shop: () => random.pick([pool.shopId, '77', `${pool.shopId},77`]),
    status: () => random.pick([...tradeStatuses, 'paid,shipped']),
    type: () => random.pick([...tradeTypes, 'normal,presale']),
    reason: () => random.pick([...tradeReasons, 'none', 'none,refund_open']),
    flag: () => random.pick(['0', '3', '1,2,3,4,5']),
    hasMessage: () => random.pick(['true', 'false']),
    hasMemo: () => random.pick(['true', 'false']),
    hasRefund: () => random.pick(['true', 'false']),
    cod: () => random.pick(['true', 'false']),
    severalLines: () => random.pick(['true', 'false']),
    province: () => random.pick([...provinces, '浙江省,某地']),
    paidFrom: () => at(random.int(130)),
    paidTo: () => at(random.int(130)),
    shipByTo: () => at(random.int(130) - 10),
    q: () => random.pick([...codes, '王伟', '无人']),
  }
  const names = Object.keys(some) as (keyof TradeFilter)[]
  const filter: Record<string, string> = { tab: random.pick(Object.keys(tradeList.tabs)) }
  for (let count = random.int(4); count > 0; count -= 1) {
    const name = random.pick(names)
    filter[name] = some[name]?.() ?? ''
  }
  return filter as TradeFilter
}

/** Returns the meaning of a filter as conditions on plain columns. */
function plainly(filter: TradeFilter) {
  const list = (text: string | undefined) => text?.split(',') ?? []
  const yes = (text: string | undefined, met: ReturnType<typeof sql>) =>
    text === undefined ? sql`true` : sql`t.line_count > 0 and (${met}) = ${text === 'true'}`
  const goods = sql`exists (select from staged_trade_lines g, jsonb_array_elements(g.lines) l
    where g.trade_id = t.id and l ->> 'outerSkuId' = ${filter.q ?? ''})`
  return sql.join(
    [
      sql`t.state = ${{ staged: 'staged', blocked: 'staged', fetching: 'fetching', processed: 'processed', history: 'converted' }[filter.tab ?? 'staged']}`,
      filter.tab === 'blocked' && sql`t.reason <> ''`,
      filter.shop && sql`t.shop_id::text = any(${list(filter.shop)})`,
      filter.status &&
        sql`case t.state when 'fetching' then 'unknown' else t.status end = any(${list(filter.status)})`,
      filter.type && sql`t.line_count > 0 and t.trade_type = any(${list(filter.type)})`,
      filter.reason && sql`coalesce(nullif(t.reason, ''), 'none') = any(${list(filter.reason)})`,
      filter.flag && sql`t.flag::text = any(${list(filter.flag)})`,
      yes(filter.hasMessage, sql`t.buyer_message <> ''`),
      yes(filter.hasMemo, sql`t.seller_memo <> ''`),
      filter.hasRefund &&
        sql`(t.lines_applied + t.open_refunds > 0 or t.lines_refunded > 0) = ${filter.hasRefund === 'true'}`,
      yes(filter.cod, sql`t.cod`),
      yes(filter.severalLines, sql`t.line_count > 1`),
      filter.province &&
        sql`split_part(t.region, ' ', 1) = any(${list(filter.province).map((name) => name.replace(/(维吾尔)?自治区$|省$/, ''))})`,
      filter.paidFrom && sql`t.paid_at >= ${filter.paidFrom}`,
      filter.paidTo && sql`t.paid_at < ${filter.paidTo}`,
      filter.shipByTo && sql`t.ship_by < ${filter.shipByTo}`,
      filter.q && (filter.q === '王伟' ? sql`t.receiver_masked like '王%'` : goods),
    ].filter((one) => one !== false && one !== undefined && one !== ''),
    sql` and `,
  )
}

test('a list is what the plain query says, whatever is filtered and sorted, page by page, and so is its count', async () => {
  await using pool = await intakeFixture()
  const random = dice(7)
  await aWorld(pool, random)
  for (let round = 0; round < 400; round += 1) {
    const filter = someFilter(random, pool)
    const sort = random.pick(tradeList.sorts)
    const sign = random.pick(['', '-'])
    const query = await tradeQuery(pool.db, pool.ring, filter, { scope: wholeScope, sort: sign + sort })
    const limit = 1 + random.int(40)
    const asked = JSON.stringify({ filter, sort: sign + sort, limit })
    await listsAsPlainly(pool.db, tradeTable, query, { plain: plainly(filter), limit, asked })
  }
})
