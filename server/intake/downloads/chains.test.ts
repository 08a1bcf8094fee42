import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Connector, TradeItem } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import {
  type ChainAt,
  type ChainedList,
  type NumberedList,
  onceMade,
  type PlatformList,
  type Window,
} from '../../connectors/lists.ts'
import { systemActor } from '../../core/access/actor.ts'
import type { RunContext } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type OpenedShop, openCall } from '../../shops/calls.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { runRefundList, runTradeList } from './streams.ts'
import { IncompleteWindow, readChain } from './windows.ts'

const window: Window = { from: new Date(0), to: new Date(100_000) }

/** A chained list of these rows; `lost` says which pages come empty, by reading and page. */
function chain(rows: readonly number[], lost: (reading: number, page: number) => boolean = () => false) {
  let reading = 0
  return async (asked: Window, { after: at, size }: ChainAt) => {
    if (at === null) reading += 1
    const page = Number(at ?? 0)
    const inside = rows.filter((row) => row >= asked.from.getTime() && row < asked.to.getTime())
    const items = inside.slice(page * size, (page + 1) * size)
    const isLast = (page + 1) * size >= inside.length
    return { items: lost(reading, page) ? [] : items, next: isLast ? null : String(page + 1) }
  }
}

async function read(list: ReturnType<typeof chain>, rowsMax = 1000) {
  const taken: number[] = []
  const counts = await readChain(list, window, { pageSize: 10, rowsMax, key: String }, async (items) => {
    taken.push(...items)
  })
  return { taken, counts }
}
const byNumber = (one: number, other: number) => one - other
const rows = Array.from({ length: 25 }, (_, index) => index * 1000)

describe('a list in which each page names the next', () => {
  test('is read twice, and each row is taken once', async () => {
    const { taken, counts } = await read(chain(rows))
    assert.deepEqual(taken, rows)
    assert.deepEqual(counts, { pages: 6, seen: 25, requests: 6 })
  })

  test('is read again when the second reading shows what the first one lost', async () => {
    const { taken, counts } = await read(chain(rows, (reading, page) => reading === 1 && page === 1))
    assert.deepEqual(taken.toSorted(byNumber), rows)
    assert.equal(counts.requests, 9)
  })

  test('is not complete while each reading shows new rows', async () => {
    let next = 0
    const growing = async () => {
      next += 1
      return { items: [next], next: null }
    }
    await assert.rejects(read(growing), IncompleteWindow)
    assert.equal(next, 4)
  })

  test('is halved where it has more rows than its pages reach', async () => {
    const { taken, counts } = await read(chain(rows), 15)
    assert.deepEqual([...new Set(taken)].toSorted(byNumber), rows)
    assert.equal(counts.seen, 25)
  })

  test('asks for what belongs to a row once, and again when the row says something else', async () => {
    const asked: object[] = []
    const shown = [
      [
        { id: 1, changed: 1 },
        { id: 2, changed: 1 },
      ],
      [
        { id: 1, changed: 1 },
        { id: 2, changed: 2 },
      ],
    ]
    const list = async (_: Window, { made }: ChainAt<string>) => {
      const items: string[] = []
      for (const row of shown.shift() ?? []) {
        const work = async () => {
          asked.push(row)
          return [`${row.id} as of ${row.changed}`]
        }
        items.push(...(await onceMade(made, row, work)))
      }
      return { items, next: null }
    }
    const taken: string[] = []
    await readChain(list, window, { pageSize: 10, rowsMax: 20, key: String }, async (items) => {
      taken.push(...items)
    })
    assert.deepEqual(taken, ['1 as of 1', '2 as of 1', '2 as of 2'])
    assert.deepEqual(asked, [
      { id: 1, changed: 1 },
      { id: 2, changed: 1 },
      { id: 2, changed: 2 },
    ])
  })

  test('that names a next page without end is given up', async () => {
    const endless = async () => ({ items: [], next: 'again' })
    await assert.rejects(read(endless, 20), /more than 20 rows/)
  })
})

/** The same list without counts; of each item that `named` knows, only the number. */
const chained = <Item>(list: PlatformList<Item>, named: (item: Item) => Item): ChainedList<Item> => {
  const { page, ...limits } = list as NumberedList<Item>
  return {
    ...limits,
    lagMs: 0,
    paging: 'chained',
    async page(call, asked, { after: at, size }) {
      const number = Number(at ?? 1)
      const { items, hasNext } = await page(call, asked, { number, size, mode: 'rows' })
      return { items: items.map(named), next: hasNext ? String(number + 1) : null }
    },
  }
}

/** The same list, with each row twice on its page. */
const doubled = <Item>(list: PlatformList<Item>): ChainedList<Item> => {
  const { page, ...limits } = list as ChainedList<Item>
  return {
    ...limits,
    async page(call, asked, at) {
      const { items, next } = await page(call, asked, at)
      return { items: [...items, ...items], next }
    },
  }
}

const numberOfTrade = (item: TradeItem): TradeItem =>
  item.kind === 'brief' ? { kind: 'id', tid: item.tid } : item

/** A connector, as if its lists gave numbers only and did not count. `dated`: rows of refunds also have their time of change. */
function byNumbers({ trades, refunds, ...connector }: Connector, dated = false): Connector {
  return {
    ...connector,
    trades: {
      ...trades,
      changed: chained(trades.changed, numberOfTrade),
      created: chained(trades.created ?? trades.changed, numberOfTrade),
    },
    refunds: {
      ...refunds,
      changed: chained(refunds.changed, (item) =>
        item.kind === 'refund'
          ? { kind: 'id', refundId: item.refundId, ...(dated ? { modifiedAt: item.modifiedAt } : {}) }
          : item,
      ),
    },
  }
}

describe('a shop whose lists give numbers only and do not count', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse('tmall')
  })
  after(() => house[Symbol.asyncDispose]())

  type Params = { firstLoadDays: number; windowsPerRun: number }
  let fence = 0
  async function context(
    change: (connector: Connector) => Connector = (connector) => connector,
    dated = false,
  ): Promise<RunContext<Params> & OpenedShop> {
    fence += 1
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
    const opened = await openCall(deps, house.shopId)
    return {
      ...opened,
      connector: change(byNumbers(opened.connector, dated)),
      db: house.db,
      params: { firstLoadDays: 1, windowsPerRun: 200 },
      window: undefined,
      signal: new AbortController().signal,
      progress: () => {},
      actor: systemActor,
      log: pino({ level: 'silent' }),
      taskId: '1',
      runId: '1',
      fence: String(fence),
    }
  }

  /** Makes a trade with a refund, and waits until the lists, which know whole seconds, show it. */
  async function refundedTrade(): Promise<{ tid: string; refundId: string }> {
    const shop = house.sandbox.world.shops[0] ?? assert.fail('no shop')
    await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed' })
    const tid = [...shop.trades.keys()].at(-1) ?? assert.fail('no trade')
    const { refundId } = JSON.parse(await house.control('refunds', { tid, kind: 'REFUND' }))
    await sleep(1100)
    return { tid, refundId }
  }
  const failing =
    (kind: 'retry' | 'rejected') =>
    ({ refunds, ...connector }: Connector): Connector => ({
      ...connector,
      refunds: {
        ...refunds,
        detail: () => Promise.reject(new PlatformError(kind, 'no_detail', 'No detail.')),
      },
    })
  const markOf = async (stream: string) =>
    (
      await sql<{ at: Date }>`select complete_to as at from stream_cursor where stream = ${stream}`.execute(
        house.db,
      )
    ).rows

  test('has its trades and refunds with their details, and its marks move', async () => {
    const { tid, refundId } = await refundedTrade()
    await runTradeList(await context())
    await runRefundList(await context())
    const staged = await sql<Record<'tid' | 'state' | 'status', string>>`
      select tid, state, status from staged_trade`.execute(house.db)
    assert.deepEqual(staged.rows, [{ tid, state: 'staged', status: 'paid' }])
    const refunds = await sql<Record<'refund_no' | 'tid' | 'status', string>>`
      select refund_no, tid, status from staged_refund`.execute(house.db)
    assert.deepEqual(refunds.rows, [{ refund_no: refundId, tid, status: 'applied' }])
    const queued = await sql<{ count: number }>`select count(*)::int from download_queue`.execute(house.db)
    assert.deepEqual(queued.rows, [{ count: 0 }])
    const marks = await sql<{ stream: string; moved: boolean }>`
      select stream, complete_to > now() - interval '1 minute' as moved from stream_cursor order by stream`.execute(
      house.db,
    )
    assert.deepEqual(
      marks.rows,
      ['refunds', 'trades', 'trades_first'].map((stream) => ({ stream, moved: true })),
    )
  })

  test('asks for a trade again only if it may have changed since its detail was requested', async () => {
    const { tid } = await refundedTrade()
    await runTradeList(await context())
    const asked: string[] = []
    const counting = ({ trades, ...connector }: Connector): Connector => ({
      ...connector,
      trades: {
        ...trades,
        detail: (call, number) => {
          asked.push(number)
          return trades.detail(call, number)
        },
      },
    })
    const to = new Date()
    const window = { from: new Date(to.getTime() - 5000), to }
    const askedWhenFetched = async (secondsAfter: number) => {
      const fetchedAt = new Date(to.getTime() + secondsAfter * 1000)
      await sql`update staged_trade set fetched_at = ${fetchedAt}`.execute(house.db)
      await runTradeList({ ...(await context(counting)), window })
      return asked.splice(0).filter((number) => number === tid).length
    }
    assert.equal(await askedWhenFetched(6), 0)
    assert.equal(await askedWhenFetched(4), 1)
    assert.equal(await askedWhenFetched(-1), 1)
  })

  test('asks once for a trade that a page names twice, and its window goes on when the detail fails', async () => {
    const { tid } = await refundedTrade()
    const [before] = await markOf('trades')
    const asked: string[] = []
    const twice = ({ trades, ...connector }: Connector): Connector => ({
      ...connector,
      trades: {
        ...trades,
        changed: doubled(trades.changed),
        detail: (_, number) => {
          asked.push(number)
          return Promise.reject(new PlatformError('rejected', 'no_detail', 'No detail.'))
        },
      },
    })
    const counts = await runTradeList(await context(twice))
    assert.equal(asked.filter((number) => number === tid).length, 1)
    assert.equal(counts.failed, new Set(asked).size)
    const wanted = await sql<Record<'tid' | 'error', string>>`
      select tid, error from trade_fetch where tid = ${tid}`.execute(house.db)
    assert.deepEqual(wanted.rows, [{ tid, error: 'no_detail' }])
    const [now] = await markOf('trades')
    assert.ok(before && now && now.at > before.at)
    await sql`delete from trade_fetch`.execute(house.db)
  })

  test('asks for a refund again unless it is over in the version that the row shows', async () => {
    const { refundId } = await refundedTrade()
    const asked: string[] = []
    const counting = ({ refunds, ...connector }: Connector): Connector => ({
      ...connector,
      refunds: {
        ...refunds,
        detail: (call, ref) => {
          asked.push(ref.refundId)
          return refunds.detail(call, ref)
        },
      },
    })
    const to = new Date(Date.now() + 1000)
    const window = { from: new Date(to.getTime() - 20_000), to }
    const timesAsked = async (dated: boolean) => {
      await runRefundList({ ...(await context(counting, dated)), window })
      return asked.splice(0).filter((number) => number === refundId).length
    }
    const ends = (earlierSeconds: number) =>
      sql`
        update staged_refund set status = 'succeeded', modified_at = modified_at - make_interval(secs => ${earlierSeconds})
        where refund_no = ${refundId}`.execute(house.db)
    assert.equal(await timesAsked(true), 1)
    assert.equal(await timesAsked(true), 1)
    await ends(0)
    assert.equal(await timesAsked(true), 0)
    assert.equal(await timesAsked(false), 1)
    await ends(1)
    assert.equal(await timesAsked(true), 1)
  })

  test('learns how often its refunds change, from the rows if they have times, else from the details', async () => {
    for (const dated of [true, false]) {
      const { refundId } = await refundedTrade()
      await sql`update stream_cursor set newest_at = null where stream = 'refunds'`.execute(house.db)
      await runRefundList(await context(undefined, dated))
      const found = await sql<{ learnt: boolean }>`
        select newest_at = (select modified_at from staged_refund where refund_no = ${refundId}) as learnt
        from stream_cursor where stream = 'refunds'`.execute(house.db)
      assert.deepEqual(found.rows, [{ learnt: true }])
    }
  })

  test('is late if a refund is new whose time was read before, and not if it is known', async () => {
    await refundedTrade()
    const earlier = ({ refunds, ...connector }: Connector): Connector => ({
      ...connector,
      refunds: {
        ...refunds,
        detail: async (call, ref) => {
          const answer = await refunds.detail(call, ref)
          if (!answer || !('refund' in answer)) return answer
          const { refund } = answer
          return {
            ...answer,
            refund: { ...refund, modifiedAt: new Date(refund.modifiedAt.getTime() - 120_000) },
          }
        },
      },
    })
    const lateSeconds = async () => {
      await runRefundList(await context(earlier))
      const found = await sql<{ late: number }>`
        select late_ms::float8 / 1000 as late from stream_cursor where stream = 'refunds'`.execute(house.db)
      return found.rows[0]?.late ?? assert.fail('no mark')
    }
    await sql`update stream_cursor set late_ms = 0, complete_to = now() - interval '2 seconds' where stream = 'refunds'`.execute(
      house.db,
    )
    const late = await lateSeconds()
    assert.ok(late > 110 && late < 150, `${late} s`)
    await sql`update stream_cursor set late_ms = 0, late_at = null, complete_to = now() - interval '2 seconds' where stream = 'refunds'`.execute(
      house.db,
    )
    assert.equal(await lateSeconds(), 0)
  })

  test('keeps its mark and the window when the detail of a refund does not come', async () => {
    const { tid } = await refundedTrade()
    const before = await markOf('refunds')
    await assert.rejects(runRefundList(await context(failing('retry'))), PlatformError)
    assert.deepEqual(await markOf('refunds'), before)
    await runRefundList(await context())
    const refunds = await sql<{ tid: string }>`select tid from staged_refund order by id`.execute(house.db)
    assert.deepEqual(refunds.rows.at(-1), { tid })
  })

  test('parks a refund that the platform refuses to show, and goes on', async () => {
    const { refundId } = await refundedTrade()
    const [before] = await markOf('refunds')
    await runRefundList(await context(failing('rejected')))
    const [now] = await markOf('refunds')
    assert.ok(before && now && now.at > before.at)
    const parked = await sql<Record<'platform_id' | 'reason', string>>`
      select platform_id, reason from parked_item where kind = 'refund' and platform_id = ${refundId}`.execute(
      house.db,
    )
    assert.deepEqual(parked.rows, [{ platform_id: refundId, reason: 'no_detail' }])
    const staged = await sql`select from staged_refund where refund_no = ${refundId}`.execute(house.db)
    assert.equal(staged.rows.length, 0)
  })
})
