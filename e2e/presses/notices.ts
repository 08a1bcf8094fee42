import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { by, dialogOf, fresh, named } from './office.ts'
import { type Press, type Seeded, sure } from './press.ts'
import { is } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const can = ['tasks.write'] as const
const secret = 'a-secret-of-sixteen'

/** Presses for the channels of alarms, by a person with just the permission for them. */
export function noticePresses(house: PressHouse): Press[] {
  return [...channelPresses(house), ...watchdogPresses(house)]
}

function channelPresses({ boss, one }: PressHouse): Press[] {
  const channel = async (): Promise<Seeded> => {
    const no = fresh()
    const { body } = await boss.call('POST', '/api/alarm-channels', {
      ...{
        kind: 'webhook',
        name: no,
        kinds: [],
        leastTone: 'warn',
        quiet: null,
        sendsEnd: true,
        language: 'zh',
      },
      // The name leads inside, so a test message is refused before it leaves.
      ...{ enabled: true, credentials: { address: 'https://localhost/hook', secret } },
    })
    return { id: await one(sql`select ${Object(body).id}::text as is`), no }
  }
  const row = (page: Page, { no = '' }: Seeded) => page.getByRole('row').filter({ hasText: no })
  const at = () => '/alarm-channels'
  const toast = { tells: (page: Page) => page.locator('.toast') }
  return [
    {
      ...{ action: 'add', path: 'POST /alarm-channels', can, seed: named, at, where: 'page', is: 1 },
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('发到').selectOption('webhook')
        await dialog.getByLabel('名称').fill(no)
        await dialog.getByLabel('接收地址').fill('https://example.com/hook')
        await dialog.getByLabel(/^签名密钥/).fill(secret)
      },
      effect: ({ no }) => sql`select count(*)::int as is from alarm_channel where name = ${no}`,
    },
    by('PATCH /alarm-channels/:id', can, {
      seed: channel,
      at,
      button: async (page, seeded) => {
        await row(page, seeded).getByRole('button').first().click()
        await dialogOf(page)
          .getByLabel(/^免打扰从/)
          .fill('22:00')
        await dialogOf(page).getByLabel('到', { exact: true }).fill('8:00')
        return dialogOf(page).getByRole('button', { name: '保存', exact: true })
      },
      effect: is('alarm_channel', 'quiet_from'),
      is: 1320,
      ...toast,
    }),
    by('POST /alarm-channels/:id/test', can, {
      action: 'test-channel',
      seed: channel,
      at,
      button: async (page, seeded) => row(page, seeded).locator('[data-action="test-channel"]'),
      effect: ({ id }) => sql`select failure ->> 'zh' as is from alarm_channel where id = ${id}`,
      is: '连不上接收方，或没有答复',
      ...toast,
    }),
    by('DELETE /alarm-channels/:id', can, {
      seed: channel,
      at,
      button: async (page, seeded) => row(page, seeded).getByRole('button', { name: /^删除/ }),
      effect: ({ id }) => sql`select count(*)::int as is from alarm_channel where id = ${id}`,
      is: 0,
      fill: sure,
    }),
  ]
}

function watchdogPresses({ boss, one }: PressHouse): Press[] {
  const mayAdd = ['tasks.write', 'api_keys.write', 'watchdogs.serve'] as const
  const at = () => '/alarm-channels'
  return [
    {
      ...{
        action: 'add-watchdog',
        path: 'POST /watchdogs',
        can: mayAdd,
        seed: named,
        at,
        where: 'page',
        is: 1,
      },
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('名称，比如它在哪台机器').fill(no)
      },
      effect: ({ no }) =>
        sql`select count(*)::int as is from api_key where name = ${no} and permissions = '{watchdogs.serve}'`,
      tells: (page) => page.getByText('在另一台机器的三易目录里运行'),
    },
    by('DELETE /watchdogs/:id', mayAdd, {
      seed: async () => {
        const no = fresh()
        await boss.call('POST', '/api/watchdogs', { name: no })
        return { id: await one(sql`select id as is from api_key where name = ${no}`), no }
      },
      at,
      button: async (page, { no = '' }) =>
        page.getByRole('row').filter({ hasText: no }).getByRole('button', { name: /删除/ }),
      effect: ({ id }) =>
        sql`select count(*)::int as is from api_key where id = ${id} and revoked_at is null`,
      is: 0,
      fill: sure,
      tells: (page) => page.getByText('告警通知').first(),
    }),
  ]
}
