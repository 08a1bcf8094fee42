import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { by, dialogOf, fresh } from './office.ts'
import type { Press, Seeded } from './press.ts'
import type { PressHouse } from './seeds.ts'

const can = ['privacy.erase'] as const

/** Presses for the data of one buyer, by a person with just the permission for it. */
export function privacyPresses({ one }: PressHouse): Press[] {
  const seed = async (): Promise<Seeded> => {
    const no = fresh()
    const id = await one(sql`
      insert into staged_trade (shop_id, tid, state, status, platform_status, trade_type, modified_at, reason, facets)
      select min(id), ${no}, 'processed', 'finished', '', 'normal', now(), '', '{}' from shop returning id as is`)
    return { id, no }
  }
  const at = () => '/privacy'
  const find = async (page: Page, { no = '' }: Seeded) => {
    await page.getByLabel(/^买家昵称/).fill(no)
    return page.locator('[data-action="find-buyer"]')
  }
  const found = async (page: Page, seeded: Seeded) => {
    await (await find(page, seeded)).click()
    await page.getByText('交易和自建订单 1').waitFor()
  }
  const toast = (page: Page) => page.locator('.toast')
  const audited = (action: string) => () =>
    sql<{
      is: unknown
    }>`select detail ->> 'trades' as is from audit_log where action = ${action} order by id desc limit 1`
  return [
    by('POST /privacy/find', can, {
      ...{ action: 'find-buyer', seed, at, button: find },
      effect: audited('privacy.find'),
      is: '1',
      tells: (page) => page.getByText('交易和自建订单 1'),
    }),
    by('POST /privacy/export', can, {
      ...{ action: 'export-buyer', seed, at },
      button: async (page, seeded) => {
        await found(page, seeded)
        return page.locator('[data-action="export-buyer"]')
      },
      effect: audited('privacy.export'),
      is: '1',
      tells: toast,
    }),
    by('POST /privacy/erasures', can, {
      ...{ action: 'erase-buyer', seed, at },
      button: async (page, seeded) => {
        await found(page, seeded)
        await page.locator('[data-action="erase-buyer"]').click()
        await dialogOf(page)
          .getByLabel(/^输入单据数/)
          .fill('1')
        return dialogOf(page).getByRole('button', { name: /^抹去 1 单/ })
      },
      effect: ({ no }) => sql`select count(*)::int as is from erased_trade where tid = ${no}`,
      is: 1,
      tells: toast,
    }),
  ]
}
