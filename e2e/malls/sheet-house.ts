import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { pino } from 'pino'
import { connectors } from '../../server/connectors/index.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import { startPush } from '../../server/intake/push/loop.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { type Caller, permissionsOf, type TestApp, testApp } from '../../server/testing/app.ts'
import { aWaybill } from '../../server/testing/shipping.ts'
import { aSku, aWarehouse, putStock } from '../../server/testing/stock.ts'
import { until } from '../../server/testing/until.ts'
import { jobs } from '../../server/worker.ts'
import { must, sendAll, stagedId } from './mall-house.ts'

/** A house with one spreadsheet shop and a clerk who has the role 客服. Its goods BED-1 and PIL-1 are known and in stock. */
export type SheetHouse = {
  house: TestApp
  boss: Caller
  clerk: Caller
  shopId: string
  preview(lines: readonly string[], columns?: object): Promise<SheetReport>
  imported(lines: readonly string[], columns?: object): Promise<SheetReport>
  /** Converts and confirms the order of a trade that is staged. */
  order(tid: string): Promise<string>
  /** Ships an order with its own waybill, and ends its write-back. */
  ship(orderId: string): Promise<{ deliveryId: string; waybillNo: string }>
  outbox(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
export type SheetReport = Record<'rows' | 'trades' | 'added' | 'changed' | 'same' | 'refunds', number> & {
  refused: { row: number; column: string; code: string; message: { zh: string; en: string } }[]
  columns: Record<string, string>
  known: boolean
  first: Record<string, unknown>[]
}

export const head = '订单号,收货人,手机,收货地址,商品编码,商品名称,数量,金额,付款时间,退款状态'
export const rowOf = (tid: string, code = 'BED-1', refund = '') =>
  `${tid},林小满,13800001234,浙江省杭州市西湖区文三路1号,${code},四件套,2,190.00,2026-11-24 10:00:00,${refund}`
export const fileOf = (lines: readonly string[]) => Buffer.from(lines.join('\r\n')).toString('base64')

export async function aSheetHouse(): Promise<SheetHouse> {
  await using stack = new AsyncDisposableStack()
  const house = stack.use(await testApp())
  await createQueues(house.db, jobs)
  const boss = await house.as(['*'])
  const clerk = await house.as(await permissionsOf(house.db, '客服'))
  const ok = async (who: Caller, method: string, path: string, body?: unknown) => {
    const answer = await who.call(method, path, body)
    assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return Object(answer.body)
  }
  const made = await ok(boss, 'POST', '/api/shops', {
    ...{ platform: 'sheetshop', name: '快团团', goLiveAt: '2026-01-01T00:00:00Z' },
    credentials: { channel: '快团团·小林团长' },
  })
  const shopId: string = made.shop.id
  await ok(boss, 'POST', `/api/shops/${shopId}/verify`)
  const calls = { db: house.db, ring: house.ring, connectors, simulator: true } as const
  const push = startPush({
    ...{ deps: { ...calls, limiter: createLimiter() }, log: pino({ level: 'silent' }), everyMs: 50 },
  })
  stack.defer(() => push.stop())
  await until(async () => (await sql`select from push_shop`.execute(house.db)).rows.length === 1)
  const warehouseId = await aWarehouse(house.db)
  for (const code of ['BED-1', 'PIL-1'])
    await putStock(house.db, warehouseId, await aSku(house.db, code), 1000)
  const sheet = (step: string) => (lines: readonly string[], columns?: object) =>
    ok(clerk, 'POST', `/api/shops/${shopId}/trade-sheet/${step}`, { file: fileOf(lines), columns })
  const owned = stack.move()
  return {
    ...{ house, boss, clerk, shopId, preview: sheet('preview'), imported: sheet('import') },
    async order(tid) {
      await must(ok(boss, 'POST', '/api/staged-trades/convert', { ids: [await stagedId(house, tid)] }))
      const orders = await sql<{ id: string }>`select id from sales_order where tid = ${tid}`.execute(
        house.db,
      )
      const id = orders.rows[0]?.id ?? assert.fail('no order')
      await must(ok(boss, 'POST', '/api/orders/confirm', { ids: [id] }))
      return id
    },
    async ship(orderId) {
      await must(ok(boss, 'POST', '/api/orders/release', { ids: [orderId] }))
      const found = await sql<{ id: string }>`select id from delivery where order_id = ${orderId}`.execute(
        house.db,
      )
      const deliveryId = found.rows[0]?.id ?? assert.fail('no delivery')
      const waybillNo = aWaybill()
      const rows = [{ id: deliveryId, courier: 'SF', waybillNo }]
      await must(ok(boss, 'POST', '/api/deliveries/waybills', { rows }))
      await must(ok(boss, 'POST', '/api/deliveries/ship', { ids: [deliveryId] }))
      await sendAll({ house, calls })
      return { deliveryId, waybillNo }
    },
    outbox: () => sendAll({ house, calls }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
