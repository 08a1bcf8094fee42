import { sql } from 'kysely'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, listed, numbers, reason } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const fresh = numbers('', 6)

export const returnPresses = (house: PressHouse): Press[] => [
  ...documentPresses(house),
  ...parcelPresses(house),
]

function documentPresses(house: PressHouse): Press[] {
  const { boss, shipped } = house
  const returned =
    (...verbs: string[]) =>
    async (): Promise<Seeded> => {
      const one = await shipped()
      const lines = [{ lineNo: 1, quantity: 1 }]
      const input = {
        orderId: one['orderId'],
        kind: 'return',
        courier: '',
        waybillNo: '',
        reason: '不喜欢',
        lines,
      }
      await boss.call('POST', '/api/returns', { returns: [input] })
      const id = await house.one(sql`select id as is from return_order where order_id = ${one['orderId']}`)
      await sql`update return_order set warehouse_id = ${house.warehouseId} where id = ${id}`.execute(
        house.db,
      )
      for (const verb of verbs) await boss.call('POST', `/api/returns/${verb}`, { ids: [id] })
      return { id }
    }
  const row = rowsAt(listed('/returns'), 'returns.read')
  const status = is('return_order', 'status')
  return [
    row('/returns/confirm', 'returns.write', {
      seed: returned(),
      effect: status,
      is: 'confirmed',
      not: { seed: returned('confirm'), says: /确认/ },
    }),
    row('/returns/unconfirm', 'returns.write', {
      seed: returned('confirm'),
      effect: status,
      is: 'unconfirmed',
    }),
    row('/returns/receive', 'returns.receive', {
      seed: returned('confirm'),
      effect: status,
      is: 'received',
      fill: sure,
    }),
    row('/returns/void', 'returns.write', { seed: returned(), effect: status, is: 'voided', fill: reason }),
    row('/returns/settle', 'returns.settle', {
      seed: returned('confirm', 'receive'),
      effect: status,
      is: 'settled',
      fill: sure,
    }),
  ]
}

function parcelPresses(house: PressHouse): Press[] {
  const { db, shipped, released } = house
  const parcel = (way: string, state: string) => async (): Promise<Seeded> => {
    const one = await shipped()
    const found = await sql<{ id: string }>`
      insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
        refund_no, amount_fen, way, state, created_by, asked_at, asked_by)
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, ${`R${fresh()}`}, 9000, ${way}, ${state}, '周强', ${state === 'asked' ? sql`now()` : null}, ${state === 'asked' ? '周强' : null}
      from delivery where id = ${one.id} returning id`.execute(db)
    return { id: found.rows[0]?.id ?? '' }
  }
  const back = async (): Promise<Seeded> => {
    const one = await released()
    const found = await sql<{ id: string }>`
      insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
        line_no, title, spec, quantity, source)
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, 'SF', '', 1, '四件套', '', 1, 'void'
      from delivery where id = ${one.id} returning id`.execute(db)
    return { id: found.rows[0]?.id ?? '', scanned: one.no ?? '' }
  }
  const row = rowsAt(listed('/intercepts'), 'fulfilment.read')
  const state = is('intercept', 'state')
  const backs = rowsAt(listed('/put-backs'), 'fulfilment.read')
  return [
    row('/intercepts/ask', 'aftersale.intercept', {
      seed: parcel('recall', 'open'),
      effect: state,
      is: 'asked',
      fill: sure,
    }),
    row('/intercepts/miss', 'aftersale.intercept', {
      seed: parcel('recall', 'asked'),
      effect: state,
      is: 'missed',
      fill: sure,
    }),
    row('/intercepts/money', 'aftersale.intercept', {
      seed: parcel('recall', 'open'),
      effect: state,
      is: 'money',
      fill: sure,
    }),
    row('/intercepts/return', 'aftersale.intercept', {
      seed: parcel('recall', 'asked'),
      effect: state,
      is: 'returned',
      fill: sure,
    }),
    row('/intercepts/pull', 'fulfilment.unship', {
      seed: parcel('pull', 'open'),
      effect: state,
      is: 'pulled',
      fill: sure,
    }),
    backs('/put-backs/done', 'aftersale.put_back', {
      seed: back,
      effect: is('put_back', 'state'),
      is: 'done',
    }),
    {
      ...backs('put-back-scan', 'aftersale.put_back', {
        seed: back,
        effect: is('put_back', 'state'),
        is: 'done',
      }),
      path: 'POST /put-backs/scan',
      where: 'page',
      button: async (page, { scanned = '' }) => {
        const box = page.getByLabel('扫发货单、运单或订单号')
        await box.fill(scanned)
        await box.press('Enter')
        return box
      },
    },
    backs('/put-backs/unpicked', 'aftersale.put_back', {
      seed: back,
      effect: is('put_back', 'state'),
      is: 'unpicked',
    }),
  ]
}
