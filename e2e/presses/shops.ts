import { sql } from 'kysely'
import { by, dialogOf, fresh, named } from './office.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import type { PressHouse } from './seeds.ts'

/** Presses for a list's views, the blacklist, and a shop's settings. */
export function shopsPresses(house: PressHouse): Press[] {
  return [...viewPresses(house), ...shopPresses(house)]
}

function viewPresses(house: PressHouse): Press[] {
  const listed = async (): Promise<Seeded> => {
    const one = await house.order()
    const no = fresh()
    await house.boss.call('POST', '/api/orders/blacklist', {
      ids: [one.id],
      by: ['nick'],
      reason: no,
      until: null,
    })
    return { no, id: await house.one(sql`select id as is from blacklist_entry where order_id = ${one.id}`) }
  }
  const kept = async (): Promise<Seeded> => {
    const no = fresh()
    const found = await sql<{ id: string }>`
      insert into saved_view (user_id, list, name, query) values (${house.boss.userId}, 'orders', ${no}, 'tab=unconfirmed')
      returning id`.execute(house.db)
    return { id: found.rows[0]?.id ?? '', no }
  }
  return [
    by('POST /blacklist/remove', ['orders.read', 'orders.blacklist'], {
      seed: listed,
      at: () => '/blacklist',
      button: async (page, { no = '' }) => {
        const row = page.getByRole('grid').locator('.list-row').filter({ hasText: no })
        await row.getByRole('checkbox').click()
        return page.getByRole('region', { name: '批量操作' }).locator('[data-action="/blacklist/remove"]')
      },
      effect: ({ id }) => sql`select removed_at is not null as is from blacklist_entry where id = ${id}`,
      is: true,
      action: '/blacklist/remove',
      fill: sure,
      tells: (page) => page.locator('.toast'),
    }),
    by('DELETE /views/:id', ['orders.read'], {
      seed: kept,
      at: () => '/orders?tab=all',
      button: async (page, { no = '' }) => {
        await page.locator('button.view').click()
        return page.getByRole('menuitem', { name: new RegExp(`删.*${no}`) })
      },
      effect: ({ id }) => sql`select count(*)::int as is from saved_view where id = ${id}`,
      is: 0,
      mine: ({ id }, userId) => sql`update saved_view set user_id = ${userId} where id = ${id}`,
    }),
    by('POST /views', ['orders.read'], {
      seed: named,
      at: () => '/orders?tab=all&urgent=true',
      button: async (page, { no = '' }) => {
        await page.getByRole('button', { name: '存为视图' }).click()
        await page.getByLabel('视图名称').fill(no)
        return page.locator('form.editor').getByRole('button', { name: '保存' })
      },
      effect: ({ no }) => sql`select count(*)::int as is from saved_view where name = ${no}`,
      is: 1,
    }),
  ]
}

function shopPresses(house: PressHouse): Press[] {
  const shop = async (): Promise<Seeded> => ({ id: house.shopId })
  const told = async () => {
    const { version, rule } = Object(
      (await house.boss.call('GET', `/api/stock-upload-shops/${house.shopId}`)).body,
    )
    await house.boss.call('PUT', `/api/stock-upload-shops/${house.shopId}`, { enabled: true, rule, version })
    return shop()
  }
  const untold = async () => {
    await sql`update upload_shop set enabled = false where shop_id = ${house.shopId}`.execute(house.db)
    return shop()
  }
  const uploads = rowsAt(() => '/stock-uploads', 'inventory.read')
  const resync = { path: 'POST /stock-upload-shops/:id/resync', where: 'page' } as const
  return [
    uploads('shop', 'inventory.upload', {
      seed: untold,
      effect: ({ id }) =>
        sql`select coalesce(bool_or(enabled), false) as is from upload_shop where shop_id = ${id}`,
      is: true,
      where: 'page',
      path: 'PUT /stock-upload-shops/:id',
      fill: async (dialog) => dialog.getByLabel('把库存推到这家店').check(),
    }),
    {
      ...uploads('shop', 'inventory.upload', {
        seed: told,
        effect: ({ id }) =>
          sql`select count(*)::int as is from task_run r join task t on t.id = r.task_id where t.shop_id = ${id} and r.params @> '{"again": true}'`,
        is: 1,
        ...resync,
      }),
      button: async (page) => {
        await page.locator('[data-action="shop"]').click()
        return dialogOf(page).getByRole('button', { name: '整店重推' })
      },
    },
    by('PATCH /shops/:id', ['shops.read', 'shops.write'], {
      seed: shop,
      at: ({ id }) => `/shops/${id}`,
      button: async (page) => {
        await page.getByLabel('每秒请求数').fill('7')
        return page.getByRole('region', { name: '设置' }).getByRole('button', { name: '保存' })
      },
      effect: ({ id }) => sql`select settings ->> 'requestsPerSecond' as is from shop where id = ${id}`,
      is: '7',
      tells: (page) => page.locator('.toast'),
    }),
    by('PATCH /shops/:id', ['shops.read', 'shops.write'], {
      seed: shop,
      at: ({ id }) => `/shops/${id}`,
      button: async (page) => {
        await page.getByRole('checkbox', { name: /^消息推送/ }).uncheck()
        return page.getByRole('region', { name: '设置' }).getByRole('button', { name: '保存' })
      },
      effect: ({ id }) => sql`select settings ->> 'push' as is from shop where id = ${id}`,
      is: 'false',
      tells: (page) => page.locator('.toast'),
    }),
  ]
}
