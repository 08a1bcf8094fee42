import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { mergeOrders } from '../../server/orders/merge/merge.ts'
import { changedFacet } from '../../server/orders/order/facets.ts'
import { must } from '../../server/testing/run.ts'
import { packer } from '../../server/testing/shipping.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { aReceiver, here } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const opened = ({ id }: Seeded) => `/orders?tab=all&open=${id}`
const is =
  (column: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select ${sql.ref(column)} as is from sales_order where id = ${id}`

/** Presses for clerks' work with orders other than confirming: merging, splitting, reshipping, gifts, entering by hand. */
export function deskPresses(house: PressHouse): Press[] {
  return [
    ...togetherPresses(house),
    ...giftPresses(house),
    ...ownPresses(house),
    ...differencePresses(house),
    ...choosePresses(house),
    ...wholePresses(house),
  ]
}

let receivers = 900_000

function togetherPresses(house: PressHouse): Press[] {
  const { order, run } = house
  const two = async (): Promise<Seeded> => {
    receivers += 1
    const [one, other] = [await order({ receiverHash: receivers }), await order({ receiverHash: receivers })]
    return { id: one.id, other: other.id }
  }
  const merged = async () => {
    const both = await two()
    must(
      await run((tx) =>
        mergeOrders(tx, [both.id, both['other'] ?? ''], { actor: packer, scope: wholeScope }),
      ),
    )
    return both
  }
  const part = async (): Promise<Seeded> => {
    const whole = await order()
    const parts = [{ lines: [{ lineNo: 1, quantity: 1 }] }]
    await house.boss.call('POST', '/api/orders/split', { splits: [{ id: whole.id, version: 1, parts }] })
    return { id: await house.one(sql`select id as is from sales_order where split_from = ${whole.id}`) }
  }
  const sent = async (): Promise<Seeded> => ({ id: (await house.shipped())['orderId'] ?? '' })
  const parcel = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select parcel is not null as is from sales_order where id = ${id}`
  const both = rowsAt(({ id, other }) => `/orders?tab=unconfirmed&ids=${id},${other}`, 'orders.read')
  const drawer = rowsAt(opened, 'orders.read')
  return [
    both('/orders/merge', 'orders.split', { seed: two, effect: parcel, is: true, where: 'bulk' }),
    drawer('/orders/merge-mates', 'orders.split', { seed: two, effect: parcel, is: true, ...here }),
    drawer('/orders/unmerge', 'orders.split', { seed: merged, effect: parcel, is: false, ...here }),
    drawer('/orders/unsplit', 'orders.split', {
      seed: part,
      effect: is('status'),
      is: 'voided',
      ...here,
      fill: sure,
    }),
    drawer('split', 'orders.split', {
      seed: order,
      effect: ({ id }) =>
        sql`select sum(quantity)::int as is from order_line where order_id in (select id from sales_order where split_from = ${id})`,
      is: 1,
      ...here,
      path: 'POST /orders/split',
      fill: async (dialog) => dialog.getByLabel('第 1 行拆到新单 1 的件数').fill('1'),
      not: { seed: sent, says: /发货/ },
    }),
  ]
}

function giftPresses(house: PressHouse): Press[] {
  const { order } = house
  const code = `OF-SHOP-${house.shopId}`
  const given = async () => {
    const one = await order()
    await house.boss.call('POST', '/api/orders/gifts/add', { ids: [one.id], code, quantity: 1 })
    return one
  }
  const gifts = ({ id }: Seeded) =>
    sql<{
      is: unknown
    }>`select coalesce(sum(quantity - refunded_quantity), 0)::int as is from order_line where order_id = ${id} and gift`
  const row = rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')
  const pickGift: Press['fill'] = async (dialog) => {
    const gift = dialog.getByRole('combobox', { name: '赠品', exact: true })
    await gift.fill(code)
    await gift.press('Enter')
    await dialog.locator('.button.primary:not([aria-disabled])').waitFor()
  }
  return [
    row('/orders/gifts/add', 'orders.edit', {
      seed: order,
      effect: gifts,
      is: 2,
      fill: async (dialog, page, seeded) => {
        await pickGift(dialog, page, seeded)
        await dialog.getByLabel('件数').fill('2')
      },
    }),
    row('/orders/gifts/remove', 'orders.edit', {
      seed: given,
      effect: gifts,
      is: 0,
      fill: pickGift,
    }),
  ]
}

function ownPresses(house: PressHouse): Press[] {
  const { order } = house
  const code = `OF-SHOP-${house.shopId}`
  const named = async (): Promise<Seeded> => {
    receivers += 1
    return { id: '0', no: `WX-${receivers}` }
  }
  const unpaid = async (): Promise<Seeded> => {
    const { no = '' } = await named()
    const lines = [{ code, quantity: 1, priceFen: 3000 }]
    const input = {
      key: `unpaid-order-${no}`,
      shopId: house.shopId,
      outerNo: no,
      receiver: aReceiver,
      lines,
      paid: false,
    }
    await house.boss.call('POST', '/api/orders', { orders: [input] })
    return { id: await house.one(sql`select id as is from sales_order where tid = ${no}`) }
  }
  const locked = async () => {
    const one = await order()
    await sql`update sales_order set locked_by = ${house.boss.userId}, locked_name = '林晓', locked_at = now() where id = ${one.id}`.execute(
      house.db,
    )
    return one
  }
  const made = ({ no }: Seeded) =>
    sql<{ is: unknown }>`select count(*)::int as is from sales_order where tid = ${no} and origin <> 'trade'`
  const drawer = rowsAt(opened, 'orders.read')
  const fresh = rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')
  const page = { where: 'page' } as const
  const orders = rowsAt(() => '/orders?tab=unconfirmed', 'orders.read')
  return [
    orders('add', 'orders.create', {
      seed: named,
      effect: made,
      is: 1,
      ...page,
      path: 'POST /orders',
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('外部单号，可不填').fill(no)
        await dialog.getByLabel('粘贴地址').fill('李小龙 13911112222 广东省佛山市一路 1 号')
        await dialog.getByRole('button', { name: '填入' }).click()
        await dialog.getByLabel('商品：每行写商家编码、数量、单价').fill(`${code} 2 59.9`)
      },
    }),
    drawer('copy', 'orders.create', {
      seed: order,
      effect: ({ id }) =>
        sql`select count(*)::int as is from order_source s join sales_order o on o.id = s.order_id where source_id = ${id} and origin = 'reship'`,
      is: 1,
      ...here,
      path: 'POST /orders/copy',
      fill: async (dialog) => dialog.getByLabel('原因', { exact: true }).fill('少发一件'),
    }),
    fresh('/orders/book-payment', 'orders.create', {
      seed: unpaid,
      effect: ({ id }) => sql`select paid_at is not null as is from sales_order where id = ${id}`,
      is: true,
      fill: sure,
      not: { seed: order, says: /付款/ },
    }),
    {
      ...rowsAt(({ id }) => `/orders?tab=all&ids=${id}`, 'orders.read')('/orders/unlock', 'orders.lock', {
        seed: order,
        effect: ({ id }) => sql`select locked_by is null as is from sales_order where id = ${id}`,
        is: true,
      }),
      seed: locked,
      mine: ({ id }, userId) =>
        sql`update sales_order set locked_by = ${`user:${userId}`} where id = ${id} and locked_by is not null`,
      not: { seed: order, says: /没有锁定/ },
    },
    drawer('reveal', 'personal.reveal', {
      seed: order,
      effect: ({ id }) =>
        sql`select count(*)::int as is from audit_log where action = 'order.reveal' and subject_id = ${id}`,
      is: 1,
      ...here,
      path: 'POST /orders/:id/reveal',
      button: async (page) => page.getByRole('dialog').getByRole('button', { name: '显示' }),
      tells: (page) => page.getByText('13800001234'),
    }),
  ]
}

function differencePresses(house: PressHouse): Press[] {
  const differs = (kind: 'memo' | 'flag') => async (): Promise<Seeded> => {
    const one = await house.order()
    await sql`
        with seen as (
          insert into order_difference (order_id, kind, old_value, new_value, trade_version)
          values (${one.id}, ${kind}, '', ${kind === 'flag' ? '3' : '买家加购'}, now()))
        update sales_order set differences = 1, facets[3] = ${changedFacet(true)}::int where id = ${one.id}`.execute(
      house.db,
    )
    return one
  }
  const how = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select settled_how as is from order_difference where order_id = ${id}`
  const row = rowsAt(({ id }) => `/orders?tab=differs&ids=${id}`, 'orders.read')
  return [
    row('/orders/settle-differences', 'orders.hold', {
      seed: differs('flag'),
      effect: how,
      is: 'ignored',
      fill: sure,
    }),
    row('/orders/settle-differences', 'orders.hold', {
      seed: differs('memo'),
      effect: is('seller_memo'),
      is: '买家加购',
      fill: async (dialog) => void (await dialog.getByRole('combobox').selectOption('apply')),
    }),
  ]
}

/** A user's choice applies where no rule chooses. */
function choosePresses(house: PressHouse): Press[] {
  const byHand = async () => {
    const one = await house.order()
    await house.boss.call('POST', '/api/orders/courier', { ids: [one.id], courier: 'ZTO' })
    return one
  }
  return [
    rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')('/orders/choose', 'orders.edit', {
      seed: byHand,
      effect: is('courier'),
      is: '',
      fill: async (dialog) => {
        await dialog.getByRole('combobox').selectOption('courier')
        await dialog.getByLabel('人工选过的也重选').check()
      },
    }),
  ]
}

/** One verb for all rows of a filter. */
function wholePresses(house: PressHouse): Press[] {
  const three = async (): Promise<Seeded> => {
    const orders = [await house.order(), await house.order(), await house.order()]
    return { id: orders.map(({ id }) => id).join(',') }
  }
  const urgent = ({ id }: Seeded) =>
    sql<{
      is: unknown
    }>`select count(*)::int as is from sales_order where id = any(${id.split(',')}::bigint[]) and urgent`
  const row = rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')
  return [
    row('/orders/urgent', 'orders.edit', { seed: three, effect: urgent, is: 3, where: 'bulk', fill: sure }),
    {
      ...row('/orders/urgent', 'orders.edit', {
        seed: three,
        effect: urgent,
        is: 3,
        where: 'whole',
        fill: sure,
      }),
      path: 'POST /batches',
      // Other tests check the batch itself; here only that it was begun, with the right number of rows.
      effect: () => sql`select count(*)::int as is from batch where action = 'orders.urgent' and by_filter`,
      is: 1,
      tells: (page) => page.getByRole('region', { name: '批量操作' }).getByRole('progressbar'),
    },
  ]
}
