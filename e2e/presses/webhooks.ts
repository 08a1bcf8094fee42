import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { by, dialogOf, fresh, named } from './office.ts'
import { type Press, type Seeded, sure } from './press.ts'
import { is } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const can = ['webhooks.write', 'orders.read'] as const

/** Presses for the subscriptions of programs, by a person with just the permission for them and for the documents that they ask for. */
export function webhookPresses({ boss, one }: PressHouse): Press[] {
  const subscription = async (): Promise<Seeded> => {
    const no = fresh()
    const { body } = await boss.call('POST', '/api/webhooks', {
      // The name leads inside, so a test event is refused before it leaves.
      ...{
        name: no,
        address: 'https://localhost/hook',
        kinds: ['order.created'],
        shops: null,
        warehouses: null,
      },
    })
    return { id: await one(sql`select ${Object(body).id}::text as is`), no }
  }
  const row = (page: Page, { no = '' }: Seeded) => page.getByRole('row').filter({ hasText: no })
  const at = () => '/webhooks'
  const toast = { tells: (page: Page) => page.locator('.toast') }
  const inRow = (action: string) => async (page: Page, seeded: Seeded) =>
    row(page, seeded).locator(`[data-action="${action}"]`)
  return [
    {
      ...{ action: 'add', path: 'POST /webhooks', can, seed: named, at, where: 'page', is: 'order.*' },
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel(/^名称/).fill(no)
        await dialog.getByLabel('接收地址').fill('https://example.com/hook')
      },
      tells: (page) => dialogOf(page).getByText('whsec_'),
      effect: ({ no }) => sql`select kinds[1] as is from webhook_subscription where name = ${no}`,
    },
    by('PATCH /webhooks/:id', can, {
      seed: subscription,
      at,
      button: async (page, seeded) => {
        await row(page, seeded).getByRole('button').first().click()
        await dialogOf(page).getByLabel('全部，包括以后新增的').check()
        return dialogOf(page).getByRole('button', { name: '保存', exact: true })
      },
      effect: ({ id }) => sql`select kinds[1] as is from webhook_subscription where id = ${id}`,
      is: 'order.*',
      ...toast,
    }),
    by('POST /webhooks/:id/test', can, {
      ...{ action: 'test-webhook', seed: subscription, at, button: inRow('test-webhook') },
      effect: ({ id }) =>
        sql`select detail ->> 'taken' as is from audit_log where action = 'webhook.test' and subject_id = ${id}`,
      is: 'false',
      ...toast,
    }),
    by('POST /webhooks/:id/state', can, {
      ...{ action: 'turn-webhook', seed: subscription, at, button: inRow('turn-webhook') },
      effect: is('webhook_subscription', 'state'),
      is: 'paused',
      tells: (page) => page.getByText('起暂停').first(),
    }),
    by('POST /webhooks/:id/rotate', can, {
      ...{ action: 'rotate-webhook', seed: subscription, at },
      button: async (page, seeded) => {
        await (await inRow('rotate-webhook')(page, seeded)).click()
        return dialogOf(page).getByRole('button', { name: '换密钥', exact: true })
      },
      effect: ({ id }) =>
        sql`select count(*)::int as is from audit_log where action = 'webhook.rotate' and subject_id = ${id}`,
      is: 1,
      tells: (page) => dialogOf(page).getByText('whsec_'),
    }),
    {
      ...{ action: '/webhook-messages/replay', path: 'POST /webhook-messages/replay', can, where: 'drawer' },
      seed: async () => {
        const { id: of, no = '' } = await subscription()
        const id = await one(sql`
          insert into webhook_message (subscription_id, kind, document, no, state, data)
          values (${of}::bigint, 'order.created', 'order:1', ${no}, 'delivered', '{}') returning id as is`)
        return { id, no, subscription: of }
      },
      at: ({ id, subscription = '' }) => `/webhooks?subscription=${subscription}&tab=delivered&open=${id}`,
      effect: is('webhook_message', 'state'),
      is: 'waiting',
      fill: sure,
    },
    by('DELETE /webhooks/:id', can, {
      seed: subscription,
      at,
      button: async (page, seeded) => row(page, seeded).getByRole('button', { name: /^删除/ }),
      effect: ({ id }) => sql`select count(*)::int as is from webhook_subscription where id = ${id}`,
      is: 0,
      fill: sure,
    }),
  ]
}
