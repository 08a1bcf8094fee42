import { sql } from 'kysely'
import { type Press, rowsAt, type Seeded } from './press.ts'
import { compensation, here, numbers } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const fresh = numbers('X', 5)

/** Presses for buttons at the head of a page, and in an open document. */
export function pagePresses(house: PressHouse): Press[] {
  return [...documentPresses(house), ...newPresses(house), ...actionPresses(house)]
}

function documentPresses(house: PressHouse): Press[] {
  const { order } = house
  const opened = rowsAt(({ id }) => `/orders?tab=all&open=${id}`, 'orders.read')
  const is =
    (column: string) =>
    ({ id }: Seeded) =>
      sql<{ is: unknown }>`select ${sql.ref(column)} as is from sales_order where id = ${id}`
  const parts = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select count(*) > 0 as is from sales_order where split_from = ${id}`
  const fresh = rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')
  return [
    opened('edit', 'orders.edit', {
      seed: order,
      effect: is('own_note'),
      is: '周五前发',
      ...here,
      path: 'POST /orders/edit',
      fill: async (dialog) => dialog.getByLabel('内部备注').fill('周五前发'),
    }),
    opened('memo', 'memo.write', {
      seed: order,
      effect: is('seller_memo'),
      is: '已联系',
      ...here,
      path: 'POST /orders/:id/memo',
      fill: async (dialog) => dialog.getByRole('textbox').fill('已联系'),
    }),
    fresh('/orders/split-by', 'orders.split', {
      seed: order,
      effect: parts,
      is: true,
      fill: async (dialog) => {
        await dialog.getByRole('combobox').selectOption('quantity')
        await dialog.getByRole('textbox').fill('1')
      },
    }),
    opened('extra-refund', 'refunds.extra', {
      seed: order,
      effect: ({ id }) => sql`select count(*)::int as is from extra_refund where order_id = ${id}`,
      is: 1,
      ...here,
      path: 'POST /extra-refunds',
      fill: compensation,
    }),
  ]
}

function newPresses(house: PressHouse): Press[] {
  const named = async (): Promise<Seeded> => ({ id: '0', no: fresh() })
  const page = (
    to: string,
    path: string,
    can: Press['can'],
    one: Required<Pick<Press, 'effect' | 'fill'>>,
  ): Press => ({
    ...{ action: 'add', path, can, seed: named, at: () => to, where: 'page', is: 1, ...one },
    // Its dialog closes when it is done.
    tells: (at) => at.locator('main, body'),
  })
  const counted =
    (table: string, column: string) =>
    ({ no }: Seeded) =>
      sql<{
        is: unknown
      }>`select count(*)::int as is from ${sql.table(table)} where ${sql.ref(column)} = ${no}`
  void house
  return [
    page('/warehouses', 'POST /warehouses', ['inventory.read', 'inventory.write'], {
      effect: counted('warehouse', 'code'),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('编码').fill(no)
        await dialog.getByLabel('名称').fill(no)
      },
    }),
    page('/bins', 'POST /bins', ['inventory.read', 'inventory.write'], {
      effect: counted('bin', 'code'),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('库位', { exact: true }).fill(no)
        await dialog.getByLabel('顺序').fill('10')
      },
    }),
    page('/products', 'POST /skus', ['catalog.read', 'catalog.write'], {
      effect: counted('sku', 'code'),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('商家编码').fill(no)
        await dialog.getByLabel('商品名称').fill('四件套')
      },
    }),
    page('/roles', 'POST /roles', ['users.read', 'users.write'], {
      effect: counted('role', 'name'),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByRole('textbox').first().fill(no)
      },
    }),
  ]
}

function actionPresses(house: PressHouse): Press[] {
  const { shipped } = house
  const failed = async (): Promise<Seeded> => {
    const one = await shipped()
    await sql`
      update platform_action set state = 'failed', next_at = null, error = '单号不对'
      where id = (select action_id from delivery where id = ${one.id})`.execute(house.db)
    return { id: await house.one(sql`select action_id::text as is from delivery where id = ${one.id}`) }
  }
  const row = rowsAt(({ id }) => `/platform-actions?tab=all&open=${id}`, 'actions.read')
  const state = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select state as is from platform_action where id = ${id}`
  const more = {
    where: 'drawer',
    fill: async (dialog: { getByRole(role: 'textbox'): { fill(text: string): Promise<void> } }) =>
      dialog.getByRole('textbox').fill('核对过'),
  } as const
  return [
    row('/platform-actions/retry', 'actions.write', { seed: failed, effect: state, is: 'pending', ...more }),
    row('/platform-actions/manual', 'actions.write', { seed: failed, effect: state, is: 'manual', ...more }),
    row('/platform-actions/force', 'actions.write', { seed: failed, effect: state, is: 'forced', ...more }),
  ]
}
