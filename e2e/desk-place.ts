import { sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import { systemActor, wholeScope } from '../server/actor.ts'
import { setBundles } from '../server/catalog/bundles.ts'
import { PlatformError, type Trade } from '../server/connectors/connector.ts'
import { type Database, openDatabase, type Tx } from '../server/db.ts'
import type { Running } from '../server/engine.ts'
import { shippingAction } from '../server/fulfilment/outbox.ts'
import { aLine, aTrade, type Pool, stage } from '../server/intake/testing.ts'
import { approveDocuments, createDocument, postDocuments } from '../server/inventory/documents.ts'
import { usesOfSkus } from '../server/inventory/uses.ts'
import { createQueues } from '../server/job.ts'
import { memoryKeyRing } from '../server/lib/seal.ts'
import type { RuleInput } from '../server/orders/gifts/decide.ts'
import { saveGiftRules } from '../server/orders/gifts/settings.ts'
import { reservingWaiting } from '../server/orders/goods-jobs.ts'
import { orderStatuses } from '../server/orders/lifecycle.ts'
import { startOutbox } from '../server/outbox/loop.ts'
import type { RunContext } from '../server/tasks/kinds.ts'
import { testDatabase } from '../server/testing/database.ts'
import { aShop } from '../server/testing/orders.ts'
import { aSku, aWarehouse } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { checkDesk, type Wrong } from './check/desk.ts'
import { clerk, rowsOf } from './one-shop.ts'

/** An order desk on a database of its own, beside a platform that is a map of what was shipped there. */
export type Desk = Pool & {
  warehouses: readonly string[]
  client: pg.Client
  /** By trade and waybill: how often the platform accepted a shipment. */
  shipped: Map<string, number>
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  [Symbol.asyncDispose](): Promise<void>
}

/** Where a round takes place: fresh SKUs, and trades that nobody has converted yet. */
export type Round = {
  /** A, B, C; by code. */
  codes: readonly string[]
  trades: readonly Trade[]
  /** Of the staged trades, in the order of `trades`. */
  tradeIds: readonly string[]
}

const silent = pino({ level: 'silent' })

export async function openDesk(connections: number): Promise<Desk> {
  const base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: connections + 4 })
  await createQueues(db, jobs)
  const shopId = await aShop(db)
  await sql`update shop set go_live_at = '2026-01-01', auth_state = 'live' where id = ${shopId}`.execute(db)
  const client = new pg.Client({ connectionString: base.url })
  await client.connect()
  return {
    db,
    client,
    shopId,
    ring: memoryKeyRing(),
    warehouses: [await aWarehouse(db, 1), await aWarehouse(db, 2)],
    shipped: new Map(),
    run: (work) => db.transaction().execute(work),
    async [Symbol.asyncDispose]() {
      await client.end()
      await close()
      await base[Symbol.asyncDispose]()
    },
  }
}

/** What the trades of a round buy: X is two A and a B, Y a B and a C, so that bundles share parts with lines and each other. */
const baskets: readonly (readonly (readonly [goods: string, quantity: number])[])[] = [
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
export const tradeCount = baskets.length

/** Of ten trades three or four go to one receiver, so that they may leave together. */
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

/** There is less of everything than the trades want. */
export async function aRound(desk: Desk): Promise<Round> {
  rounds += 1
  const code = (name: string) => `R${rounds}${name}`
  const ids = new Map<string, string>()
  for (const name of ['A', 'B', 'C', 'X', 'Y']) {
    ids.set(name, await aSku(desk.db, code(name)))
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${desk.shopId}, ${code(name)}, ${code(name)}, 'on_sale', now(), ${ids.get(name)}, 'hand')`.execute(
      desk.db,
    )
  }
  const part = (name: string, quantity: number) => ({ skuId: ids.get(name) ?? '', quantity })
  await desk.run((tx) =>
    setBundles(
      tx,
      [
        { id: ids.get('X') ?? '', parts: [part('A', 2), part('B', 1)] },
        { id: ids.get('Y') ?? '', parts: [part('B', 1), part('C', 1)] },
      ],
      clerk,
      usesOfSkus,
    ),
  )
  const codes = ['A', 'B', 'C'].map(code)
  await adjust(desk, 0, codes, [10, 6, 4])
  await adjust(desk, 1, codes, [3, 3, 3])
  const trades = baskets.map((basket, at) =>
    aTrade({
      postFeeFen: at % 3 === 0 ? 800 : 0,
      receiver: aReceiver(`138${String(rounds * 10 + (at % 3)).padStart(8, '0')}`),
      lines: basket.map(([goods, quantity]) =>
        aLine({
          itemId: code(goods),
          skuId: code(goods),
          quantity,
          priceFen: 10_000,
          paymentFen: 9_000 * quantity,
          discountFen: 1_000 * quantity,
        }),
      ),
    }),
  )
  await giveGifts(desk, code)
  await stage(desk, ...trades)
  const staged = await rowsOf<{ id: string; tid: string }>(
    desk.db,
    sql`select id, tid from staged_trade where tid = any(${trades.map(({ tid }) => tid)}::text[])`,
  )
  await knowPlaces(desk, trades)
  return {
    codes,
    trades,
    tradeIds: trades.map(({ tid }) => staged.find((row) => row.tid === tid)?.id ?? ''),
  }
}

/**
 * Where the lists look for orders of these weeks, as a house knows it after its first minutes: two who both find new places there, in
 * another order, wait for each other, and one of them has to try again.
 */
async function knowPlaces(desk: Desk, trades: readonly Trade[]): Promise<void> {
  await sql`
    insert into sales_order_week (status, lane, key_week, paid_week, ship_by_week, id_block)
    select distinct stands.status, lanes.lane, list_week(now()), list_week(t.paid_at), list_week(coalesce(t.ship_by, 'infinity')), 0
    from staged_trade t, unnest(${[...orderStatuses]}::text[]) stands (status), generate_series(0, 6) lanes (lane)
    where t.tid = any(${trades.map(({ tid }) => tid)}::text[])
    on conflict do nothing`.execute(desk.db)
}

/** Gifts are of the goods that are sold, and scarce like them: three places, a share for each two pieces, a bundle that gives alone. */
async function giveGifts(desk: Desk, code: (name: string) => string): Promise<void> {
  const rule = (name: string, gift: string, more: Partial<RuleInput>): RuleInput => ({
    ...{ name, enabled: true, time: 'paid', from: null, to: null, shops: [], minFen: null, maxFen: null },
    ...{ minQuantity: null, maxQuantity: null, skus: [], listings: [], match: 'any', base: 'order' },
    ...{
      perFen: null,
      perQuantity: null,
      maxTimes: null,
      firstOrders: null,
      perBuyer: null,
      exclusive: false,
    },
    gifts: [{ code: code(gift), quantity: 1, instead: '' }],
    whenOut: 'skip',
    ...more,
  })
  const rules = [
    rule('三个', 'A', { firstOrders: 3 }),
    rule('每两件', 'B', { perQuantity: 2 }),
    rule('每位一次', 'C', { perBuyer: 1, minFen: 18_000, whenOut: 'wait' }),
    rule('只送它', 'Y', { exclusive: true, skus: [code('C')], whenOut: 'wait' }),
  ]
  const found = await rowsOf<{ version: number }>(desk.db, sql`select version from gift_rules`)
  const wish = { rules, version: found[0]?.version ?? 0 }
  const by = { actor: clerk, scope: wholeScope, request: { ip: '', id: '' } }
  await desk.run((tx) => saveGiftRules(tx, wish, by))
}

/** Goods come in, or are gone: more than there is, or than is free, is refused. */
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
    const id = await createDocument(tx, 'adjustment', input, clerk, wholeScope)
    await approveDocuments(tx, [id], clerk, wholeScope)
    await postDocuments(tx, [id], clerk, wholeScope)
  })
}

/** Follow-up work, as any worker would do it: the jobs that were ordered until now. */
export async function workOff({ db }: { db: Database }): Promise<number> {
  const taken = await rowsOf<{ name: string; data: unknown }>(
    db,
    sql`delete from job where state = 'created' and name <> 'dead_letters' and start_after <= now() returning name, data`,
  )
  for (const [name, rows] of Map.groupBy(taken, (row) => row.name)) {
    const payloads = rows.map(({ data }) => data)
    await jobs.find((job) => job.name === name)?.run({ db, log: silent }, payloads)
  }
  return taken.length
}

/** Until nothing is under way: jobs are done, stock was asked for every order, the platform knows of every parcel. */
export async function comeToRest(desk: Desk): Promise<void> {
  while ((await workOff(desk)) > 0);
  await reservingWaiting.run(aRun(desk), undefined)
  while ((await workOff(desk)) > 0);
  await until(async () => {
    const open = await rowsOf(
      desk.db,
      sql`select from platform_action where state in ('pending', 'sending') or next_at is not null`,
    )
    return open.length === 0
  })
}

const aRun = ({ db }: Desk): RunContext<unknown> => ({
  db,
  params: {},
  window: undefined,
  signal: new AbortController().signal,
  progress: () => {},
  actor: systemActor,
  log: silent,
  taskId: '1',
  runId: '1',
  fence: '1',
})

/** A platform that loses calls and answers, and refuses now and then. It ships whatever it is told, as often as it is told. */
export function platform(desk: Desk, dice: () => number): Running {
  return startOutbox({
    db: desk.db,
    log: silent,
    pollMs: 15,
    openShop: async () => ({}) as never,
    handlers: [
      {
        ...shippingAction,
        lookAfterSeconds: 0,
        async send(_shop, action) {
          const parcel = parcelOf(action.payload)
          const luck = dice()
          if (luck < 0.1) throw new PlatformError('retry', 'lost', 'never arrived', { unclear: true })
          if (luck < 0.2) throw new PlatformError('rejected', 'waybill_invalid', 'no such waybill')
          desk.shipped.set(parcel, (desk.shipped.get(parcel) ?? 0) + 1)
          if (luck < 0.4) throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
          return null
        },
        look: async (_shop, action) => (desk.shipped.has(parcelOf(action.payload)) ? 'done' : 'not_done'),
      },
    ],
  })
}

/** Trade and waybill: of a trade that was split several parcels are told. */
function parcelOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'tid' in payload && 'waybillNo' in payload
    ? `${payload.tid} ${payload.waybillNo}`
    : ''
}

/** What is wrong after a round, the platform's own books included. */
export async function wrongAtTheDesk(desk: Desk): Promise<Wrong[]> {
  const told = await rowsOf<{ parcel: string }>(
    desk.db,
    sql`select d.tid || ' ' || d.waybill_no as parcel from sales_order o
        join delivery d on d.order_id = o.id and d.status = 'shipped' where o.written_back_at is not null`,
  )
  const known = new Set(told.map(({ parcel }) => parcel))
  const untold = [...desk.shipped.keys()].filter((tid) => !known.has(tid))
  const twice = [...desk.shipped].filter(([, times]) => times > 1)
  const untrue = [...known].filter((tid) => !desk.shipped.has(tid))
  return [
    ...(await checkDesk(desk.client)),
    ...untold.map((id) => ({ rule: 'what the platform shipped we know of', id, found: '' })),
    ...twice.map(([id, times]) => ({ rule: 'a parcel is shipped once on the platform', id, found: times })),
    ...untrue.map((id) => ({ rule: 'what we call written back the platform shipped', id, found: '' })),
  ]
}

export async function deadlocks({ db }: { db: Database }): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    db,
    sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`,
  )
  return row?.n ?? -1
}
