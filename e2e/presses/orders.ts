import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { facet, has } from '../../server/lib/facets.ts'
import { holdOrders } from '../../server/orders/holds/holds.ts'
import { flagFacets } from '../../server/orders/order/facets.ts'
import { voidOrders } from '../../server/orders/status/void.ts'
import { must } from '../../server/testing/run.ts'
import { packer } from '../../server/testing/shipping.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import type { PressHouse } from './seeds.ts'

const at =
  (tab: string) =>
  ({ id }: Seeded) =>
    `/orders?tab=${tab}&ids=${id}`
const opened = ({ id }: Seeded) => `/orders?tab=all&open=${id}`
const is =
  (column: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select ${sql.ref(column)} as is from sales_order where id = ${id}`
const flag =
  (condition: ReturnType<typeof sql>) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select ${condition} as is from sales_order where id = ${id}`

export function orderPresses(house: PressHouse): Press[] {
  const { db, order, confirmed, run } = house
  const of = (tab: string) => rowsAt(at(tab), 'orders.read')
  const [all, fresh, sent, voided] = [of('all'), of('unconfirmed'), of('confirmed'), of('voided')]
  const drawer = rowsAt(opened, 'orders.read')
  const here = { where: 'drawer' } as const
  const held = async () => {
    const one = await order()
    const hold = { reason: 'ask_buyer', note: '', until: null } as const
    must(await run((tx) => holdOrders(tx, [one.id], hold, { actor: packer, scope: wholeScope })))
    return one
  }
  const gone = async () => {
    const one = await order()
    must(await run((tx) => voidOrders(tx, [one.id], '买家不要了', { actor: packer, scope: wholeScope })))
    return one
  }
  const stuck = async () => {
    const one = await order()
    await sql`insert into order_problem (order_id, reason, detail, found_at) values (${one.id}, 'memo', '{}', now())`.execute(
      db,
    )
    await sql`
      update sales_order set open_problems = 1, facets = array_append(facets, ${flagFacets.problem}::int)
      where id = ${one.id}`.execute(db)
    return one
  }
  const locked = async () => {
    const one = await order()
    await sql`update sales_order set locked_by = ${house.boss.userId}, locked_name = '林晓', locked_at = now() where id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const substituted = ({ id }: Seeded) => sql<{ is: unknown }>`
    select string_agg(distinct s.code || ' ' || l.payment_fen, ', ') filter (where l.line_no = 1) as is
    from order_line l join sku s on s.id = l.sku_id and s.id <> coalesce(l.substitute_for, s.id) where l.order_id = ${id}`
  /** With the keyboard only: the code is typed, Enter chooses it, and Enter again submits. */
  const substitution: Press['fill'] = async (dialog, page) => {
    const from = dialog.getByLabel('订单里的 SKU')
    if ((await from.count()) > 0) {
      await from.fill(`OF-SHOP-${house.shopId}`)
      await page.getByRole('option').first().waitFor()
      await from.press('Enter')
    }
    const to = dialog.getByLabel('换成')
    assert.equal(await to.inputValue(), '', 'nothing is preselected')
    await to.fill('SY-7')
    await page.getByRole('option', { name: /^SY-7/ }).waitFor()
    await to.press('ArrowDown')
    await to.press('Enter')
    assert.equal(await to.inputValue(), 'SY-7')
  }
  return [
    all('/orders/confirm', 'orders.confirm', {
      seed: order,
      effect: is('status'),
      is: 'confirmed',
      not: { seed: held, says: /挂起/ },
    }),
    sent('/orders/release', 'fulfilment.release', { seed: confirmed, effect: is('status'), is: 'released' }),
    sent('/orders/unconfirm', 'orders.unconfirm', {
      seed: confirmed,
      effect: is('status'),
      is: 'unconfirmed',
    }),
    of('problem')('/orders/waive', 'orders.confirm', {
      seed: stuck,
      effect: is('open_problems'),
      is: 0,
      fill: sure,
    }),
    fresh('/orders/lock', 'orders.lock', {
      seed: order,
      effect: flag(sql`locked_by is not null`),
      is: true,
      not: { seed: locked, says: /锁定中/ },
    }),
    all('/orders/hold', 'orders.hold', { seed: order, effect: is('open_holds'), is: 1, fill: sure }),
    all('/orders/release-hold', 'orders.hold', {
      seed: held,
      effect: is('open_holds'),
      is: 0,
      not: { seed: order, says: /没有挂起/ },
    }),
    all('/orders/void', 'orders.void', {
      seed: order,
      effect: is('status'),
      is: 'voided',
      fill: async (dialog) => dialog.getByRole('textbox').fill('买家不要了'),
      not: { seed: gone, says: /作废/ },
    }),
    voided('/orders/restore', 'orders.restore', {
      seed: gone,
      effect: is('status'),
      is: 'unconfirmed',
      fill: sure,
    }),
    fresh('/orders/urgent', 'orders.edit', { seed: order, effect: is('urgent'), is: true, fill: sure }),
    fresh('/orders/courier', 'orders.edit', {
      seed: order,
      effect: is('courier'),
      is: 'ZTO',
      fill: async (dialog) => void (await dialog.getByRole('combobox').selectOption('ZTO')),
    }),
    fresh('/orders/services', 'orders.edit', {
      seed: order,
      effect: flag(sql`(facets @> array[${facet('has', has.toDoor)}::int]) || ' ' || insured_fen`),
      is: 'true 50000',
      async fill(dialog) {
        await dialog.getByLabel('送货上门').selectOption('true')
        await dialog.getByLabel('保价', { exact: true }).selectOption('value')
        await dialog.getByLabel('保价金额（元）').fill('500')
      },
    }),
    fresh('/orders/warehouse', 'orders.edit', {
      seed: order,
      effect: is('warehouse_by_hand'),
      is: true,
      fill: sure,
    }),
    fresh('/orders/substitute', 'orders.edit', {
      seed: order,
      effect: substituted,
      is: 'SY-7 6000',
      where: 'bulk',
      fill: substitution,
    }),
    drawer('/orders/substitute', 'orders.edit', {
      seed: order,
      effect: substituted,
      is: 'SY-7 6000',
      ...here,
      fill: substitution,
    }),
    fresh('/orders/memo', 'memo.write', {
      seed: order,
      effect: is('seller_memo'),
      is: '已联系',
      fill: async (dialog) => {
        await dialog.getByRole('checkbox').check()
        await dialog.getByRole('textbox').fill('已联系')
      },
    }),
    fresh('/orders/ship-after', 'orders.edit', {
      seed: order,
      effect: flag(sql`ship_after is not null`),
      is: true,
      fill: async (dialog) => dialog.getByRole('textbox').fill('2027-01-01 10:00'),
    }),
    fresh('/orders/blacklist', 'orders.blacklist', {
      seed: order,
      effect: ({ id }) => sql`select count(*)::int as is from blacklist_entry where order_id = ${id}`,
      is: 1,
      fill: async (dialog) => dialog.getByLabel('原因').fill('恶意退款'),
    }),
    drawer('/orders/force-unlock', 'orders.unlock', {
      seed: locked,
      effect: flag(sql`locked_by is null`),
      is: true,
      ...here,
      fill: sure,
    }),
  ]
}
