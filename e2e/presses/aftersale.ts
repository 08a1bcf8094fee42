import { sql } from 'kysely'
import type { Doubt } from '../../server/connectors/connector.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import { convertTrades } from '../../server/flows/convert-trade.ts'
import { shipDeliveries } from '../../server/flows/ship.ts'
import { releaseOrders } from '../../server/fulfilment/shipping/release.ts'
import { setWaybills } from '../../server/fulfilment/shipping/waybills.ts'
import { convertRefunds } from '../../server/intake/refunds/convert-refunds.ts'
import { aRefund, aTrade, stage, stageRefunds, tradeOf } from '../../server/intake/testing.ts'
import { parkItems } from '../../server/intake/trades/ingest.ts'
import { transition } from '../../server/orders/status/transition.ts'
import { must } from '../../server/testing/run.ts'
import { aWaybill, deliveryOf, packer } from '../../server/testing/shipping.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { aReceiver, here, is, numbers } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const num: Doubt = { field: 'num', line: '1', raw: '0', guess: '1' }
const fresh = numbers('55', 14)

/** Presses for incoming rows that need a decision: doubts, duplicates, unreadable texts, refunds with parcels. */
export function aftersalePresses(house: PressHouse): Press[] {
  return [...doubtPresses(house), ...heldPresses(house), ...parcelPresses(house)]
}

function doubtPresses(house: PressHouse): Press[] {
  const { intake, staged, run, shopId, ring } = house
  const doubtful = () => staged({ doubts: [num] })
  const twin = async (): Promise<Seeded> => {
    const trade = aTrade()
    const lines = [{ code: `OF-SHOP-${shopId}`, quantity: 1, priceFen: 3000 }]
    const own = {
      key: `twin-order-${trade.tid}`,
      shopId,
      outerNo: trade.tid,
      receiver: aReceiver,
      lines,
      paid: true,
    }
    await house.boss.call('POST', '/api/orders', { orders: [own] })
    await stage(intake, trade)
    const id = (await tradeOf(intake, trade.tid))?.id ?? ''
    await house.boss.call('POST', '/api/staged-trades/convert', { ids: [id] })
    return {
      id,
      no: trade.tid,
      orderId: await house.one(sql`select id as is from sales_order where tid = ${trade.tid}`),
    }
  }
  const refund = async (): Promise<Seeded> => {
    const trade = aTrade()
    await stage(intake, trade)
    const asked = aRefund(trade, { doubts: [{ ...num, field: 'refund_fee', line: '' }] })
    await stageRefunds(intake, asked)
    return {
      id: await house.one(sql`select id as is from staged_refund where refund_no = ${asked.refundId}`),
    }
  }
  const parked = async (): Promise<Seeded> => {
    const no = fresh()
    const raw = JSON.stringify({ tid: no })
    await run((tx) =>
      parkItems(tx, ring, {
        shopId,
        kind: 'trade',
        items: [{ kind: 'bad', id: no, reason: 'no lines', raw }],
      }),
    )
    return { id: await house.one(sql`select id as is from parked_item where platform_id = ${no}`), no }
  }
  const blocked = rowsAt(({ no }) => `/staged-trades?tab=blocked&q=${no}`, 'trades.read')
  const open = rowsAt(({ id }) => `/staged-refunds?open=${id}`, 'refunds.read')
  const looks =
    (action: string) =>
    ({ id }: Seeded) =>
      sql<{
        is: unknown
      }>`select count(*)::int as is from audit_log where action = ${action} and subject_id = ${id}`
  return [
    blocked('/staged-trades/take-doubts', 'trades.doubts', {
      seed: doubtful,
      effect: is('staged_trade', 'reason'),
      is: '',
      fill: sure,
      not: { seed: () => staged({ status: 'unpaid', paidAt: null }), says: /没有待采用/ },
    }),
    blocked('/staged-trades/convert-instead', 'orders.void', {
      seed: twin,
      effect: ({ orderId }) => sql`select status as is from sales_order where id = ${orderId}`,
      is: 'voided',
      fill: sure,
      not: { seed: doubtful, says: /同号单/ },
    }),
    open('/staged-refunds/take-doubts', 'trades.doubts', {
      seed: refund,
      effect: ({ id }) => sql`select reason = 'doubtful' as is from staged_refund where id = ${id}`,
      is: false,
      ...here,
      fill: sure,
    }),
    {
      ...rowsAt(({ id }) => `/staged-trades?tab=staged&open=${id}`, 'trades.read')(
        'reveal',
        'personal.reveal',
        { seed: staged, effect: looks('trade.reveal'), is: 1, ...here },
      ),
      path: 'POST /staged-trades/:id/reveal',
      button: async (page) => page.getByRole('dialog').getByRole('button', { name: '显示' }).first(),
      tells: (page) => page.getByRole('dialog').getByText('王小明'),
    },
    {
      ...rowsAt(({ id }) => `/parked-items?open=${id}`, 'trades.read')('reveal', 'personal.reveal', {
        seed: parked,
        effect: looks('parked.reveal'),
        is: 1,
        ...here,
      }),
      path: 'POST /parked-items/:id/reveal',
      button: async (page) => page.getByRole('dialog').getByRole('button', { name: '显示' }),
      tells: (page) => page.getByRole('dialog').locator('pre'),
    },
    {
      action: 'download',
      path: 'POST /staged-refunds/download',
      can: ['refunds.read', 'trades.download'],
      seed: async () => ({ id: shopId }),
      at: () => '/staged-refunds',
      where: 'page',
      fill: async (dialog) => dialog.getByRole('textbox').first().fill('149810573399999999'),
      effect: () => sql`select count(*)::int as is from task_run where kind = 'refund_pull'`,
      is: 1,
      tells: (page) => page.getByRole('dialog').getByText('已开始下载'),
    },
  ]
}

/** An order that a refund holds, and the ways to release it. */
function heldPresses(house: PressHouse): Press[] {
  const { db, intake, run } = house
  const unheld = async (): Promise<Seeded> => {
    const one = await held()
    // A state that notices never leave: the refund is paid, and nothing holds the order.
    await sql`
      with gone as (
        update staged_refund set state = 'processed', status = 'succeeded'
        where tid = (select tid from sales_order where id = ${one.id})
      )
      update sales_order set open_holds = 0 where id = ${one.id}`.execute(db)
    return one
  }
  const held = async (): Promise<Seeded> => {
    const trade = aTrade()
    await stage(intake, trade)
    const id = (await tradeOf(intake, trade.tid))?.id ?? ''
    must(await run((tx) => convertTrades(tx, [id], { actor: packer, scope: wholeScope })))
    await stageRefunds(intake, aRefund(trade))
    return { id: await house.one(sql`select id as is from sales_order where tid = ${trade.tid}`) }
  }
  return [
    rowsAt(({ id }) => `/orders?tab=all&open=${id}`, 'orders.read')(
      '/orders/ship-over',
      'orders.ship_over_refund',
      {
        seed: held,
        effect: is('sales_order', 'open_holds'),
        is: 0,
        ...here,
        fill: async (dialog) => dialog.getByRole('textbox').fill('买家说不退了'),
      },
    ),
    {
      action: 'hold-refunded',
      path: 'POST /orders/hold',
      can: ['overview.read', 'orders.hold'],
      seed: unheld,
      at: () => '/',
      where: 'page',
      button: async (page) => {
        const button = page.locator('[data-action="hold-refunded"]')
        // Alarms are read every few seconds.
        await button.waitFor({ timeout: 30_000 })
        return button
      },
      effect: ({ id }) => sql`
        select count(*)::int as is from order_hold where order_id = ${id} and reason = 'other' and released_at is null`,
      is: 1,
    },
  ]
}

/** Presses for the parcel of a refund. */
function parcelPresses(house: PressHouse): Press[] {
  const { db, intake, run } = house
  /** A shipped order. `pull`: the write-back is still waiting, so the parcel is still here. */
  const parcel = (way: 'recall' | 'pull', asked?: 'asked') => async (): Promise<Seeded> => {
    const trade = aTrade()
    await stage(intake, trade)
    const staged = (await tradeOf(intake, trade.tid))?.id ?? ''
    must(await run((tx) => convertTrades(tx, [staged], { actor: packer, scope: wholeScope })))
    const id = await house.one(sql`select id as is from sales_order where tid = ${trade.tid}`)
    must(await run((tx) => transition(tx, [id], { event: 'confirm' }, packer)))
    must(await run((tx) => releaseOrders(tx, [id], { actor: packer, scope: wholeScope })))
    const deliveryId = await deliveryOf(db, id)
    const waybill = { deliveryId, courier: 'SF', waybillNo: aWaybill() }
    must(await run((tx) => setWaybills(tx, [waybill], { actor: packer, scope: wholeScope })))
    must(await run((tx) => shipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope })))
    if (way === 'recall')
      await sql`
        with told as (update delivery set write_back = 'done' where id = ${deliveryId})
        update sales_order set written_back_at = now() where id = ${id}`.execute(db)
    const refund = aRefund(trade)
    await stageRefunds(intake, refund)
    const refundId = await house.one(
      sql`select id as is from staged_refund where refund_no = ${refund.refundId}`,
    )
    must(await run((tx) => convertRefunds(tx, [refundId], { actor: packer, scope: wholeScope })))
    if (asked) await house.boss.call('POST', '/api/aftersale/ask', { ids: [refundId] })
    return { id: refundId, no: refund.refundId }
  }
  const away = async (): Promise<Seeded> => {
    const trade = aTrade()
    await stage(intake, trade)
    const asked = aRefund(trade)
    await stageRefunds(intake, asked)
    return { id: '0', no: asked.refundId }
  }
  const state = ({ no }: Seeded) =>
    sql<{ is: unknown }>`select state as is from intercept where refund_no = ${no}`
  const desk = rowsAt(({ no }) => `/aftersale?tab=all&q=${no}`, 'refunds.read')
  const none = { seed: away, says: /没有要拦的包裹/ }
  return [
    desk('/aftersale/ask', 'aftersale.intercept', {
      seed: parcel('recall'),
      effect: state,
      is: 'asked',
      fill: sure,
      not: none,
    }),
    desk('/aftersale/miss', 'aftersale.intercept', {
      seed: parcel('recall', 'asked'),
      effect: state,
      is: 'missed',
      fill: sure,
      not: none,
    }),
    desk('/aftersale/money', 'aftersale.intercept', {
      seed: parcel('recall'),
      effect: state,
      is: 'money',
      fill: sure,
      not: none,
    }),
    desk('/aftersale/pull', 'fulfilment.unship', {
      seed: parcel('pull'),
      effect: state,
      is: 'pulled',
      fill: sure,
      not: none,
    }),
  ]
}
