import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { goes } from '../browser.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, numbers } from './rows.ts'
import type { PressHouse } from './seeds.ts'

export const fresh = numbers('办公', 4)
export const named = async (): Promise<Seeded> => ({ id: '0', no: fresh() })
export const dialogOf = (page: Page) => page.getByRole('dialog').last()
const saveOf = (page: Page) => dialogOf(page).getByRole('button', { name: '保存', exact: true })
/** Used where the dialog closes, or the page only shows the new state. */
const still = (page: Page) => page.locator('main, body').first()

/** Presses for users and permissions, tasks, rules, and the parts of the catalogue. */
export function officePresses(house: PressHouse): Press[] {
  return [...peoplePresses(house), ...taskPresses(house), ...rulePresses(house), ...catalogPresses(house)]
}

/** A press of a button without a name, which is found by the way that leads to it. */
export const by = (
  path: string,
  can: Press['can'],
  one: Partial<Press> & Required<Pick<Press, 'seed' | 'at' | 'button' | 'effect'>> & { is: unknown },
): Press => ({ ...{ action: path, path, can, where: 'page', tells: still }, ...one })

function peoplePresses(house: PressHouse): Press[] {
  const { boss } = house
  /** At least one administrator who can sign in must always remain. */
  const admin = () =>
    sql`
      with made as (
        insert into app_user (email, name, all_shops, all_warehouses) values ('office-admin@example.com', '林晓', true, true)
        on conflict do nothing returning id
      ), granted as (
        insert into user_role (user_id, role_id) select made.id, role.id from made, role where role.builtin = 'admin'
      )
      insert into user_credential (user_id, account_id, provider_id, password)
      select id, id::text, 'credential', 'none' from made`.execute(house.db)
  const user = async (): Promise<Seeded> => {
    await admin()
    const no = fresh()
    const input = {
      name: no,
      email: `${encodeURIComponent(no).toLowerCase().replaceAll('%', '')}@example.com`,
    }
    await boss.call('POST', '/api/users', { ...input, roleIds: [], shops: 'all', warehouses: 'all' })
    return { id: await house.one(sql`select id as is from app_user where name = ${no}`), no }
  }
  const role = async (): Promise<Seeded> => {
    const no = fresh()
    await boss.call('POST', '/api/roles', { name: no, nameEn: '', permissions: ['orders.read'] })
    return { id: await house.one(sql`select id as is from role where name = ${no}`), no }
  }
  const key = async (): Promise<Seeded> => {
    const no = fresh()
    const input = { name: no, permissions: ['orders.read'], shops: 'all', warehouses: 'all', expiresAt: null }
    await boss.call('POST', '/api/api-keys', input)
    return { id: await house.one(sql`select id as is from api_key where name = ${no}`), no }
  }
  const users = ['users.read', 'users.write'] as const
  const openUser = async (page: Page, { no = '' }: Seeded) => {
    await page.getByRole('grid').locator('.list-row').filter({ hasText: no }).first().click()
    await dialogOf(page).waitFor()
  }
  const openRole = async (page: Page, { no = '' }: Seeded) => {
    await page.getByRole('row').filter({ hasText: no }).getByRole('button').click()
    await dialogOf(page).waitFor()
  }
  const atUser = ({ no = '' }: Seeded) => `/users?q=${encodeURIComponent(no)}`
  return [
    {
      ...{
        action: 'add',
        path: 'POST /users',
        can: users,
        seed: named,
        at: () => '/users',
        where: 'page',
        is: 1,
      },
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('姓名').fill(no)
        await dialog.getByLabel('邮箱').fill('office-added@example.com')
      },
      effect: ({ no }) => sql`select count(*)::int as is from app_user where name = ${no}`,
      tells: (page) => page.getByText(/只显示这一次/),
    },
    by('PATCH /users/:id', users, {
      seed: user,
      at: atUser,
      button: async (page, seeded) => {
        await openUser(page, seeded)
        await dialogOf(page).getByLabel('姓名').fill(`改名 ${seeded.id}`)
        return saveOf(page)
      },
      effect: ({ id }) => sql`select name = ${'改名 '} || id as is from app_user where id = ${id}`,
      is: true,
    }),
    by('POST /users/:id/password-link', users, {
      seed: user,
      at: atUser,
      button: async (page, seeded) => {
        await openUser(page, seeded)
        return dialogOf(page).getByRole('button', { name: '重设密码链接' })
      },
      effect: ({ id }) =>
        sql`select count(*)::int as is from audit_log where action = 'user.password_link' and subject_id = ${id}`,
      is: 1,
      tells: (page) => page.getByText(/只显示这一次/),
    }),
    // A user may change only permissions that they have themselves.
    by('PATCH /roles/:id', [...users, 'orders.read'], {
      seed: role,
      at: () => '/roles',
      button: async (page, seeded) => {
        await openRole(page, seeded)
        await dialogOf(page).getByLabel('英文名').fill('Packers')
        return saveOf(page)
      },
      effect: is('role', 'name_en'),
      is: 'Packers',
    }),
    by('DELETE /roles/:id', [...users, 'orders.read'], {
      seed: role,
      at: () => '/roles',
      button: async (page, seeded) => {
        await openRole(page, seeded)
        return dialogOf(page).getByRole('button', { name: '删除角色' })
      },
      effect: ({ id }) => sql`select count(*)::int as is from role where id = ${id}`,
      is: 0,
      fill: sure,
    }),
    by('DELETE /api-keys/:id', ['api_keys.write', 'orders.read'], {
      seed: key,
      at: () => '/keys',
      button: async (page, { no = '' }) =>
        page.getByRole('row').filter({ hasText: no }).getByRole('button', { name: /作废/ }),
      effect: ({ id }) => sql`select revoked_at is not null as is from api_key where id = ${id}`,
      is: true,
      fill: sure,
    }),
    by('PATCH /me', ['orders.read'], {
      seed: named,
      at: () => '/account',
      button: async (page, { no = '' }) => {
        await page.getByLabel('单据上显示的名字').fill(no)
        return page.getByRole('region', { name: '姓名' }).getByRole('button', { name: '保存' })
      },
      effect: ({ no }) => sql`select count(*)::int as is from app_user where name = ${no}`,
      is: 1,
      tells: (page) => page.locator('.toast'),
    }),
  ]
}

function taskPresses(house: PressHouse): Press[] {
  const task = (kind: string) => async (): Promise<Seeded> => ({
    id: await house.one(sql`select id as is from task where kind = ${kind} and shop_id = ${house.shopId}`),
  })
  return [
    {
      ...{
        action: 'run',
        path: 'POST /tasks/:id/run',
        can: ['tasks.read', 'tasks.run'],
        where: 'page',
        fill: sure,
      },
      seed: task('refund_list'),
      at: () => '/tasks?tab=refund_list',
      effect: ({ id }) => sql`select count(*)::int as is from task_run where task_id = ${id}`,
      is: 1,
    },
    by('PATCH /tasks/:id', ['tasks.read', 'tasks.write'], {
      seed: task('reconciliation'),
      at: () => '/tasks?tab=reconciliation&as=tasks',
      button: async (page) => page.getByRole('switch').first(),
      effect: is('task', 'enabled'),
      is: false,
    }),
  ]
}

/** Each rule is saved disabled, so that it affects no other press. */
function rulePresses(house: PressHouse): Press[] {
  const can = ['orders.read', 'orders.rules'] as const
  const off = async (page: Page) => {
    await page.getByRole('button', { name: /^加一条/ }).click()
    await page.locator('.rules-main').getByLabel('开', { exact: true }).uncheck()
  }
  const save = (page: Page) => page.locator('.rules-foot').getByRole('button', { name: /^保存/ })
  const toast = { tells: (page: Page) => page.locator('.toast') }
  const choice = (kind: 'warehouse' | 'courier') =>
    by(`PUT /choice-rules/${kind}`, can, {
      seed: async () => ({ id: kind }),
      at: () => `/choice-rules?tab=${kind}`,
      button: async (page) => {
        await off(page)
        return save(page)
      },
      effect: () =>
        sql`select coalesce(max(jsonb_array_length(rules)), 0) as is from choice_rules where kind = ${kind}`,
      is: 1,
      ...toast,
    })
  return [
    choice('warehouse'),
    choice('courier'),
    by('PUT /waybill-rules', ['fulfilment.read', 'orders.rules'], {
      seed: async () => ({
        id: await house.one(sql`
          with made as (
            insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
            values (${house.shopId}, 'cainiao', 'SF', '', 'http://127.0.0.1/1', '')
            on conflict on constraint waybill_account_once do update set enabled = true returning id
          )
          select id as is from made`),
      }),
      at: () => '/waybill-rules',
      button: async (page) => {
        await page.getByRole('button', { name: /^加一条/ }).click()
        await page.getByRole('checkbox', { name: '第 1 条：启用' }).uncheck()
        return save(page)
      },
      effect: () => sql`select count(*)::int as is from waybill_rule`,
      is: 1,
      ...toast,
    }),
    by('PUT /gift-rules', can, {
      seed: named,
      at: () => '/gift-rules',
      button: async (page) => {
        await off(page)
        const gift = page.getByRole('combobox', { name: '赠品', exact: true })
        const sku = await sql<{
          code: string
        }>`select code from sku where active order by id limit 1`.execute(house.db)
        await gift.fill(sku.rows[0]?.code ?? '')
        await gift.press('Enter')
        await goes(page.getByRole('listbox', { name: '赠品' }))
        return save(page)
      },
      effect: () => sql`select count(*)::int as is from gift_rule where removed_at is null`,
      is: 1,
      ...toast,
    }),
    by('PUT /confirm-rules/:id', can, {
      seed: named,
      at: () => '/confirm-rules',
      button: async (page) => save(page),
      effect: () => sql`select count(*)::int as is from confirm_rules`,
      is: 1,
      ...toast,
    }),
  ]
}

function catalogPresses(house: PressHouse): Press[] {
  const sku = async (): Promise<Seeded> => {
    const no = `OFF-${fresh()}`
    await house.boss.call('POST', '/api/skus', { rows: [{ code: no, name: no, spec: '雾蓝' }] })
    return { id: await house.one(sql`select id as is from sku where code = ${no}`), no }
  }
  const warehouse = async (): Promise<Seeded> => {
    const no = fresh()
    const input = { code: no, name: no, kind: 'own', province: '', city: '', priority: 9000 }
    await house.boss.call('POST', '/api/warehouses', input)
    return { id: await house.one(sql`select id as is from warehouse where code = ${no}`), no }
  }
  const open = rowsAt(({ id }) => `/products?tab=all&open=${id}`, 'catalog.read')
  const edit = (path: string, label: string, text: string, effect: Press['effect']) =>
    open('edit', 'catalog.write', {
      seed: sku,
      effect,
      is: text,
      where: 'drawer',
      path,
      fill: async (dialog) => dialog.getByLabel(label).fill(text),
    })
  return [
    edit('PATCH /skus', '规格', '雾白', is('sku', 'spec')),
    edit(
      'PATCH /products',
      '商品名称',
      '改过的四件套',
      ({ id }) =>
        sql`select p.name as is from sku s join product p on p.id = s.product_id where s.id = ${id}`,
    ),
    open('bundle', 'catalog.write', {
      seed: sku,
      effect: ({ id }) => sql`select count(*)::int as is from bundle_part where bundle_id = ${id}`,
      is: 1,
      where: 'drawer',
      path: 'PUT /skus/parts',
      fill: async (dialog) => {
        const { no: code = '' } = await sku()
        await dialog.getByRole('combobox').fill(code)
        await dialog.getByRole('option').filter({ hasText: code }).first().dblclick()
        await dialog.getByLabel(`${code} 的数量`).waitFor()
      },
    }),
    by('PATCH /warehouses/:id', ['inventory.read', 'inventory.write'], {
      seed: warehouse,
      at: () => '/warehouses',
      button: async (page, { no = '' }) => {
        await page.getByRole('row').filter({ hasText: no }).getByRole('button').click()
        await dialogOf(page).getByLabel('省', { exact: true }).selectOption('浙江省')
        await dialogOf(page).getByLabel('市', { exact: true }).selectOption('绍兴市')
        return saveOf(page)
      },
      effect: is('warehouse', 'city'),
      is: '绍兴市',
    }),
  ]
}
