import { sql } from 'kysely'
import pg from 'pg'
import { setBundles } from '../../server/catalog/skus/bundles.ts'
import type { Refund, Trade } from '../../server/connectors/connector.ts'
import type { TraceStep } from '../../server/connectors/traces.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import { openDatabase, type Tx } from '../../server/core/db/db.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import { aLine, aTrade, type IntakeFixture } from '../../server/intake/testing.ts'
import {
  approveDocuments,
  createDocument,
  postDocuments,
} from '../../server/inventory/documents/documents.ts'
import { usesOfSkus } from '../../server/inventory/uses.ts'
import { memoryKeyRing } from '../../server/lib/seal.ts'
import type { RuleInput } from '../../server/orders/gifts/decide.ts'
import { asksNothing } from '../../server/orders/gifts/gift-rules.ts'
import { saveGiftRules } from '../../server/orders/gifts/settings.ts'
import { testDatabase } from '../../server/testing/database.ts'
import { aShop } from '../../server/testing/orders.ts'
import { aWarehouse } from '../../server/testing/stock.ts'
import { jobs } from '../../server/worker.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import type { Script } from './desk-refunds.ts'

/** An order desk on its own database, with a platform that only records what was shipped. */
export type Desk = IntakeFixture & {
  warehouses: readonly string[]
  client: pg.Client
  /** By trade and waybill: how often the platform accepted a shipment. */
  shipped: Map<string, number>
  /** By number: the newest version of a refund that arrived. */
  refunds: Map<string, Refund>
  /** Numbers of refunds whose agreement the platform accepted. */
  agreed: Set<string>
  /** By request: the waybill number that the source gave. */
  numbers: Map<string, string>
  /** Waybill numbers that the source took back. */
  numbersBack: Set<string>
  /** By waybill: the courier's scans. */
  traces: Map<string, TraceStep[]>
  /** Settles when the task that asks where parcels are has ended. */
  tracking: Promise<void>
  /** on: users and tasks convert every staged refund; off: only a task converts, and only refunds whose money was paid. */
  conversion: 'on' | 'off'
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The state of a trade before its history begins. together: released in one parcel with the other `together` trades of its round;
 * labelled: it has a number, and its label is printed; picked: it has a number, and its wave is picked; asked: shipped, and the buyer has applied for a refund.
 */
export type Start =
  | 'absent'
  | 'staged'
  | 'converted'
  | 'together'
  | 'released'
  | 'labelled'
  | 'picked'
  | 'shipped'
  | 'asked'
/** The trades of a history with their goods and starts, and the versions of each refund, two for each trade. */
export type Cast = {
  trades: readonly { basket: number; start: Start }[]
  scripts: readonly Script[]
}

/** The data of a history: new SKUs and trades. */
export type Round = {
  no: number
  /** Codes of the SKUs A, B and C. */
  codes: readonly string[]
  trades: readonly Trade[]
  scripts: readonly Script[]
  /** Waybills of the parcels that its buyers send back. */
  waybills: readonly string[]
}

export async function openDesk(connections: number): Promise<Desk> {
  const base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: connections + 4 })
  await createQueues(db, jobs)
  const shopId = await aShop(db)
  await sql`
    update shop set go_live_at = '2026-01-01', auth_state = 'live', settings = settings || '{"reportCancels": true}' where id = ${shopId}`.execute(
    db,
  )
  // The checker reads through it; the checker's test also makes changes that the program could not make.
  const client = new pg.Client({ connectionString: base.ownerUrl })
  await client.connect()
  return {
    db,
    client,
    shopId,
    ring: memoryKeyRing(),
    warehouses: [await aWarehouse(db, 1), await aWarehouse(db, 2)],
    shipped: new Map(),
    refunds: new Map(),
    agreed: new Set(),
    numbers: new Map(),
    numbersBack: new Set(),
    traces: new Map(),
    tracking: Promise.resolve(),
    conversion: 'on',
    run: (work) => db.transaction().execute(work),
    async [Symbol.asyncDispose]() {
      await client.end()
      await close()
      await base[Symbol.asyncDispose]()
    },
  }
}

/**
 * The baskets of trades. X is a bundle of two A and one B, Y of one B and one C, so that bundles share parts with lines and with each
 * other.
 */
export const baskets: readonly (readonly (readonly [goods: string, quantity: number])[])[] = [
  [['A', 1]],
  [['A', 2]],
  [
    ['A', 1],
    ['A', 1],
  ],
  [['X', 1]],
  [
    ['X', 1],
    ['A', 1],
  ],
  [
    ['Y', 1],
    ['B', 2],
  ],
  [
    ['X', 1],
    ['Y', 1],
  ],
  [['B', 1]],
  [['C', 3]],
  [
    ['A', 1],
    ['B', 1],
    ['C', 1],
  ],
]

/** All, or every other, of the trades of a round have one receiver, so that they can be merged. */
const aReceiver = (mobile: string): Trade['receiver'] => ({
  name: '王小明',
  mobile,
  phone: '',
  province: '浙江省',
  city: '杭州市',
  district: '余杭区',
  town: '',
  address: '文一西路 1 号',
  zip: '',
  token: '',
})

let rounds = 0

/** Opens several rounds. Each has its own goods, with less stock than its trades need. The gifts are shared. */
export async function openRounds(desk: Desk, casts: readonly Cast[]): Promise<Round[]> {
  const opened = casts.map(({ trades, scripts }): Round => {
    rounds += 1
    const no = rounds
    return {
      no,
      codes: ['A', 'B', 'C'].map((name) => codeOf(no, name)),
      trades: trades.map(({ basket }, at) => tradeOf(no, basket, at)),
      scripts,
      waybills: [0, 1, 2].map((at) => `BACK${no}W${at}`),
    }
  })
  await makeGoods(
    desk,
    opened.map(({ no }) => no),
  )
  const codes = opened.flatMap((round) => round.codes)
  const scarce = opened.flatMap(({ trades }) => [1.3, 1, 0.8].map((of) => Math.ceil(of * trades.length)))
  await adjust(desk, 0, codes, scarce)
  await adjust(
    desk,
    1,
    codes,
    codes.map(() => 2),
  )
  await giveGifts(desk, opened)
  return opened
}

const codeOf = (no: number, name: string) => `R${no}${name}`

/** Some trades are cash on delivery, some are presales; presales with a date in a month must not be shipped. */
function kindOf(no: number, at: number): Partial<Trade> {
  if ((no + at) % 7 === 0) return { cod: true, paidAt: null }
  if ((no + at) % 11 === 0) return { type: 'presale', planAt: new Date(Date.now() + 30 * 86_400_000) }
  return (no + at) % 5 === 0 ? { type: 'presale', planAt: new Date('2026-11-21T00:00:00+08:00') } : {}
}

function tradeOf(no: number, basket: number, at: number): Trade {
  const goods = baskets[basket] ?? []
  return aTrade({
    ...kindOf(no, at),
    postFeeFen: at % 3 === 0 ? 800 : 0,
    receiver: aReceiver(`138${String(no * 10 + (no % 2 === 0 ? 0 : at % 2)).padStart(8, '0')}`),
    lines: goods.map(([name, quantity]) =>
      aLine({
        itemId: codeOf(no, name),
        skuId: codeOf(no, name),
        quantity,
        priceFen: 10_000,
        paymentFen: 9_000 * quantity,
        discountFen: 1_000 * quantity,
      }),
    ),
  })
}

/** Creates the SKUs of these rounds and matches them with listings. */
async function makeGoods(desk: Desk, numbers: readonly number[]): Promise<void> {
  const codes = numbers.flatMap((no) => ['A', 'B', 'C', 'X', 'Y'].map((name) => codeOf(no, name)))
  const made = await rowsOf<{ id: string; code: string }>(
    desk.db,
    sql`
      with product as (
        insert into product (code, name) select code, '商品' from unnest(${codes}::text[]) code returning id, code
      ), sku as (
        insert into sku (code, product_id, spec, words) select code, id, '白色', '' from product returning id, code
      )
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      select ${desk.shopId}, code, code, 'on_sale', now(), id, 'hand' from sku
      returning sku_id as id, item_id as code`,
  )
  const ids = new Map(made.map(({ id, code }) => [code, id]))
  const idOf = (no: number, name: string) => ids.get(codeOf(no, name)) ?? ''
  const bundles = numbers.flatMap((no) => {
    const part = (name: string, quantity: number) => ({ skuId: idOf(no, name), quantity })
    return [
      { id: idOf(no, 'X'), parts: [part('A', 2), part('B', 1)] },
      { id: idOf(no, 'Y'), parts: [part('B', 1), part('C', 1)] },
    ]
  })
  await desk.run((tx) => setBundles(tx, bundles, clerk, usesOfSkus))
  // 扫串号 and 整单一扫: the pieces of B in every other round, and those of A in every third.
  await sql`
    update sku set needs_serial = code = any(${numbers.filter((no) => no % 2 === 0).map((no) => codeOf(no, 'B'))}::text[]),
      scan_once = code = any(${numbers.filter((no) => no % 3 === 0).map((no) => codeOf(no, 'A'))}::text[])
    where code = any(${codes}::text[])`.execute(desk.db)
}

/**
 * Adds gift rules with scarce gifts of the first round's goods: for the first orders, for each two pieces, once for each buyer, and a
 * bundle that excludes other gifts.
 */
async function giveGifts(desk: Desk, opened: readonly Round[]): Promise<void> {
  const [first] = opened
  if (!first) return
  const gift = (name: string) => [{ code: codeOf(first.no, name), quantity: 1, instead: '' }]
  const rule = (name: string, goods: string, more: Partial<RuleInput>): RuleInput => ({
    ...asksNothing,
    name,
    gifts: gift(goods),
    ...more,
  })
  const cs = opened.slice(0, 50).map(({ no }) => codeOf(no, 'C'))
  const rules = [
    rule('三个', 'A', { firstOrders: 3 * opened.length }),
    rule('每两件', 'B', { perQuantity: 2 }),
    rule('每位一次', 'C', { perBuyer: 1, minFen: 18_000, whenOut: 'wait' }),
    rule('只送它', 'Y', { exclusive: true, skus: cs, whenOut: 'wait' }),
  ]
  await adjust(
    desk,
    0,
    first.codes,
    first.codes.map(() => opened.length),
  )
  const found = await rowsOf<{ version: number }>(desk.db, sql`select version from gift_rules`)
  const wish = { rules, version: found[0]?.version ?? 0 }
  const by = { actor: clerk, scope: wholeScope, request: { ip: '', id: '' } }
  await desk.run((tx) => saveGiftRules(tx, wish, by))
}

/** Adjusts stock up or down. Removing more than exists, or more than is free, is refused. */
export async function adjust(
  desk: Desk,
  warehouse: number,
  codes: readonly string[],
  by: readonly number[],
): Promise<void> {
  const lines = codes
    .map((skuCode, at) => ({ skuCode, quantity: by[at] ?? 0 }))
    .filter(({ quantity }) => quantity !== 0)
  if (lines.length === 0) return
  await desk.run(async (tx) => {
    const input = { warehouseId: desk.warehouses[warehouse] ?? '', lines }
    const id = await createDocument(tx, 'adjustment', input, { actor: clerk, scope: wholeScope })
    await approveDocuments(tx, [id], { actor: clerk, scope: wholeScope })
    await postDocuments(tx, [id], { actor: clerk, scope: wholeScope })
  })
}
