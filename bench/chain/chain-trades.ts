import { sql } from 'kysely'
import type { Trade, TradeLine } from '../../server/connectors/connector.ts'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import type { ShopFacts } from '../../server/intake/lifecycle.ts'
import { type ArrivedTrade, ingestTrades, prepareTrades } from '../../server/intake/trades/ingest.ts'
import { monthlessKeys } from '../../server/lib/people.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { hourMs } from '../../server/lib/time.ts'
import { open } from '../database.ts'
import { restoreIndexes, takeIndexes } from '../world/copies.ts'
import { buyerOf } from '../world/people.ts'
import { createRandom, type Random } from '../world/random.ts'
import { tidOf } from '../world/trades.ts'
import { skus } from './choose.ts'

/** The number of trades that are generated one by one. The others are copies of them with other numbers, times and buyers. */
const modelled = 40_000
/** The first digits of the numbers of the chain's trades; the next two digits number the copy. */
export const chainTids = '2971'
/** All trades were paid within `spanHours`, the last one `endsHoursAgo` hours ago, so that no trade waits for a time. */
const [spanHours, endsHoursAgo] = [20, 1]
/** From this number of copies, dropping the indexes and building them at the end is faster. */
const manyCopies = 400_000
const hotSkus = 20

/** Stages paid trades of the last day for these shops, ready to be converted: `count`, rounded up to whole copies of the models. */
export async function stageTrades(
  url: string,
  ring: KeyRing,
  shopIds: readonly string[],
  count: number,
): Promise<number> {
  const { db, close } = open(url, shopIds.length)
  try {
    const each = Math.min(modelled, count)
    const turns = Math.ceil(count / each)
    const turnMs = (spanHours * hourMs) / turns
    const first = new Date(Date.now() - (endsHoursAgo + spanHours) * hourMs)
    await stageModels(db, ring, shopIds, { count: each, first, turnMs })
    const indexes = count > manyCopies ? await takeIndexes(db, ['staged_trade']) : []
    await copyModels(db, turns, turnMs)
    if (indexes.length > 0) await restoreIndexes(url, indexes, ['staged_trade', 'staged_trade_lines'])
    await blacklistSome(db)
    await sql`vacuum (analyze) staged_trade, staged_trade_lines, listing, stock, sales_order, order_line`.execute(
      db,
    )
    return turns * each
  } finally {
    await close()
  }
}

/** Stages the models through the production code, so that seals, hashes, facets and keys are real. */
async function stageModels(
  db: Database,
  ring: KeyRing,
  shopIds: readonly string[],
  { count, first, turnMs }: { count: number; first: Date; turnMs: number },
): Promise<void> {
  const facts: ShopFacts = { goLiveAt: new Date(0), convertUnpaid: false }
  const perShop = Math.ceil(count / shopIds.length)
  const lanes = shopIds.map(async (id, no) => {
    const random = createRandom(9100 + no)
    for (let from = 0; from < perShop; from += 500) {
      const arrived = Array.from({ length: Math.min(500, perShop - from) }, (_, at) => {
        const serial = from + at
        const paidAt = new Date(first.getTime() + (serial / perShop) * turnMs)
        return modelOf(random, serial * shopIds.length + no, paidAt)
      })
      const prepared = prepareTrades(ring, { id, facts }, arrived)
      await db
        .transaction()
        .execute((tx) =>
          ingestTrades(tx, ring, { shop: { id, facts }, prepared, fetchedAt: new Date() }, systemActor),
        )
    }
  })
  await Promise.all(lanes)
}

/** Returns a trade. One in 65 has a message, one in 65 a memo with a flag; one buyer in a hundred orders again. */
function modelOf(random: Random, serial: number, paidAt: Date): ArrivedTrade {
  const tid = tidOf(chainTids, serial)
  const lines = Array.from({ length: random.chance(0.2) ? 1 : random.chance(0.15) ? 3 : 2 }, (_, at) =>
    lineOf(random, tid, at),
  )
  const hasMemo = random.chance(1 / 65)
  const { nick, receiver } = buyerOf(random.chance(0.01) ? Math.max(0, serial - 40) : serial)
  const trade: Trade = {
    tid,
    status: 'paid',
    platformStatus: 'WAIT_SELLER_SEND_GOODS',
    type: 'normal',
    platformType: 'fixed',
    createdAt: new Date(paidAt.getTime() - 60_000),
    modifiedAt: paidAt,
    paidAt,
    shippedAt: null,
    endedAt: null,
    shipBy: new Date(paidAt.getTime() + 48 * hourMs),
    planAt: null,
    cod: false,
    finalUnpaid: false,
    holds: [],
    paymentFen: lines.reduce((sum, line) => sum + line.paymentFen, 0),
    postFeeFen: 0,
    discountFen: lines.reduce((sum, line) => sum + line.discountFen, 0),
    subsidyFen: 0,
    buyer: { nick, openId: `AAF${serial.toString(36)}` },
    receiver,
    buyerMessage: random.chance(1 / 65) ? random.pick(['麻烦发顺丰', '送礼，不要放价格单']) : '',
    sellerMemo: hasMemo ? random.pick(['已加急', '改地址已核对']) : '',
    flag: hasMemo ? 1 + random.int(5) : 0,
    lines,
  }
  return { trade, raw: '{}' }
}

/** Returns a line; three in ten are of a few popular SKUs. */
function lineOf(random: Random, tid: string, at: number): TradeLine {
  const no = 1 + (random.chance(0.3) ? random.skewed(hotSkus, 2) : random.int(skus))
  const priceFen = 1900 + ((no * 7919) % 60_000)
  const quantity = random.chance(0.85) ? 1 : 2 + random.int(3)
  const discountFen = random.chance(0.35) ? Math.floor(priceFen * quantity * 0.12) : 0
  return {
    oid: `${tid.slice(0, 17)}${String(at).padStart(2, '0')}`,
    status: 'paid',
    platformStatus: 'WAIT_SELLER_SEND_GOODS',
    refund: 'none',
    refundId: '',
    itemId: `i${no}`,
    skuId: '',
    outerItemId: `S${no}`,
    outerSkuId: '',
    title: `60支长绒棉四件套 简约家用床上用品 山隅家居 第${no}款`,
    spec: '颜色分类:雾蓝;适用床尺寸:1.8m 床',
    pictureUrl: `https://img.alicdn.com/bao/uploaded/i1/22${no}/O1CN01!!2200.jpg`,
    quantity,
    priceFen,
    paymentFen: priceFen * quantity - discountFen,
    discountFen,
    shipBy: null,
  }
}

async function copyModels(db: Database, turns: number, turnMs: number): Promise<void> {
  await sql`drop table if exists model_trade`.execute(db)
  await sql`create unlogged table model_trade as
    select t.*, g.lines, row_number() over (order by t.paid_at, t.id) as nth
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id
    where ${isChain('t.tid')}`.execute(db)
  await sql`create unique index on model_trade (tid)`.execute(db)
  await sql`analyze model_trade`.execute(db)
  const waiting = Array.from({ length: turns - 1 }, (_, at) => at + 1)
  const lane = async () => {
    for (let turn = waiting.shift(); turn; turn = waiting.shift()) await copyTurn(db, turn, turnMs)
  }
  await Promise.all([lane(), lane()])
  await sql`drop table model_trade`.execute(db)
}

/** Copies the models with later times. Each copy has its own buyers, as many as the models. */
async function copyTurn(db: Database, turn: number, turnMs: number): Promise<void> {
  const tid = sql`overlay(m.tid placing ${String(turn).padStart(2, '0')} from 5 for 2)`
  const later = sql`make_interval(secs => ${(turn * turnMs) / 1000}::float8)`
  await db.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = off`.execute(tx)
    await sql`
      with made as (
        insert into staged_trade (shop_id, tid, state, state_at, state_by, modified_at, detail_at, fetched_at, status, platform_status,
          trade_type, ordered_at, paid_at, ship_by, flag, payment_fen, discount_fen, quantity, line_count, receiver_hash, facets, people, buyer_message, seller_memo, buyer_masked, receiver_masked, region, personal)
        select shop_id, ${tid}, state, state_at, state_by, modified_at + ${later}, detail_at, fetched_at, status, platform_status,
          trade_type, ordered_at + ${later}, paid_at + ${later}, ship_by + ${later}, flag, payment_fen, discount_fen, quantity, line_count,
          receiver_hash # ${turn}::int, facets,
          (select array_agg((k >> 32 << 32) + ((k % ${2 ** 32}::bigint) * 40503 + ${turn}::bigint * 104729) % ${2 ** 32}::bigint order by n)
            from unnest(m.people) with ordinality x (k, n)),
          buyer_message, seller_memo, buyer_masked, receiver_masked, region, personal
        from model_trade m order by m.nth
        returning id, tid
      )
      insert into staged_trade_lines (trade_id, lines)
      select made.id, m.lines from made join model_trade m on ${tid} = made.tid order by made.id`.execute(tx)
  })
}

/** Puts one buyer in two hundred on the blacklist. */
async function blacklistSome(db: Database): Promise<void> {
  await sql`
    insert into blacklist_entry (kind, keys, region, masked, personal, reason, shop_id, order_id, created_by)
    select 'phone', (${monthlessKeys(sql`t.people`)})[1:1], '', receiver_masked, personal, '恶意退货', shop_id, 0, 'bench'
    from staged_trade t where ${isChain('t.tid')} and state = 'staged' and id % 200 = 0`.execute(db)
  await sql`analyze blacklist_entry`.execute(db)
}

/** The condition that a trade number belongs to the chain, in a form that can use the number's index. */
export const isChain = (column: string) =>
  sql`${sql.ref(column)} >= ${chainTids} and ${sql.ref(column)} < ${String(Number(chainTids) + 1)}`
